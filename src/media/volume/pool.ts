// The process's shared file turns: there is one thread pool, however many volumes there are.
import { createFileTurns } from './turns.ts'

/** One of Node's four threads stays free for other work. A slow fsync of a long video takes seconds. */
export const fileTurns = createFileTurns({
  readsMax: 2,
  writesMax: 2,
  max: 3,
  readTimeoutMs: 10_000,
  writeTimeoutMs: 60_000,
})
