// Documentation pages for API users: the short page, the full reference, and the OpenAPI documents.
import { randomBytes } from 'node:crypto'
import reference from '@scalar/fastify-api-reference'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { docsPage, docsStyle } from './docs-page.ts'
import { clientDocument, operatorDocument } from './documents.ts'
import { openApiText } from './openapi.ts'
import type { Routes } from '../route.ts'
import { pageHeaders } from '../wire/headers/security-headers.ts'

const referencePath = '/docs/reference'

/** `changing`: depends on the catalogue and the configuration. `lasting`: depends on the version only. */
const changing = ['cache-control', 'no-cache'] as const
const lasting = ['cache-control', 'public, max-age=3600'] as const

export async function addPages(app: FastifyInstance, ctx: Context, routes: Routes): Promise<void> {
  const fixed = pageHeaders()
  app.addHook('onRequest', (_request, reply, done) => {
    for (const [name, value] of fixed) reply.header(name, value)
    done()
  })
  addDocuments(app, ctx, routes)

  app.get('/docs', async (request, reply) => {
    reply.header(
      'content-security-policy',
      "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    const { surfaces, testKeys } = ctx.config
    const place = { origin: originOf(ctx, request), root: rootOf(ctx), surfaces, hasTestKeys: testKeys !== null }
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
        .header(...lasting)
        .send(docsStyle),
  )
  // Relative, so that they also work behind a proxy that serves the gateway under a path of its own.
  app.get('/', async (_request, reply) => await reply.redirect('docs'))
  app.get('/docs/', async (_request, reply) => await reply.redirect('../docs'))

  await app.register(async (scope) => {
    const nonce = randomBytes(16).toString('base64')
    scope.addHook('onRequest', async (request, reply) => {
      const path = request.url.split('?')[0]
      // The library's own redirect uses an absolute path.
      if (path === referencePath) return await reply.redirect('reference/')
      reply.header('content-security-policy', referencePolicy(nonce))
      const [name, value] = path === `${referencePath}/` ? changing : lasting
      reply.header(name, value)
    })
    await scope.register(reference, {
      routePrefix: referencePath,
      logLevel: 'warn',
      configuration: {
        nonce,
        // Relative to referencePath.
        url: '../../openapi.json',
        pageTitle: 'tollgate API reference',
        // Nothing on this page may call another host.
        telemetry: false,
        withDefaultFonts: false,
        agent: { disabled: true },
        mcp: { disabled: true },
        proxyUrl: '',
        showDeveloperTools: 'never',
        hideClientButton: true,
      },
    })
  })
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

/** The reference adds styles from its script; only scripts from here with this process's nonce may run. */
function referencePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** The gateway's URL as the reader sees it, so that pasted examples work. */
export function originOf(ctx: Context, request: FastifyRequest): string {
  return ctx.config.publicUrl ?? `${request.protocol}://${request.host}`
}

/**
 * Prefix of the links on `/docs`: the root; or, if PUBLIC_URL has a path (which the proxy in front removes),
 * relative to the page, so that they work with and without the proxy.
 */
function rootOf({ config: { publicUrl } }: Context): string {
  return publicUrl === null || new URL(publicUrl).pathname === '/' ? '/' : ''
}
