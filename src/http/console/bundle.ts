// Serves the console's pages: one document for all of its addresses, and the files that it loads.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { ownFiles } from '../../own-files.ts'
import { sendFailure } from '../wire/failure.ts'
import { pageHeaders } from '../wire/headers/security-headers.ts'

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

interface File {
  readonly type: string
  readonly bytes: Buffer
  readonly packed: Buffer
  readonly etag: string
}

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
    return await send(request, reply, file)
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

async function send(request: FastifyRequest, reply: FastifyReply, file: File): Promise<FastifyReply> {
  reply.header('vary', 'accept-encoding').header('etag', file.etag).type(file.type)
  if (request.headers['if-none-match'] === file.etag) return await reply.code(304).send()
  const isPacked = /\bgzip\b/.test((request.headers['accept-encoding'] ?? '').slice(0, 256))
  if (isPacked) reply.header('content-encoding', 'gzip')
  return await reply.send(isPacked ? file.packed : file.bytes)
}

/** Reads the built files when they are first asked for: most gateways answer programs alone. */
function createFiles(): () => Promise<ReadonlyMap<string, File>> {
  let reading: Promise<ReadonlyMap<string, File>> | undefined
  return async () => {
    reading ??= readFiles().catch((error: unknown) => {
      reading = undefined
      throw error
    })
    return await reading
  }
}

const pack = promisify(gzip)

async function readFiles(): Promise<Map<string, File>> {
  const files = new Map<string, File>()
  const names = await readdir(ownFiles.console, { recursive: true }).catch(() => [])
  for (const name of names.map((each) => each.replaceAll('\\', '/'))) {
    const type = types[name.split('.').at(-1) ?? '']
    if (type === undefined) continue
    const bytes = await readFile(new URL(name, ownFiles.console))
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    files.set(name, { type, bytes, packed: await pack(bytes, { level: 9 }), etag })
  }
  return files
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
