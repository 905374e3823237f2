// Sends one request on a connection of its own, which is closed after the answer.
import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'

interface SingleUse {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** A stream goes with a `content-length`. */
  readonly body: string | Uint8Array | Readable | null
  /** Includes the TLS handshake. */
  readonly connectTimeoutMs: number
}

/** What is told of the exchange, in the names and the order of undici's dispatch handlers. */
export interface Exchange {
  /** Just before the first byte of the request goes to the connected socket. */
  onRequestStart(controller: { abort(reason: Error): void }): void
  onResponseStart(controller: null, status: number, headers: IncomingMessage['headers']): void
  onResponseData(controller: null, chunk: Buffer): void
  onResponseEnd(): void
  /** May be called after the end, or more than once: the first one counts. */
  onResponseError(controller: null, error: Error): void
  /** Resolves when nothing more is wanted. */
  readonly result: Promise<unknown>
}

/**
 * Connects first and only then makes the request: before `onRequestStart`, certainly nothing was sent. node:http
 * costs a third less CPU here than undici, which makes an error with a stack for each connection that it closes
 * (docs/decisions/0060).
 */
export function connectAndSend(call: SingleUse, watched: Exchange): void {
  const url = new URL(call.url)
  const { socket, ready } = connectTo(url)
  const timer = setTimeout(() => {
    watched.onResponseError(null, new Error(`no connection in ${call.connectTimeoutMs} ms`))
    socket.destroy()
  }, call.connectTimeoutMs)
  socket.on('error', (error) => watched.onResponseError(null, error))
  // Listened for from the start: a stream may fail while the connection is being made.
  if (call.body instanceof Readable) {
    call.body.on('error', (error) => {
      watched.onResponseError(null, error)
      socket.destroy()
    })
  }
  // A connection that ends without an error, before an answer was read, is one that broke.
  socket.once('close', () => {
    clearTimeout(timer)
    watched.onResponseError(null, closedEarly)
  })
  // A call that is given up while it connects needs the connection no longer.
  let isReady = false
  void watched.result.then(() => isReady || socket.destroy())
  socket.once(ready, () => {
    clearTimeout(timer)
    isReady = true
    let request: ClientRequest | undefined
    watched.onRequestStart({
      abort: (reason) => {
        request?.destroy(reason)
        socket.destroy()
      },
    })
    if (socket.destroyed) return
    try {
      request = send(call, { url, socket }, watched)
    } catch (error) {
      watched.onResponseError(null, error instanceof Error ? error : new Error(String(error)))
      socket.destroy()
    }
  })
}

/** Made once: an error with a stack for each closed connection would cost more than the rest of its end. */
const closedEarly = Object.assign(new Error('the connection was closed before the answer ended'), {
  code: 'ECONNRESET',
})

interface Connected {
  readonly url: URL
  readonly socket: Socket
}

/** The last TLS session of each host: a handshake that resumes one is a round trip shorter. */
const sessions = new Map<string, Buffer>()
const sessionsMax = 100

function connectTo({ protocol, hostname, port, host }: URL): {
  readonly socket: Socket
  readonly ready: 'connect' | 'secureConnect'
} {
  const name = hostname.replace(/^\[|\]$/g, '')
  if (protocol === 'http:') {
    const to = { host: name, port: port === '' ? 80 : Number(port), noDelay: true }
    return { socket: connectTcp(to), ready: 'connect' }
  }
  const session = sessions.get(host)
  const socket = connectTls({
    host: name,
    port: port === '' ? 443 : Number(port),
    ALPNProtocols: ['http/1.1'],
    ...(isIP(name) === 0 && { servername: name }),
    ...(session && { session }),
  })
  socket.setNoDelay(true)
  socket.on('session', (newest) => {
    sessions.delete(host)
    if (sessions.size >= sessionsMax) sessions.clear()
    sessions.set(host, newest)
  })
  return { socket, ready: 'secureConnect' }
}

function send(
  { method, headers, body }: SingleUse,
  { url, socket }: Connected,
  watched: Exchange,
): ClientRequest {
  const isStream = body instanceof Readable
  const length = isStream || body === null ? null : Buffer.byteLength(body)
  const request = httpRequest({
    createConnection: () => socket,
    method,
    path: url.pathname + url.search,
    headers: { host: url.host, ...headers, ...(length !== null && { 'content-length': length }) },
  })
  request.on('error', (error) => watched.onResponseError(null, error))
  request.once('response', (response: IncomingMessage) => {
    watched.onResponseStart(null, response.statusCode ?? 0, response.headers)
    response.on('data', (chunk: Buffer) => watched.onResponseData(null, chunk))
    response.once('end', () => watched.onResponseEnd())
    response.on('error', (error) => watched.onResponseError(null, error))
  })
  if (isStream) body.pipe(request)
  else request.end(body ?? undefined)
  return request
}
