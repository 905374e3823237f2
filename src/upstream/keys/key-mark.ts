// How rows name the key that work was ordered with, and whether a configuration still has that key.
import { createHash } from 'node:crypto'

const fingerprintLength = 12
const placeLength = 6

const hashOf = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length)

/** Says which key it was without saying the key. */
export const fingerprintOf = (key: string): string => hashOf(key, fingerprintLength)

/** The key and where it was used: the same key at another address knows nothing of the work. */
export const markOf = (key: string, place: string): string =>
  `${fingerprintOf(key)}@${hashOf(place, placeLength)}`

/** Of a mark, or of a row from before marks named the place. */
export const fingerprintIn = (mark: string): string => mark.split('@')[0] ?? ''

/** What stands for the base URL of the sandbox, which is another at each start. */
export const sandboxPlace = 'sandbox'

/** The sandbox takes nothing for what it makes, and forgets it when it ends. */
export const isFree = (mark: string): boolean => mark.endsWith(`@${hashOf(sandboxPlace, placeLength)}`)

export interface KeysInForce {
  readonly keys: readonly string[]
  readonly pollsOnlyKeys: readonly string[]
  readonly place: string
}

/** `another_place`: the key is there, but its upstream has another address than when it ordered. */
export function keyStatusOf(mark: string, settings: KeysInForce): 'known' | 'unknown_key' | 'another_place' {
  const { keys, pollsOnlyKeys, place } = settings
  const key = [...keys, ...pollsOnlyKeys].find((each) => fingerprintOf(each) === fingerprintIn(mark))
  if (key === undefined) return 'unknown_key'
  // Rows from before marks named the place were ordered at the only one there was.
  return !mark.includes('@') || mark === markOf(key, place) ? 'known' : 'another_place'
}
