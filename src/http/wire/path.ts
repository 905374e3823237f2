// Normalizes request paths: clients that join URL parts may produce extra slashes.
import type { IncomingMessage } from 'node:http'
import type { Surface } from './wire.ts'

/** Not surfaces, but a proxy may block them by prefix as well. */
const alsoBlocked = ['/media/', '/callbacks/']

/**
 * For `rewriteUrl`: merges repeated slashes and removes the trailing one. The query stays unchanged, and so
 * do all other paths: pages use relative links, and `= /metrics` in a proxy must match exactly.
 */
export function plainPaths(surfaces: readonly Surface[]): (request: Pick<IncomingMessage, 'url'>) => string {
  const prefixesOf = (who: Surface['callers']) =>
    surfaces.filter(({ callers }) => callers === who).map(({ prefix }) => `${prefix}/`)
  /** Customers append these paths to a base URL. */
  const forCustomers = prefixesOf('customers')
  /** A proxy may block these by prefix, so a path must start with it literally to be normalized. */
  const asTheyBegin = [...prefixesOf('operators'), ...alsoBlocked]
  return ({ url = '/' }) => {
    const query = url.indexOf('?')
    const end = query < 0 ? url.length : query
    if (!url.includes('//') && url.charCodeAt(end - 1) !== slash) return url
    const path = url.slice(0, end).replaceAll(/\/{2,}/g, '/')
    const isForgiven =
      forCustomers.some((prefix) => path.startsWith(prefix)) ||
      asTheyBegin.some((prefix) => path.startsWith(prefix) && url.startsWith(prefix))
    if (!isForgiven) return url
    return `${path.endsWith('/') ? path.slice(0, -1) : path}${url.slice(end)}`
  }
}

const slash = '/'.charCodeAt(0)
