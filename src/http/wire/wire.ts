// The wire format of an API surface: bodies of answers and refusals, statuses, and messages for its callers.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { GatewayError, Text } from '../../errors.ts'
import type { SurfaceDocs } from './docs/surface-docs.ts'

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
  status(failure: GatewayError, request: FastifyRequest): number
  /** Headers of a refusal besides those that every surface has. */
  headers?(failure: GatewayError): Readonly<Record<string, string>>
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
  /** Of its paths, such as `/admin`; the empty one has every path. The first match counts. */
  readonly prefix: string
  /**
   * `customers`: the pages of named origins may call it, and extra slashes in its paths are merged anywhere.
   * `operators`: a proxy may block it by its prefix. `sessions`: pages of our own, with the cookie of who is signed in.
   */
  readonly callers: 'customers' | 'operators' | 'sessions' | 'anyone'
  readonly wire: Wire
  /** Needed as soon as the surface has a route of `route()`. */
  readonly docs?: SurfaceDocs
}

declare module 'fastify' {
  interface FastifyInstance {
    surfaces: readonly Surface[]
  }
}

/** The last surface must have the empty prefix: it takes all remaining paths. */
export function useSurfaces(app: FastifyInstance, surfaces: readonly Surface[]): void {
  app.decorate('surfaces', surfaces)
}

/** Works also for requests without a route, such as unknown paths. */
export const wireOf = ({ server, url }: FastifyRequest): Wire => surfaceAt(server.surfaces, url).wire

export function surfaceAt(surfaces: readonly Surface[], url: string): Surface {
  const surface = surfaces.find(({ prefix }) => isUnder(url, prefix)) ?? surfaces.at(-1)
  if (!surface) throw new Error('a server without surfaces')
  return surface
}

/** `/api`, `/api/…` and `/api?…`, and not `/apitome`. */
export function isUnder(url: string, prefix: string): boolean {
  return url.startsWith(prefix) && (url.length === prefix.length || '/?'.includes(url.charAt(prefix.length)))
}
