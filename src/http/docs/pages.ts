// Documentation pages for API users: the short page, the full reference, and the OpenAPI documents.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { noticeAt } from '../../config/brand.ts'
import type { Brand } from '../../config/brand.ts'
import { docsPage } from './page/docs-page.ts'
import { homePage } from './page/home.ts'
import type { Place } from './page/place.ts'
import { brandStyle } from './page/style.ts'
import { clientDocument, operatorDocument } from './documents.ts'
import { openApiText } from './openapi.ts'
import { addReference } from './reference.ts'
import type { Routes } from '../route.ts'
import { addressOf } from '../surfaces/origin.ts'
import { changing, lasting } from './caching.ts'
import { asFile, createFiles, sendFile } from '../console/files.ts'
import type { BuiltFile } from '../console/files.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { pageHeaders } from '../wire/headers/security-headers.ts'
import { languageOf } from '../wire/language.ts'
import type { Language } from '../wire/language.ts'

export function addPages(app: FastifyInstance, ctx: Context, routes: Routes): void {
  const fixed = pageHeaders()
  app.addHook('onRequest', (_request, reply, done) => {
    for (const [name, value] of fixed) reply.header(name, value)
    done()
  })
  addDocuments(app, ctx, routes)

  addReading(app, ctx)
  addHome(app, ctx)
  // Relative, so that they also work behind a proxy that serves the gateway under a path of its own.
  app.get('/docs/', async (_request, reply) => await reply.redirect('../docs'))

  addReference(app, ctx)
}

/** The documentation for people, and the two files that their pages load. */
function addReading(app: FastifyInstance, ctx: Context): void {
  const files = createFiles()
  const docs = createPage(ctx, docsPage)
  app.get('/docs', async (request, reply) => await sendPage(reply, await docs(request)))
  const style = createStyle(ctx, files)
  app.get('/docs/style.css', async (request, reply) =>
    sendFile(request, reply.header(...changing), await style()),
  )
  app.get('/docs/page.js', async (request, reply) => {
    const script = (await files()).get('docs/docs.js')
    if (!script) return reply.callNotFound()
    return await sendFile(request, reply.header(...changing), script)
  })
}

/**
 * Most who come to a gateway are its customers, who want to sign in: `/` leads there, unless the operator chose a page
 * that also strangers may read. Only then search engines are let in.
 */
function addHome(app: FastifyInstance, ctx: Context): void {
  const isPublic = ctx.config.console.home === 'public'
  const home = createPage(ctx, homePage)
  app.get('/', async (request, reply) =>
    isPublic
      ? await sendPage(reply, await home(request))
      : await reply.header(...changing).redirect('console'),
  )
  const allowed = isPublic ? readable.map((path) => `Allow: ${path}\n`).join('') : ''
  app.get(
    '/robots.txt',
    async (_request, reply) =>
      await reply
        .type('text/plain; charset=utf-8')
        .header(...lasting)
        .send(`User-agent: *\n${allowed}Disallow: /\n`),
  )
}

/** `$`: this very address. */
const readable = ['/$', '/?lang=', '/docs', '/brand/', '/llms.txt', '/skill.md', '/openapi.json']

/** No text becomes a script or a style, and no other host is asked. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

/** It is the same for everybody who speaks one language: caches may keep it, and ask whether it is still this one. */
async function sendPage(reply: FastifyReply, page: BuiltFile): Promise<FastifyReply> {
  reply.headers({ 'content-security-policy': policy, vary: 'accept-language' }).header(...changing)
  return await sendFile(reply.request, reply, page)
}

/** What callers by other addresses than these read is made for each of them. */
const pagesMax = 16

/** Made anew when what it is made of has changed. */
function createPage(
  ctx: Context,
  write: (catalog: Catalog, place: Place) => string,
): (request: FastifyRequest) => Promise<BuiltFile> {
  const made = new Map<string, Promise<BuiltFile>>()
  return async (request) => {
    const place = placeOf(ctx, request)
    const of = `${ctx.catalog.version} ${place.notice === null ? 'quiet' : 'notice'} ${place.language} ${place.origin}`
    const kept = made.get(of)
    if (kept) return await kept
    const html = Buffer.from(write(ctx.catalog.current, place))
    const page = asFile('text/html; charset=utf-8', html)
    // The oldest goes: of a catalogue of before, or of an address that somebody has made up.
    const [oldest] = made.keys()
    if (made.size >= pagesMax && oldest !== undefined) made.delete(oldest)
    made.set(of, page)
    return await page
  }
}

/** What is built, with the colour of the brand. */
function createStyle(ctx: Context, files: ReturnType<typeof createFiles>): () => Promise<BuiltFile> {
  let last: { readonly brand: Brand; readonly style: Promise<BuiltFile> } | undefined
  return async () => {
    const built = (await files()).get('docs/docs.css')?.bytes ?? Buffer.from('')
    const { brand } = ctx.catalog.offer
    if (last?.brand !== brand) {
      const style = Buffer.concat([built, Buffer.from(brandStyle(brand))])
      last = { brand, style: asFile('text/css; charset=utf-8', style) }
    }
    return await last.style
  }
}

function placeOf(ctx: Context, request: FastifyRequest): Place {
  const { surfaces, testKeys, webhooks } = ctx.config
  const { brand } = ctx.catalog.offer
  return {
    origin: originOf(ctx, request),
    root: rootOf(ctx),
    language: languageFor(request),
    surfaces,
    webhooks,
    hasTestKeys: testKeys !== null,
    brand,
    notice: noticeAt(brand, ctx.clock.now()),
  }
}

/** As the address says, else as the browser does. */
function languageFor({ query, headers }: FastifyRequest): Language {
  const { lang } = query as { readonly lang?: unknown }
  if (lang === 'en' || lang === 'zh') return lang
  return languageOf(headers['accept-language']) ?? 'en'
}

/**
 * Both are open to whoever reaches them, as generators of clients need it. They hold nothing of this gateway but
 * the models on sale; a proxy that closes `/admin/` closes the operator's.
 */
function addDocuments(app: FastifyInstance, ctx: Context, { endpoints }: Routes): void {
  const { surfaces } = app
  for (const [path, plan] of [
    ['/openapi.json', clientDocument],
    ['/admin/openapi.json', operatorDocument],
  ] as const) {
    const document = openApiText(ctx, { surfaces, endpoints, plan })
    app.get(
      path,
      async (_request, reply) =>
        await reply
          .type('application/json')
          .header(...changing)
          .send(await document()),
    )
  }
}

/** The gateway's URL as the reader sees it, so that pasted examples work. */
export function originOf(ctx: Context, request: FastifyRequest): string {
  return ctx.config.publicUrl ?? addressOf(request)
}

/**
 * Prefix of the links on `/docs`: the root; or, if PUBLIC_URL has a path (which the proxy in front removes),
 * relative to the page, so that they work with and without the proxy.
 */
function rootOf({ config: { publicUrl } }: Context): string {
  return publicUrl === null || new URL(publicUrl).pathname === '/' ? '/' : ''
}
