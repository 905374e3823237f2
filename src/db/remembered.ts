// Readings of the store for pages that need no key: shared, remembered for a moment, and never waited for long.
import type { Clock } from '../clock.ts'

/** Results are kept for this long to limit the load on the store. */
const rememberedMs = 1_000
/** Whoever watches the gateway must be told that the store hangs before they stop listening. */
const waitMaxMs = 2_000

/**
 * One reading at a time: while the store hangs, whoever asks would otherwise take one more of its connections
 * each second. A reading that is late is told as an error, at once to those who come later. Errors are not kept.
 */
export function remembered<Value>(clock: Clock, read: () => Promise<Value>): () => Promise<Value> {
  let last: { readonly atMs: number; readonly value: Value } | null = null
  let underWay: Promise<Value> | null = null
  const start = (): Promise<Value> => {
    const atMs = clock.now()
    const reading = read()
      .then((value) => {
        last = { atMs, value }
        return value
      })
      .finally(() => {
        underWay = null
      })
    return inTime(reading)
  }
  return async () => {
    if (last && Math.abs(clock.now() - last.atMs) < rememberedMs) return last.value
    return await (underWay ??= start())
  }
}

async function inTime<Value>(reading: Promise<Value>): Promise<Value> {
  return await new Promise<Value>((resolve, reject) => {
    const late = () => reject(new Error(`the store has not answered for ${waitMaxMs / 1_000} s`))
    const timer = setTimeout(late, waitMaxMs)
    reading.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
