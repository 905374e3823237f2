// Ids in the `Location` of an answer to a submit: where a taken order is to be asked about.
import type { Head } from '../../client.ts'
import { Sent, unnamedIdPattern } from './id-scan.ts'

/** A longer one is no address that anybody would be sent to. */
const charactersMax = 4_096

/** Whole parts of its path, or whole values of its query, that look as documented and were not posted by us; each once. */
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

/** Whether it is the documented place of one work, be its id of whatever look. */
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
