// What a request is about is read while the store is asked whether its key still opens the API: one round trip for both.
import type { FastifyRequest } from 'fastify'

/** A read, and the rights as they stood in the same committed state. */
export interface WithRights<Value> {
  readonly rights: number
  readonly value: Value
}

/** Null: the request names nothing that could be read. */
export type ReadAhead<Value = unknown> = (
  request: FastifyRequest,
  accountId: string,
) => Promise<WithRights<Value>> | null

declare module 'fastify' {
  interface FastifyContextConfig {
    readAhead?: ReadAhead | undefined
  }

  interface FastifyRequest {
    /** What was begun for it; on the request itself, because a map of requests would cost each of them. */
    ahead: Begun | null
  }
}

interface Begun {
  readonly accountId: string
  readonly reading: Promise<WithRights<unknown>>
}

/** Begins what the route reads ahead for an account, and returns the rights as it finds them; null: it reads nothing. */
export function readAhead(request: FastifyRequest, accountId: string): Promise<number> | null {
  const reading = request.routeOptions.config.readAhead?.(request, accountId)
  if (!reading) return null
  request.ahead = { accountId, reading }
  return reading.then(({ rights }) => rights)
}

/** What was read ahead for this account; null: nothing was. */
export function takeReadAhead<Value>(request: FastifyRequest, accountId: string): Promise<Value> | null {
  const found = request.ahead
  return found?.accountId === accountId ? found.reading.then(({ value }) => value as Value) : null
}
