// Waits for a file that another process may still be writing.
import { statSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** A writer that pauses longer than this seems to have finished. */
export const settleMs = 500
/** After this many checks the file is read as it is, and validated like any other. */
const looksMax = 8

/** Waits until its size is the same twice, and not 0; a missing file is not waited for. */
export async function untilWritten(file: string): Promise<void> {
  let before = sizeOf(file)
  for (let looks = 1; looks < looksMax && before !== null; looks += 1) {
    await setTimeout(settleMs)
    const now = sizeOf(file)
    if (now === before && now !== 0) return
    before = now
  }
}

const sizeOf = (file: string): number | null => statSync(file, { throwIfNoEntry: false })?.size ?? null
