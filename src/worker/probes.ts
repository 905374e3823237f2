// Probes the store for results at the start and periodically, even if no result arrives for a while.
import type { Context } from '../context.ts'
import { isDisplaced, storeForNew } from '../media/stores/blob-stores.ts'

/** A file that cannot be stored triggers a probe at once, so this is for quiet times. */
const everyMs = 60_000
/** Shorter, because results wait to be stored. */
const whileDownEveryMs = 10_000

export interface Probes {
  /** Resolves when no probe is running any more; each has a timeout. */
  stop(): Promise<void>
}

export function startProbes(ctx: Pick<Context, 'config' | 'clock' | 'resultStore' | 'mediaRoot'>): Probes {
  const stopping = new AbortController()
  const probing = (async () => {
    if (!storeForNew(ctx)) return
    let probedAt = -Infinity
    while (!stopping.signal.aborted) {
      // Storing a result may have shown meanwhile that the store does not work.
      const isDown = ctx.resultStore.state() !== 'works'
      if (isDown || ctx.clock.monotonic() - probedAt >= everyMs) {
        await ctx.resultStore.check()
        probedAt = ctx.clock.monotonic()
      } else if (await isDisplaced(ctx)) await ctx.resultStore.recheck()
      await ctx.clock.sleep(whileDownEveryMs, stopping.signal)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await probing
    },
  }
}
