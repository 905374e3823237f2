// Normalizes request paths: clients that join URL parts may produce extra slashes.
import type { IncomingMessage } from 'node:http'

/** Paths that customers append to a base URL. */
const forCustomers = '/api/'
/** A proxy may block these by prefix, so a path must start with it literally to be normalized. */
const asTheyBegin = ['/admin/', '/media/', '/callbacks/']

/**
 * For `rewriteUrl`: merges repeated slashes and removes the trailing one. The query stays unchanged, and so
 * do all other paths: pages use relative links, and `= /metrics` in a proxy must match exactly.
 */
export function plainPath({ url = '/' }: Pick<IncomingMessage, 'url'>): string {
  const query = url.indexOf('?')
  const end = query < 0 ? url.length : query
  if (!url.includes('//') && url.charCodeAt(end - 1) !== slash) return url
  const path = url.slice(0, end).replaceAll(/\/{2,}/g, '/')
  const isForgiven =
    path.startsWith(forCustomers) ||
    asTheyBegin.some((start) => path.startsWith(start) && url.startsWith(start))
  if (!isForgiven) return url
  return `${path.endsWith('/') ? path.slice(0, -1) : path}${url.slice(end)}`
}

const slash = '/'.charCodeAt(0)
