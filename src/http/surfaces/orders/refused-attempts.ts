// Remembers which requests were told to try again: their retries have no order of theirs to look for.
import { hash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export interface RefusedAttempts {
  /** Whether an attempt of this client with this retry count was refused; each counts once. */
  take(client: string, retryCount: number): boolean
  /** Call it for an attempt that has an order, or may have one: its answer is no refusal. */
  ordered(request: FastifyRequest): void
}

/** SDKs try again within a minute. */
const keptForMs = 120_000
/** The oldest are forgotten first. */
const keptMax = 10_000
const ofAttemptMax = 1_000
const retryStatuses = new Set([429, 500, 503])

/**
 * The key, the path and the length of the body: a client's request is refused before it is known what it orders, and
 * its retries are as long as it was.
 */
export const clientOf = ({ headers, url }: FastifyRequest): string =>
  hash('sha256', `${headers.authorization ?? ''} ${url} ${headers['content-length'] ?? ''}`)

/** As the SDKs count their retries; 0 for the first attempt, and for clients that do not count. */
export function retryCountOf({ headers }: FastifyRequest): number {
  const told = String(headers['x-stainless-retry-count'] ?? '')
  return /^\d{1,3}$/.test(told) ? Number(told) : 0
}

export function rememberRefusedAttempts(
  scope: FastifyInstance,
  now: () => number = () => performance.now(),
): RefusedAttempts {
  const refused = new Map<string, number[]>()
  const withOrder = new WeakSet<FastifyRequest>()
  const nameOf = (client: string, retryCount: number) => `${retryCount} ${client}`
  scope.addHook('onResponse', (request, reply, done) => {
    // Strangers' requests are no attempts of a customer.
    if (
      request.caller !== null &&
      request.method === 'POST' &&
      retryStatuses.has(reply.statusCode) &&
      !withOrder.has(request)
    ) {
      const name = nameOf(clientOf(request), retryCountOf(request))
      const times = (refused.get(name) ?? []).filter((atMs) => now() - atMs < keptForMs)
      times.push(now())
      if (times.length > ofAttemptMax) times.shift()
      refused.delete(name)
      refused.set(name, times)
      for (const oldest of refused.keys()) {
        if (refused.size <= keptMax) break
        refused.delete(oldest)
      }
    }
    done()
  })
  return {
    take(client, retryCount) {
      const name = nameOf(client, retryCount)
      const times = (refused.get(name) ?? []).filter((atMs) => now() - atMs < keptForMs)
      const isFound = times.shift() !== undefined
      if (times.length === 0) refused.delete(name)
      else refused.set(name, times)
      return isFound
    },
    ordered: (request) => void withOrder.add(request),
  }
}
