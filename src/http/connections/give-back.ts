// Gives memory back to the system after thousands of waiting clients have left.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Context } from '../../context.ts'

/** What so many held is worth a pause. */
const leftMin = 4_000
/** The process stands still for some tenths of a second meanwhile: nobody may bring that about more often. */
const againMs = 60 * 60_000
const lookEveryMs = 5_000

type Collect = () => Promise<unknown>

export interface GivingBack {
  /** To be called every so often with the number of those who wait. */
  look(waiting: number): Promise<void>
}

/**
 * The engine keeps what it once had for the next time, and gives it back only when memory is short. So a full
 * collection is asked for when many have left since there were most, and no more are leaving.
 */
export function createGivingBack(
  { clock, log }: Pick<Context, 'clock' | 'log'>,
  collect: Collect = collectAll,
): GivingBack {
  let [most, last] = [0, 0]
  let nextAt = -Infinity
  return {
    async look(waiting) {
      const areLeaving = waiting < last
      last = waiting
      most = Math.max(most, waiting)
      if (most - waiting < leftMin || areLeaving || clock.monotonic() < nextAt) return
      const left = most - waiting
      most = waiting
      nextAt = clock.monotonic() + againMs
      const began = clock.monotonic()
      await collect()
      log.info(
        { left, ms: Math.round(clock.monotonic() - began) },
        'memory of clients that left was given back',
      )
    },
  }
}

/** Until the function is called. */
export function keepGivingBack(ctx: Pick<Context, 'clock' | 'log'>, waiting: () => number): () => void {
  const { look } = createGivingBack(ctx)
  const timer = setInterval(() => {
    look(waiting()).catch((error: unknown) => ctx.log.warn({ err: error }, 'memory could not be given back'))
  }, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** The engine's own function, which programs see only with a flag. */
async function collectAll(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: object) => Promise<unknown>
  await collect({ type: 'major', flavor: 'last-resort', execution: 'async' })
}
