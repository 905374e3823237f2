// Serves the console's pages: one document for all of its addresses, and the files that it loads.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { sendFailure } from '../wire/failure.ts'
import { pageHeaders } from '../wire/headers/security-headers.ts'
import { createFiles, sendFile } from './files.ts'

/** Named by what is in them. */
const forEver = 'public, max-age=31536000, immutable'
const fileName = /^[\w.-]+\.(?:css|js)$/

/** Below the console, but no page of it: what is not there is said in the API's words. */
const ofApis = /^\/console\/(?:api|admin|assets|sessions?|password)(?:[/?]|$)/

export function addConsolePages(app: FastifyInstance, ctx: Context): void {
  const fixed = pageHeaders().filter(([name]) => name !== 'content-security-policy')
  const policy = policyFor(ctx)
  const files = createFiles()
  app.addHook('onRequest', (_request, reply, done) => {
    for (const [name, value] of fixed) reply.header(name, value)
    reply.header('content-security-policy', policy)
    done()
  })
  app.get<{ Params: { file: string } }>('/console/assets/:file', async (request, reply) => {
    const { file: name } = request.params
    const file = fileName.test(name) ? (await files()).get(`assets/${name}`) : undefined
    if (!file) return await sendFailure(reply, noSuchFile(), 404)
    reply.header('cache-control', forEver)
    return await sendFile(request, reply, file)
  })
  const page = async (request: FastifyRequest, reply: FastifyReply) => {
    const document = (await files()).get('index.html')
    if (!document) return await sendFailure(reply, notBuilt(), 503)
    const text = document.bytes
      .toString()
      .replaceAll('"./', `"${wayToConsole(request.url)}`)
      .replace('name="public-url" content=""', `name="public-url" content="${ctx.config.publicUrl ?? ''}"`)
      .replace('content="UTC"', `content="${ctx.config.reporting.timeZone}"`)
    return await reply.type(document.type).header('cache-control', 'no-cache').send(text)
  }
  app.get('/console', page)
  app.get('/console/*', async (request, reply) =>
    ofApis.test(request.url) ? reply.callNotFound() : await page(request, reply),
  )
}

/** From an address of the console: relative, so that it also holds behind a proxy that serves it below a path. */
function wayToConsole(url: string): string {
  const [path = ''] = url.split('?')
  const below = path.slice('/console'.length).split('/').length - 1
  return below === 0 ? 'console/' : below === 1 ? './' : '../'.repeat(below - 1)
}

/**
 * Scripts and styles are ours alone, and no text becomes either. Results are shown from where they are kept: from this
 * host, or from wherever their URLs lead if results are passed on.
 */
function policyFor({ config: { media, publicUrl } }: Context): string {
  const results =
    media.store === 'none' || publicUrl === null ? ' https: http:' : ` ${new URL(publicUrl).origin}`
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' data: blob:${results}`,
    `media-src 'self'${results}`,
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

const noSuchFile = () =>
  new GatewayError('not_found', {
    en: 'The console has no such file. Load its page again: after an update its files have other names.',
    zh: '控制台没有这个文件。更新后文件名会改变,请重新加载页面。',
  })

const notBuilt = () =>
  new GatewayError('unavailable', {
    en: 'The console is not built in this checkout. Run npm run build:console, then load this page again.',
    zh: '此检出版本尚未构建控制台。请运行 npm run build:console 后重新加载页面。',
  })
