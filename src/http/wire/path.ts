// Normalizes request targets: clients that join URL parts may produce extra slashes, and some proxies rewrite them.
import type { IncomingMessage } from 'node:http'
import { isUnder } from './wire.ts'
import type { Surface } from './wire.ts'

/** Not surfaces, but a proxy may block them by prefix as well. */
const alsoBlocked = ['/media', '/callbacks']

/** `http://host` of an absolute target. */
const origin = /^https?:\/\/[^/?#]+/i
/** Letters, digits and `-._~`, percent-encoded: they mean the same plain (RFC 3986, 2.3). */
const encodedPlain = /%(?:2[de]|3\d|[46][1-9a-f]|[57][\da]|5f|7e)/gi

/**
 * The target in the form that the router makes of it: without scheme and host, and with letters and digits of
 * the path plain. What the router refuses stays as it is.
 */
export function asRouted(url: string): string {
  const target = url.charCodeAt(0) === slash ? url : withoutOrigin(url)
  if (!target.includes('%')) return target
  const end = pathEnd(target)
  return target.slice(0, end).replaceAll(encodedPlain, decodeURIComponent) + target.slice(end)
}

function withoutOrigin(url: string): string {
  const [found = ''] = origin.exec(url) ?? []
  const isRouted = found !== '' && url.charCodeAt(found.length) === slash && !url.includes('#')
  return isRouted && URL.canParse(url) ? url.slice(found.length) : url
}

/**
 * For `rewriteUrl`: of customers' paths, the form of `asRouted` with repeated slashes merged and without the
 * trailing one. The query stays unchanged, and so do all other paths: pages use relative links, and
 * `= /metrics` in a proxy must match exactly.
 */
export function plainPaths(surfaces: readonly Surface[]): (request: Pick<IncomingMessage, 'url'>) => string {
  const prefixesOf = (who: Surface['callers']) =>
    surfaces.filter(({ callers }) => callers === who).map(({ prefix }) => prefix)
  /** Customers append these paths to a base URL. */
  const forCustomers = prefixesOf('customers')
  /** A proxy may block these by prefix, so a path must start with it literally to be normalized. */
  const asTheyBegin = [...prefixesOf('operators'), ...alsoBlocked]
  return ({ url = '/' }) => {
    const routed = asRouted(url)
    const end = pathEnd(routed)
    const hasSpareSlashes = routed.includes('//') || routed.charCodeAt(end - 1) === slash
    if (routed === url && !hasSpareSlashes) return url
    const path = hasSpareSlashes ? withoutSpareSlashes(routed.slice(0, end)) : routed.slice(0, end)
    const isForgiven =
      forCustomers.some((prefix) => isUnder(path, prefix)) ||
      asTheyBegin.some((prefix) => isUnder(path, prefix) && url.startsWith(`${prefix}/`))
    return isForgiven ? `${path}${routed.slice(end)}` : url
  }
}

function withoutSpareSlashes(path: string): string {
  const merged = path.replaceAll(/\/{2,}/g, '/')
  return merged.endsWith('/') ? merged.slice(0, -1) : merged
}

function pathEnd(target: string): number {
  const query = target.indexOf('?')
  return query < 0 ? target.length : query
}

const slash = '/'.charCodeAt(0)
