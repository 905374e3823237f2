// Asks for the addresses of a name, once; what is answered is checked and connected to as it stands.
import { lookup, Resolver } from 'node:dns/promises'
import { setTimeout } from 'node:timers/promises'

/** Addresses of a name, IPv4 first. Rejects where there are none, and when the signal aborts. */
export type Resolve = (
  host: string,
  options: { readonly isAllowed: boolean; readonly signal: AbortSignal },
) => Promise<readonly string[]>

/** For one server; a second try doubles it. */
const serverTimeoutMsDefault = 2_000
const tries = 2
/** For the answer of the other family, once one has answered. */
const secondFamilyMs = 250

/**
 * Hosts of the operator's own network are resolved as the machine resolves them, with its hosts file. Strangers'
 * names go to the DNS servers alone: the machine's resolver takes turns in a small pool of threads and cannot be
 * interrupted, so a few names that never answer would keep everybody else, Keevx among them, waiting.
 */
export function createResolve(
  servers: readonly string[] | null = null,
  { serverTimeoutMs = serverTimeoutMsDefault } = {},
): Resolve {
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
      // What the second family had no time for.
      cancel()
    }
  }
}

/**
 * Many names have one family only, so one answer is enough; and some servers never answer for the other, so it is
 * waited for only a moment longer (RFC 8305). What comes later is not connected to, and need not be checked.
 */
async function bothFamilies(resolver: Resolver, host: string): Promise<string[]> {
  const found: { v4?: readonly string[]; v6?: readonly string[] } = {}
  const v4 = resolver.resolve4(host).then((addresses) => (found.v4 = addresses))
  const v6 = resolver.resolve6(host).then((addresses) => (found.v6 = addresses))
  const both = Promise.allSettled([v4, v6])
  try {
    await Promise.any([v4, v6])
  } catch {
    await v4
  }
  const waiting = new AbortController()
  const aMoment = setTimeout(secondFamilyMs, undefined, { signal: waiting.signal }).catch(() => undefined)
  await Promise.race([both, aMoment])
  waiting.abort()
  return [...(found.v4 ?? []), ...(found.v6 ?? [])]
}
