// Serves what agents read, to anyone: made of the live catalogue, and asked for again only when it has changed.
import { hash } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Context } from '../../../context.ts'
import { originOf } from '../../docs/pages.ts'
import { isKnown } from '../../wire/headers/etag.ts'
import { pageHeaders } from '../../wire/headers/security-headers.ts'
import { sendFailure } from '../../wire/failure.ts'
import { noSuchPath } from '../../wire/refusals.ts'
import type { Readers } from './sections.ts'
import { slugOf } from '../../../config/brand.ts'
import { docsText, llmsText, skillsIndex, skillText } from './texts.ts'

const markdown = 'text/markdown; charset=utf-8'
const wellKnown = '/.well-known/agent-skills'

interface Page {
  readonly paths: readonly string[]
  readonly type: string
  readonly text: (readers: Readers) => string
}

const pages: readonly Page[] = [
  { paths: ['/skill.md'], type: markdown, text: skillText },
  { paths: ['/docs.md'], type: markdown, text: docsText },
  { paths: ['/llms.txt'], type: 'text/plain; charset=utf-8', text: llmsText },
  { paths: [`${wellKnown}/index.json`], type: 'application/json; charset=utf-8', text: skillsIndex },
]

export function addSkillPages(scope: FastifyInstance, ctx: Context): void {
  const headers = pageHeaders()
  scope.addHook('onRequest', (_request, reply, done) => {
    for (const [name, value] of headers) reply.header(name, value)
    done()
  })
  for (const page of pages) {
    const built = createBuilt(ctx, page)
    for (const path of page.paths) {
      scope.get(path, async (request, reply) => await send(reply, page, built(originOf(ctx, request))))
    }
  }
  addFirstEdition(scope, ctx)
}

/** Where readers of the first edition of the index look for the skill: under its name, which is the brand's. */
function addFirstEdition(scope: FastifyInstance, ctx: Context): void {
  const page: Page = { paths: [], type: markdown, text: skillText }
  const built = createBuilt(ctx, page)
  scope.get<{ Params: { readonly name: string } }>(`${wellKnown}/:name/SKILL.md`, async (request, reply) => {
    if (request.params.name === slugOf(ctx.catalog.offer.brand))
      return await send(reply, page, built(originOf(ctx, request)))
    await sendFailure(reply, noSuchPath(), 404)
    return reply
  })
}

interface Built {
  readonly text: string
  readonly etag: string
}

async function send(reply: FastifyReply, { type }: Page, { text, etag }: Built): Promise<FastifyReply> {
  // Asked again each time: the index and what it has the digest of must be of the same catalogue.
  reply.header('cache-control', 'no-cache').header('etag', etag)
  if (isKnown(reply.request, etag)) return await reply.code(304).send()
  return await reply.type(type).send(text)
}

/** Built once for each version of the catalogue and the brand, for the reader's URL of the last reader. */
function createBuilt(ctx: Context, { text }: Page): (origin: string) => Built {
  let last: (Built & { readonly version: number; readonly origin: string }) | null = null
  return (origin) => {
    const { current: catalog, version, offer } = ctx.catalog
    if (last?.version !== version || last.origin !== origin) {
      const { surfaces, testKeys } = ctx.config
      const { brand } = offer
      const made = text({ catalog, origin, brand, hasMcp: surfaces.mcp, hasTestKeys: testKeys !== null })
      last = { version, origin, text: made, etag: `"${hash('sha256', made).slice(0, 32)}"` }
    }
    return last
  }
}
