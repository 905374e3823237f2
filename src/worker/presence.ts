// Says each second that this instance works, takes over what those that have gone had claimed, and agrees with the others.
import { configuredUpstreams } from '../context.ts'
import type { Context } from '../context.ts'
import { beatEveryMs } from '../instances/instances.ts'
import type { LivingInstances } from '../instances/instances.ts'
import { sharePauses } from '../instances/key-pauses.ts'
import type { ServerClock } from '../instances/server-clock.ts'
import { forgetHolders } from '../tasks/poll/claim.ts'
import { releaseClaims } from '../tasks/rescue/release-leases.ts'

/** Clocks drift by milliseconds in that time. */
const beatsPerAdjustment = 10

export interface Presence {
  /** Resolves when the others are told that this instance has gone. Whatever it has claimed must be recorded. */
  stop(): Promise<void>
}

export interface PresenceTerms {
  readonly instances: LivingInstances
  /** Null: the time is given by a test. */
  readonly serverClock: ServerClock | null
}

/** Makes this instance known before it claims anything, and claims what nobody holds. Throws what the store throws. */
export async function startPresence(ctx: Context, terms: PresenceTerms): Promise<Presence> {
  const { instances, serverClock } = terms
  await beat(ctx, instances, { isStart: true })
  const stopping = new AbortController()
  const beating = (async () => {
    for (let beats = 1; ; beats += 1) {
      await ctx.clock.sleep(beatEveryMs, stopping.signal)
      if (stopping.signal.aborted) return
      try {
        if (beats % beatsPerAdjustment === 0) await serverClock?.adjust()
        await beat(ctx, instances, { isStart: false })
      } catch (error) {
        ctx.log.warn({ err: error }, 'this instance could not say that it works; it tries again in a second')
      }
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await beating
      // Otherwise the others find out in a moment by themselves.
      await instances.leave(ctx.db).catch(() => undefined)
    },
  }
}

async function beat(
  ctx: Context,
  instances: LivingInstances,
  { isStart }: { readonly isStart: boolean },
): Promise<void> {
  const { wasRemoved, gone } = await instances.beat(ctx.db, async (tx, ids) => {
    const nowMs = ctx.clock.now()
    await sharePauses(ctx, tx)
    await forgetHolders(tx, { nowMs })
    if (isStart || ids.length > 0) await releaseClaims({ tx, nowMs })
  })
  const standing = instances.standing()
  for (const { keys } of configuredUpstreams(ctx.upstreams)) keys.share(standing)
  if (wasRemoved) {
    ctx.log.warn(
      'this instance stood still for so long that the others took it for gone, and over what it had claimed',
    )
  }
  if (gone.length === 0) return
  ctx.log.warn({ instances: gone }, 'an instance has gone; what it had claimed is free')
  for (const loop of ['submit', 'poll', 'rescue', 'store', 'deliver'] as const) ctx.wake(loop)
}
