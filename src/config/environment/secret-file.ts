// Reads a secret's file, with limits on size and time whatever the path leads to.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { WrongValue } from '../wording.ts'

/** Far more than any key, token or list of keys has. */
const bytesMax = 64 * 1024
/** A shell's <(command) may take a moment to deliver its output. */
const pipeWaitMs = 5_000
const pipePauseMs = 10

/** Throws WrongValue if it is not a file or pipe, or too long; otherwise the system's error. */
export function readSecretFile(path: string): string {
  // Without the flag, opening a pipe that has no writer would never return.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = fstatSync(file)
    // Reading a folder fails with the system's own error.
    if (!found.isFile() && !found.isFIFO() && !found.isDirectory()) throw new WrongValue(`${path} is no file`)
    return readBounded(file, path).toString('utf8')
  } finally {
    closeSync(file)
  }
}

function readBounded(file: number, path: string): Buffer {
  const bytes = Buffer.alloc(bytesMax + 1)
  const until = performance.now() + pipeWaitMs
  let length = 0
  while (length <= bytesMax) {
    const read = readSome(file, bytes, length)
    if (read === 0) return bytes.subarray(0, length)
    if (read === null && performance.now() > until) throw new WrongValue(`${path} gives nothing in 5 seconds`)
    if (read === null) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pipePauseMs)
    length += read ?? 0
  }
  throw new WrongValue(`the file ${path} is longer than 64 KiB, and no secret is`)
}

/** Null if a pipe has no data yet. */
function readSome(file: number, bytes: Buffer, at: number): number | null {
  try {
    return readSync(file, bytes, at, bytes.length - at, null)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return null
    throw error
  }
}
