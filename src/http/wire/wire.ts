// How one surface of the API speaks: the bodies of its answers and refusals, its statuses, and words for its callers.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { GatewayError, Text } from '../../errors.ts'

export interface Wire {
  /** The body of an answer that went well. */
  success(request: FastifyRequest, data: unknown, msg?: Text): unknown
  /** The body of a refusal. */
  failure(request: FastifyRequest, failure: GatewayError): unknown
  /** The HTTP status of a refusal. */
  status(failure: GatewayError): number
  readonly words: WireWords
}

/** Callers of each surface have something else that they can do next. */
export interface WireWords {
  unauthorized(): GatewayError
  /** For a fault of ours. */
  readonly internal: Text
  /** For a commit of which nobody can say whether it was kept. */
  readonly unknown: Text
}

export interface Surface {
  /** Of its paths: `/admin/`. The first one that fits counts. */
  readonly prefix: string
  readonly wire: Wire
}

declare module 'fastify' {
  interface FastifyInstance {
    surfaces: readonly Surface[]
  }
}

/** The last surface takes every path that is of no other: its prefix is `/`. */
export function useSurfaces(app: FastifyInstance, surfaces: readonly Surface[]): void {
  app.decorate('surfaces', surfaces)
}

/** Also for a request that reached no route, as one to a path that is not there. */
export const wireOf = (request: FastifyRequest): Wire => wireAt(request.server, request.url)

export function wireAt({ surfaces }: FastifyInstance, path: string): Wire {
  const surface = surfaces.find(({ prefix }) => path.startsWith(prefix)) ?? surfaces.at(-1)
  if (!surface) throw new Error('a server without surfaces')
  return surface.wire
}
