// HTTP to untrusted URLs: never connects to a private address.
import type { Text } from '../errors.ts'
import { fetchGuarded, type FetchOptions, type GuardedAnswer } from './fetch.ts'
import { createKeptConnections } from './kept.ts'
import { createResolve, type Resolve } from './resolve.ts'
import { createUrlReader } from './url.ts'

export interface Guard {
  /**
   * Why the URL itself would be refused, as a message for its author; null if it is not. Resolves no name.
   * `origins` as for `fetch`.
   */
  checkUrl(url: string, origins?: readonly string[]): Text | null
  /** Throws OutgoingError, or the reason of the caller's signal. */
  fetch(url: string, options: FetchOptions): Promise<GuardedAnswer>
  /** Closes the reusable connections. */
  close(): Promise<void>
}

export interface GuardOptions {
  /** `network.allow_hosts`: exactly these names may have private addresses, on any port. */
  readonly allowHosts: readonly string[]
  readonly resolve?: Resolve
}

export function createGuard({ allowHosts, resolve = createResolve() }: GuardOptions): Guard {
  const kept = createKeptConnections()
  const outgoing = { read: createUrlReader(allowHosts), resolve, kept }
  return {
    checkUrl: (url, origins) => {
      const reading = outgoing.read(url, origins)
      return 'refusal' in reading ? reading.refusal : null
    },
    fetch: (url, options) => fetchGuarded(outgoing, url, options),
    close: () => kept.close(),
  }
}
