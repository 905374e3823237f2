// Serves what agents read, to anyone: made of the live catalogue, and asked for again only when it has changed.
import { hash } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Context } from '../../../context.ts'
import { originOf } from '../../docs/pages.ts'
import { pageHeaders } from '../../wire/headers/security-headers.ts'
import type { Readers } from './sections.ts'
import { docsText, llmsText, skillName, skillsIndex, skillText } from './texts.ts'

const markdown = 'text/markdown; charset=utf-8'
const wellKnown = '/.well-known/agent-skills'

interface Page {
  readonly paths: readonly string[]
  readonly type: string
  readonly text: (readers: Readers) => string
}

const pages: readonly Page[] = [
  // The second path is where readers of the first edition of the index look.
  { paths: ['/skill.md', `${wellKnown}/${skillName}/SKILL.md`], type: markdown, text: skillText },
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
}

interface Built {
  readonly text: string
  readonly etag: string
}

async function send(reply: FastifyReply, { type }: Page, { text, etag }: Built): Promise<FastifyReply> {
  // Asked again each time: the index and what it has the digest of must be of the same catalogue.
  reply.header('cache-control', 'no-cache').header('etag', etag)
  const known = reply.request.headers['if-none-match'] ?? ''
  if (known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag))
    return await reply.code(304).send()
  return await reply.type(type).send(text)
}

/** Built once for each version of the catalogue, for the reader's URL of the last reader. */
function createBuilt(ctx: Context, { text }: Page): (origin: string) => Built {
  let last: (Built & { readonly version: number; readonly origin: string }) | null = null
  return (origin) => {
    const { current: catalog, version } = ctx.catalog
    if (last?.version !== version || last.origin !== origin) {
      const { surfaces, testKeys } = ctx.config
      const made = text({ catalog, origin, hasMcp: surfaces.mcp, hasTestKeys: testKeys !== null })
      last = { version, origin, text: made, etag: `"${hash('sha256', made).slice(0, 32)}"` }
    }
    return last
  }
}
