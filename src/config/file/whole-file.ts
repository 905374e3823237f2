// Waits for a file that somebody may still be writing.
import { statSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/** A writer that pauses for longer within a file looks as if it had ended. */
export const settleMs = 500
/** Then whatever is there is read: it is judged as any other file. */
const looksMax = 8

/** Until its size is the same twice, and not 0; a file that is not there is not waited for. */
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
