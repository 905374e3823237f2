// Looks every day for result files without a row, in a small share of the time.
import type { Context } from '../../context.ts'
import { createStraySweep } from '../../media/strays/sweep.ts'
import { createShare, forgetShare } from '../share.ts'

/** The first sweep waits, so that it does not slow down the start. */
const firstAfterMs = 10 * 60_000
const everyMs = 24 * 60 * 60_000
const turnPauseMs = 100

export interface Strays {
  stop(): Promise<void>
}

export function startStrays(ctx: Context): Strays {
  const stopping = new AbortController()
  const { signal } = stopping
  const rescuing = (async () => {
    await ctx.clock.sleep(firstAfterMs, signal)
    while (!signal.aborted) {
      // One instance looks through them for all.
      if (ctx.instances.isFirst())
        await pass(ctx, signal).catch((error: unknown) => {
          ctx.log.warn(
            { err: error },
            'files of results could not be looked through; it is tried again tomorrow',
          )
        })
      await ctx.clock.sleep(everyMs, signal)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await rescuing
    },
  }
}

async function pass(ctx: Context, signal: AbortSignal): Promise<void> {
  const rescue = createStraySweep(ctx)
  const share = createShare(ctx.clock, forgetShare)
  while (!signal.aborted && (await share.spend(rescue.turn))) {
    await ctx.clock.sleep(Math.max(turnPauseMs, share.restMs()), signal)
  }
}
