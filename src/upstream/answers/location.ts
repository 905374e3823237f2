// Ids in the `Location` header of an answer to a submit: where to query an accepted order.
import type { Head } from '../call.ts'
import { Sent, unnamedIdPattern } from './id-scan.ts'

/** Longer than any real redirect target. */
const charactersMax = 4_096

/**
 * Whole path segments or query values that have the documented format and were not posted by us; no
 * duplicates.
 */
export function idsInLocation(headers: Head['headers'], sent: string): readonly string[] {
  const location = [headers['location']].flat()[0] ?? ''
  if (location === '' || location.length > charactersMax) return []
  const ids = new Set<string>()
  for (const part of location.split(/[/?&=,;#]/)) {
    const id = decoded(part).trim()
    if (unnamedIdPattern.test(id)) ids.add(id)
  }
  if (ids.size === 0) return []
  const posted = new Sent(sent)
  return [...ids].filter((id) => !posted.has(id))
}

/** Whether it is the documented query path of a task, whatever the id looks like. */
export function isPlaceOfWork(headers: Head['headers'], operation: string): boolean {
  const location = [headers['location']].flat()[0] ?? ''
  const [, rest = ''] = location.slice(0, charactersMax).split(`/${operation}/`)
  return /^[^/?#\s]/.test(rest)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
