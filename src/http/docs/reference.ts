// The full reference under `/docs/reference/`: a library's page, which is loaded when somebody opens it.
import { randomBytes } from 'node:crypto'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { nameOf } from '../../config/brand.ts'
import type { Context } from '../../context.ts'
import { changing, lasting } from './caching.ts'

const referencePath = '/docs/reference'

/** Its script has megabytes: a gateway whose reference nobody reads does without. */
export function addReference(app: FastifyInstance, ctx: Context): void {
  const nonce = randomBytes(16).toString('base64')
  const policy = referencePolicy(nonce)
  let loaded: { readonly title: string; readonly pages: Promise<FastifyInstance> } | undefined
  // Relative, so that it also works behind a proxy that serves the gateway under a path of its own.
  app.get(referencePath, async (_request, reply) => await reply.redirect('reference/'))
  app.get(`${referencePath}/*`, async (request, reply) => {
    const title = `${nameOf(ctx.catalog.offer.brand).en} API reference`
    if (loaded?.title !== title) loaded = { title, pages: load(nonce, title) }
    const { statusCode, headers, rawPayload } = await (await loaded.pages).inject({ url: request.url })
    const path = request.url.split('?')[0]
    const [name, value] = path === `${referencePath}/` ? changing : lasting
    return await reply
      .code(statusCode)
      .header('content-type', headers['content-type'])
      .header('content-security-policy', policy)
      .header(name, value)
      .send(rawPayload)
  })
}

async function load(nonce: string, title: string): Promise<FastifyInstance> {
  const { default: reference } = await import('@scalar/fastify-api-reference')
  const pages = fastify()
  await pages.register(reference, {
    routePrefix: referencePath,
    logLevel: 'warn',
    configuration: {
      nonce,
      // Relative to referencePath.
      url: '../../openapi.json',
      pageTitle: title,
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
  await pages.ready()
  return pages
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
