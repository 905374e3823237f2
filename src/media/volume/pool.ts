// The turns of this process: there is one pool of threads, whatever there is of volumes.
import { createFileTurns } from './turns.ts'

/** One of Node's four threads is always left for everything else. A slow fsync of a long film takes seconds. */
export const fileTurns = createFileTurns({
  readsMax: 2,
  writesMax: 2,
  max: 3,
  readTimeoutMs: 10_000,
  writeTimeoutMs: 60_000,
})
