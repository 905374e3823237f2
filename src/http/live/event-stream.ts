// What every stream of Server-Sent Events is made of: its head, its pieces and its end, on a detached connection.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { StreamSocket } from '../connections/detach.ts'
import { eventStream } from '../route.ts'

/** Shorter than the idle timeout of common proxies. */
export const heartbeatMs = 15_000
/** How long a client should wait before it reconnects. */
export const retryMs = 2_000
/** How long a client has to read the end of a stream before its connection is cut off. */
const endMaxMs = 5_000

export interface EventStream {
  readonly socket: StreamSocket
  readonly isChunked: boolean
}

export function headOf(request: FastifyRequest, reply: FastifyReply): string {
  const headers = { ...reply.getHeaders(), 'content-type': eventStream, connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`)
  if (request.raw.httpVersion !== '1.0') lines.push('transfer-encoding: chunked')
  lines.push(`date: ${new Date().toUTCString()}`)
  return `HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\n`
}

export function sendText({ socket, isChunked }: EventStream, text: string): void {
  if (socket.destroyed) return
  socket.write(isChunked ? `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n` : text)
}

export function endStream({ socket, isChunked }: EventStream): void {
  if (socket.destroyed) return
  if (isChunked) socket.write('0\r\n\r\n')
  socket.destroySoon()
  setTimeout(() => socket.destroy(), endMaxMs).unref()
}
