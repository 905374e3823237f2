// The path of a request as it is meant: joined from parts by a program, it may have a slash too many.
import type { IncomingMessage } from 'node:http'

/** What customers join to a base URL of their own. */
const forCustomers = '/api/'
/** A proxy may close these by how they begin; so they have to begin so, also where there are slashes too many. */
const asTheyBegin = ['/admin/', '/media/', '/callbacks/']

/**
 * For `rewriteUrl`: one slash where there are several, and none at the end. The query stays as it is, and so does
 * every other path: the pages link relative to where they are, and `= /metrics` in a proxy means no more than that.
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
