// What a process really holds: garbage that waits for its collection says nothing, and is more the faster a machine is.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
export const collectGarbage = runInNewContext('gc') as () => void

/** In bytes, after a collection. */
export function heldMemory(): NodeJS.MemoryUsage {
  collectGarbage()
  return process.memoryUsage()
}
