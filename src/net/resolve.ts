// Asks for the addresses of a name, once; what is answered is checked and connected to as it stands.
import { lookup, Resolver } from 'node:dns/promises'

/** Addresses of a name, IPv4 first. Rejects where there are none, and when the signal aborts. */
export type Resolve = (
  host: string,
  options: { readonly isAllowed: boolean; readonly signal: AbortSignal },
) => Promise<readonly string[]>

/** For one server; a second try doubles it. */
const serverTimeoutMs = 2_000
const tries = 2

/**
 * Hosts of the operator's own network are resolved as the machine resolves them, with its hosts file. Strangers'
 * names go to the DNS servers alone: the machine's resolver takes turns in a small pool of threads and cannot be
 * interrupted, so a few names that never answer would keep everybody else, Keevx among them, waiting.
 */
export function createResolve(servers: readonly string[] | null = null): Resolve {
  return async (host, { isAllowed, signal }) => {
    if (isAllowed)
      return (await lookup(host, { all: true, order: 'ipv4first' })).map(({ address }) => address)
    // One for each name: it can be cancelled alone, and reads resolv.conf as it is now.
    const resolver = new Resolver({ timeout: serverTimeoutMs, tries })
    if (servers) resolver.setServers(servers)
    const cancel = () => resolver.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return await bothFamilies(resolver, host)
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}

/** Many names have one family only, so one answer is enough. */
async function bothFamilies(resolver: Resolver, host: string): Promise<string[]> {
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  if (v4.status === 'rejected' && v6.status === 'rejected') throw v4.reason
  return [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}
