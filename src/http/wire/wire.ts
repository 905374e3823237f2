// The wire format of an API surface: bodies of answers and refusals, statuses, and messages for its callers.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { GatewayError, Text } from '../../errors.ts'

export interface Answer {
  readonly data: unknown
  readonly msg?: Text | undefined
  /** Given, the fields of `data` stand beside it as well, with these. */
  readonly flat?: Readonly<Record<string, number>> | undefined
}

export interface Wire {
  /** The body of a successful answer. */
  success(request: FastifyRequest, answer: Answer): unknown
  /** The body of a refusal. */
  failure(request: FastifyRequest, failure: GatewayError): unknown
  /** The HTTP status of a refusal. */
  status(failure: GatewayError): number
  readonly words: WireWords
}

/** Messages that differ by surface, because its callers have different options. */
export interface WireWords {
  unauthorized(): GatewayError
  /** For an internal error. */
  readonly internal: Text
  /** For a commit whose outcome is unknown. */
  readonly unknown: Text
}

export interface Surface {
  /** Path prefix, such as `/admin/`. The first match counts. */
  readonly prefix: string
  /**
   * `customers`: the pages of named origins may call it, and extra slashes in its paths are merged anywhere.
   * `operators`: a proxy may block it by its prefix.
   */
  readonly callers: 'customers' | 'operators' | 'anyone'
  readonly wire: Wire
}

declare module 'fastify' {
  interface FastifyInstance {
    surfaces: readonly Surface[]
  }
}

/** The last surface must have the prefix `/`: it takes all remaining paths. */
export function useSurfaces(app: FastifyInstance, surfaces: readonly Surface[]): void {
  app.decorate('surfaces', surfaces)
}

/** Works also for requests without a route, such as unknown paths. */
export const wireOf = (request: FastifyRequest): Wire => wireAt(request.server, request.url)

export function wireAt({ surfaces }: FastifyInstance, path: string): Wire {
  const surface = surfaces.find(({ prefix }) => path.startsWith(prefix)) ?? surfaces.at(-1)
  if (!surface) throw new Error('a server without surfaces')
  return surface.wire
}
