// The one door to the outside for URLs that others name: no connection leaves by it for a private address.
import { fetchGuarded, type FetchOptions, type GuardedAnswer } from './fetch.ts'
import { createKeptConnections } from './kept.ts'
import { createResolve, type Resolve } from './resolve.ts'
import { createUrlCheck, createUrlReader, type UrlCheck } from './url.ts'

export interface Guard {
  /** Why a URL would be refused by what stands in it, in words for whoever named it; resolves nothing. */
  readonly checkUrl: UrlCheck
  /** Throws OutgoingError, or the reason of the caller's signal. */
  fetch(url: string, options: FetchOptions): Promise<GuardedAnswer>
  /** Closes the connections that are kept. */
  close(): Promise<void>
}

export interface GuardOptions {
  /** `network.allow_hosts`: under exactly these names private addresses may be reached, on any port. */
  readonly allowHosts: readonly string[]
  readonly resolve?: Resolve
}

export function createGuard({ allowHosts, resolve = createResolve() }: GuardOptions): Guard {
  const kept = createKeptConnections()
  const door = { read: createUrlReader(allowHosts), resolve, kept }
  return {
    checkUrl: createUrlCheck({ allowHosts }),
    fetch: (url, options) => fetchGuarded(door, url, options),
    close: () => kept.close(),
  }
}
