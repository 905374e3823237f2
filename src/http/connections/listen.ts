// Makes the HTTP server whose connections are bounded, and lets it listen.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createPlainServer } from 'node:net'
import type { AddressInfo, Server as PlainServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Context } from '../../context.ts'
import type { Connections } from './connections.ts'

/**
 * Connections that the system keeps until they are accepted; it has 4 096 at most itself. When there is no room for
 * one its client tries again after 1, 2, 4 seconds and so on, and Node's 511 are few when all clients come back at once.
 */
const backlog = 4_096
const keepAliveTimeoutMs = 65_000
/** An Idempotency-Key and a key are below 1 KB, cookies and tokens that a proxy adds up to 8 KB; all that is read ahead is bounded anyhow. */
const headerBytesMax = 16 * 1024
/** What is read of a body before it is wanted. */
const unreadBytesMax = 16 * 1024
/** That the system gives no connection is logged once in this time, however often it happens. */
const reportEveryMs = 10_000

export function createBoundedServer(
  { log, metrics }: Pick<Context, 'log' | 'metrics'>,
  connections: Connections,
  listener: RequestListener,
): Server {
  const options = {
    // Node would blame a client for what lies here unread; its time is taken where it is known what it owes.
    requestTimeout: 0,
    headersTimeout: 0,
    maxHeaderSize: headerBytesMax,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Node's own refusal of a request without a host would be no answer of ours; a hook refuses instead.
    requireHostHeader: false,
    highWaterMark: unreadBytesMax,
    // A peer that vanished without a word is noticed by the system.
    keepAlive: true,
  }
  const server = createServer(options, connections.listener(listener))
  server.prependListener('connection', (socket) => connections.accept(socket))
  // After Node's own listener, which has the first word on a new connection.
  server.on('connection', (socket) => {
    connections.releaseLeases(socket, (error) => server.emit('clientError', error, socket))
  })
  // An expectation that is not known may be passed over; Node's own refusal would be no answer of ours.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  let reportedAt = -Infinity
  // Without a listener, a system that is out of descriptors would end the process.
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

/** A port that is ours already, though nobody is let in yet. */
export interface ReservedPort {
  /** Lets a server listen there, and nobody else take it in between. Throws what listening throws. */
  handOver(server: Pick<FastifyInstance, 'listen'>): Promise<string>
  release(): void
}

/**
 * Taken before anything else is done: a start that cannot listen leaves nothing behind. Whoever connects before the
 * server has it is turned away. Throws what listening throws.
 */
export async function reservePort({ host, port }: { host: string; port: number }): Promise<ReservedPort> {
  const holder = createPlainServer()
  holder.maxConnections = 0
  const listening = once(holder, 'listening')
  holder.listen({ host, port })
  await listening
  // Somebody who could not be turned away is no reason to end.
  holder.on('error', () => undefined)
  return {
    async handOver(server) {
      // Node listens on whatever has a handle, as this server has; the framework passes it on.
      const { _handle: handle } = holder as PlainServer & {
        readonly _handle: { listen(backlog: number): number }
      }
      const address = await server.listen({ host, port, _handle: handle } as { host: string; port: number })
      // Without the length of its queue, for which Node then takes its own.
      handle.listen(backlog)
      return address
    },
    release: () => void holder.close(),
  }
}

const loopback = { v4: '127.0.0.1', v6: '::1' }
const noSuchAddress = new Set<string | undefined>(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])
const closeIdleEveryMs = 50
/** An answer takes milliseconds; then the rest is cut off. */
const closeAllAfterMs = 5_000

/** `localhost` is both loopback addresses, where the machine has both; the framework listens on one of them. */
export function listenOnBothLoopbacks(app: FastifyInstance, second: Server): void {
  app.addHook('onListen', async () => {
    const { address, port } = app.server.address() as AddressInfo
    const host = address === loopback.v6 ? loopback.v4 : loopback.v6
    const listening = once(second, 'listening')
    second.listen({ host, port, backlog })
    await listening.catch((error: NodeJS.ErrnoException) => {
      // It takes one where there is no other.
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
