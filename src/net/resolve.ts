// Resolves a name to its addresses, once; the result is checked and connected to as it is.
import { lookup, Resolver } from 'node:dns/promises'
import { setTimeout } from 'node:timers/promises'

/** Returns a name's addresses, IPv4 first. Rejects if there are none, and when the signal aborts. */
export type Resolve = (
  host: string,
  options: { readonly isAllowed: boolean; readonly signal: AbortSignal },
) => Promise<readonly string[]>

/** Per DNS server; the second try doubles it. */
const serverTimeoutMsDefault = 2_000
const tries = 2
/** How long to wait for the other address family after one has answered. */
const secondFamilyMs = 250

/**
 * Allowed hosts (the operator's network) use the machine's resolver, with its hosts file. Other names use the
 * DNS servers only: the machine's resolver occupies threads of a small pool and cannot be interrupted, so a
 * few names that never answer would block all requests, also those to Keevx.
 */
export function createResolve(
  servers: readonly string[] | null = null,
  { serverTimeoutMs = serverTimeoutMsDefault } = {},
): Resolve {
  return async (host, { isAllowed, signal }) => {
    if (isAllowed)
      return (await lookup(host, { all: true, order: 'ipv4first' })).map(({ address }) => address)
    // One resolver per name: it can be cancelled on its own, and reads the current resolv.conf.
    const resolver = new Resolver({ timeout: serverTimeoutMs, tries })
    if (servers) resolver.setServers(servers)
    const cancel = () => resolver.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return await bothFamilies(resolver, host)
    } finally {
      signal.removeEventListener('abort', cancel)
      // Cancels the query of the slower family.
      cancel()
    }
  }
}

/**
 * Many names have only one family, so one answer is enough; and some servers never answer for the other, so
 * we wait only briefly for it (RFC 8305). Later answers are not used, so they need no check.
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
