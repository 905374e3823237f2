// Creates the HTTP server with bounded connections, and reserves and opens its ports.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createPlainServer } from 'node:net'
import type { AddressInfo, Server as PlainServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Context } from '../../context.ts'
import type { Connections } from './connections.ts'

/**
 * Connections that the system queues until they are accepted; the system's own maximum is 4 096. When the
 * queue is full, the client retries after 1, 2, 4 seconds and so on; Node's default of 511 is too few when
 * all clients reconnect at once.
 */
const backlog = 4_096
const keepAliveTimeoutMs = 65_000
/**
 * An Idempotency-Key and a key are below 1 KB; cookies and tokens from a proxy add up to 8 KB. Read-ahead
 * data is bounded separately.
 */
const headerBytesMax = 16 * 1024
/** How much of a body is read before the handler asks for it. */
const unreadBytesMax = 16 * 1024
/** Failures to accept a connection are logged at most once in this time. */
const reportEveryMs = 10_000

export function createBoundedServer(
  { log, metrics }: Pick<Context, 'log' | 'metrics'>,
  connections: Connections,
  listener: RequestListener,
): Server {
  const options = {
    // Node would count data unread here against the client; `Connections` measures what the client owes.
    requestTimeout: 0,
    headersTimeout: 0,
    maxHeaderSize: headerBytesMax,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Node's own refusal of a request without a host is not in our format; a hook refuses instead.
    requireHostHeader: false,
    highWaterMark: unreadBytesMax,
    // Lets the system detect a peer that vanished silently.
    keepAlive: true,
  }
  const server = createServer(options, connections.listener(listener))
  server.prependListener('connection', (socket) => connections.accept(socket))
  // Runs after Node's own listener, which sets up a new connection first.
  server.on('connection', (socket) => {
    connections.takeOver(socket, (error) => server.emit('clientError', error, socket))
  })
  // An unknown expectation may be ignored; Node's own refusal is not in our format.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  let reportedAt = -Infinity
  // Without a listener, running out of descriptors would end the process.
  server.on('error', (error) => {
    if (!server.listening) return
    metrics.connectionsDropped.inc({ reason: 'not_accepted' })
    const nowMs = performance.now()
    if (nowMs - reportedAt < reportEveryMs) return
    reportedAt = nowMs
    log.error({ err: error }, 'the system gave no connection; the gateway serves on')
  })
  return server
}

/** A port that is already bound, but does not accept clients yet. */
export interface ReservedPort {
  /** Lets a server listen; no other process can take the port in between. Throws what listening throws. */
  handOver(server: Pick<FastifyInstance, 'listen'>): Promise<string>
  release(): void
}

/**
 * Call it before everything else: a start that cannot listen then leaves nothing behind. Connections before
 * the handover are refused. Throws what listening throws.
 */
export async function reservePort({ host, port }: { host: string; port: number }): Promise<ReservedPort> {
  const holder = createPlainServer()
  holder.maxConnections = 0
  const listening = once(holder, 'listening')
  holder.listen({ host, port })
  await listening
  // A failed attempt to refuse a connection must not end the process.
  holder.on('error', () => undefined)
  return {
    async handOver(server) {
      // Node listens on any object with a `_handle`, such as this server; the framework passes it on.
      const { _handle: handle } = holder as PlainServer & {
        readonly _handle: { listen(backlog: number): number }
      }
      const address = await server.listen({ host, port, _handle: handle } as { host: string; port: number })
      // The framework passes no backlog, so Node used its default; set ours.
      handle.listen(backlog)
      return address
    },
    release: () => void holder.close(),
  }
}

const loopback = { v4: '127.0.0.1', v6: '::1' }
const noSuchAddress = new Set<string | undefined>(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])
const closeIdleEveryMs = 50
/** An answer takes milliseconds; remaining connections are cut off after this. */
const closeAllAfterMs = 5_000

/** `localhost` means both loopback addresses, if the machine has both; the framework listens on one. */
export function listenOnBothLoopbacks(app: FastifyInstance, second: Server): void {
  app.addHook('onListen', async () => {
    const { address, port } = app.server.address() as AddressInfo
    const host = address === loopback.v6 ? loopback.v4 : loopback.v6
    const listening = once(second, 'listening')
    second.listen({ host, port, backlog })
    await listening.catch((error: NodeJS.ErrnoException) => {
      // Fine: the machine has only one loopback address.
      if (noSuchAddress.has(error.code)) return
      app.log.warn(
        { err: error, host, port },
        'clients that look for localhost here do not reach this gateway: it listens on the other loopback address alone',
      )
    })
  })
  app.addHook('preClose', async () => {
    const idle = setInterval(() => second.closeIdleConnections(), closeIdleEveryMs)
    const all = setTimeout(() => second.closeAllConnections(), closeAllAfterMs)
    await new Promise<void>((resolve) => second.close(() => resolve()))
    clearInterval(idle)
    clearTimeout(all)
  })
}
