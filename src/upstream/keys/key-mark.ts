// How rows name the key that ordered a task, and whether the configuration still has that key.
import { createHash } from 'node:crypto'

const fingerprintLength = 12
const placeLength = 6

const hashOf = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length)

/** Identifies the key without revealing it. */
export const fingerprintOf = (key: string): string => hashOf(key, fingerprintLength)

/** The key and its base URL: the same key at another address does not know the work. */
export const markOf = (key: string, place: string): string =>
  `${fingerprintOf(key)}@${hashOf(place, placeLength)}`

/** The fingerprint in a mark, or in a row from before marks named the address. */
export const fingerprintIn = (mark: string): string => mark.split('@')[0] ?? ''

/** Stands for the sandbox's base URL, which changes at each start. */
export const sandboxPlace = 'sandbox'

/** The sandbox charges nothing, and forgets its tasks when it ends. */
export const isFree = (mark: string): boolean => mark.endsWith(`@${hashOf(sandboxPlace, placeLength)}`)

export interface KeysInForce {
  readonly keys: readonly string[]
  readonly pollsOnlyKeys: readonly string[]
  readonly place: string
}

/** `another_place`: the key is configured, but its upstream has another address than when it ordered. */
export function keyStatusOf(mark: string, settings: KeysInForce): 'known' | 'unknown_key' | 'another_place' {
  const { keys, pollsOnlyKeys, place } = settings
  const key = [...keys, ...pollsOnlyKeys].find((each) => fingerprintOf(each) === fingerprintIn(mark))
  if (key === undefined) return 'unknown_key'
  // Rows from before marks named the address were ordered at the only one there was.
  return !mark.includes('@') || mark === markOf(key, place) ? 'known' : 'another_place'
}
