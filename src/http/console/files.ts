// The files that `npm run build:console` makes, as they are sent: packed, and not again to who has them.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ownFiles } from '../../own-files.ts'
import { isKnown } from '../wire/headers/etag.ts'

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

export interface BuiltFile {
  readonly type: string
  readonly bytes: Buffer
  readonly packed: Buffer
  readonly etag: string
}

export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: BuiltFile,
): Promise<FastifyReply> {
  const vary = [reply.getHeader('vary') ?? [], 'accept-encoding'].flat().join(', ')
  reply.header('vary', vary).header('etag', file.etag).type(file.type)
  if (isKnown(request, file.etag)) return await reply.code(304).send()
  const isPacked = /\bgzip\b/.test((request.headers['accept-encoding'] ?? '').slice(0, 256))
  if (isPacked) reply.header('content-encoding', 'gzip')
  return await reply.send(isPacked ? file.packed : file.bytes)
}

/** Reads the built files when they are first asked for: most gateways answer programs alone. */
export function createFiles(): () => Promise<ReadonlyMap<string, BuiltFile>> {
  let reading: Promise<ReadonlyMap<string, BuiltFile>> | undefined
  return async () => {
    reading ??= readFiles().catch((error: unknown) => {
      reading = undefined
      throw error
    })
    return await reading
  }
}

const pack = promisify(gzip)

async function readFiles(): Promise<Map<string, BuiltFile>> {
  const files = new Map<string, BuiltFile>()
  const names = await readdir(ownFiles.console, { recursive: true }).catch(() => [])
  for (const name of names.map((each) => each.replaceAll('\\', '/'))) {
    const type = types[name.split('.').at(-1) ?? '']
    if (type === undefined) continue
    const bytes = await readFile(new URL(name, ownFiles.console))
    files.set(name, await asFile(type, bytes))
  }
  return files
}

/** Also of a file that is put together of others. */
export async function asFile(type: string, bytes: Buffer): Promise<BuiltFile> {
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
  return { type, bytes, packed: await pack(bytes, { level: 9 }), etag }
}
