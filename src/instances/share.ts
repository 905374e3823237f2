// What of a common work is this instance's: each has a part of it, and needs to ask nobody.
import { crc32 } from 'node:zlib'
import type { Instances } from '../context.ts'

/** While instances come or go two may take the same for theirs, or none for a moment: only for what bears that. */
export function isOurs({ standing }: Instances, name: string): boolean {
  const { count, rank } = standing()
  return count === 1 || crc32(name) % count === rank
}
