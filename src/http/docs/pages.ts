// Documentation pages for API users: the short page, the full reference, and the OpenAPI documents.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { noticeAt } from '../../config/brand.ts'
import { docsPage } from './docs-page.ts'
import { clientDocument, operatorDocument } from './documents.ts'
import { openApiText } from './openapi.ts'
import { addReference } from './reference.ts'
import type { Routes } from '../route.ts'
import { addressOf } from '../surfaces/origin.ts'
import { docsStyle } from './style.ts'
import { changing } from './caching.ts'
import { pageHeaders } from '../wire/headers/security-headers.ts'

export function addPages(app: FastifyInstance, ctx: Context, routes: Routes): void {
  const fixed = pageHeaders()
  app.addHook('onRequest', (_request, reply, done) => {
    for (const [name, value] of fixed) reply.header(name, value)
    done()
  })
  addDocuments(app, ctx, routes)

  app.get('/docs', async (request, reply) => {
    reply.header(
      'content-security-policy',
      "default-src 'none'; img-src 'self'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    const { surfaces, testKeys } = ctx.config
    const { brand } = ctx.catalog.offer
    const notice = noticeAt(brand, ctx.clock.now())
    const [origin, root] = [originOf(ctx, request), rootOf(ctx)]
    const place = { origin, root, surfaces, hasTestKeys: testKeys !== null, brand, notice }
    return await reply
      .type('text/html; charset=utf-8')
      .header(...changing)
      .send(docsPage(ctx.catalog.current, place))
  })
  app.get(
    '/docs/style.css',
    async (_request, reply) =>
      await reply
        .type('text/css')
        .header(...changing)
        .send(docsStyle(ctx.catalog.offer.brand)),
  )
  // Relative, so that they also work behind a proxy that serves the gateway under a path of its own.
  app.get('/', async (_request, reply) => await reply.redirect('docs'))
  app.get('/docs/', async (_request, reply) => await reply.redirect('../docs'))

  addReference(app, ctx)
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
