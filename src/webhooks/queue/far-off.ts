// After the clock was set back, reschedules deliveries whose next try now lies too far in the future.
import { and, asc, gt, inArray, isNotNull, sql } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import { statement } from '../../db/statement.ts'
import { refreshLane, refreshQueue } from './fair-queue.ts'
import type { LaneRow } from './fair-queue.ts'
import { longestPauseMs } from '../schedule.ts'

/** One turn takes at most this many. */
const farOffMax = 200

/**
 * Makes pending deliveries due now if they are due later than any pause allows; after time was set back
 * (`setBackMs` above 0) all waiting ones, because their remaining wait is unknown. If nothing is wrong, this
 * reads no row. A try in progress keeps its lease, which identifies it when its outcome is recorded. Returns
 * how many of one kind were found, at most 200.
 */
export async function bringBackDeliveries(ctx: Context, setBackMs: number): Promise<number> {
  if (setBackMs <= 0) return await bringBackSome(ctx, longestPauseMs(ctx.config))
  await endPauses(ctx)
  // A step back is reported only once, so all affected deliveries are handled now.
  for (;;) {
    const found = await bringBackSome(ctx, 0)
    if (found < farOffMax) return found
  }
}

async function bringBackSome(ctx: Context, longestMs: number): Promise<number> {
  const { webhookDeliveries: deliveries } = ctx.db.read.tables
  const nowMs = ctx.clock.now()
  const isFarOff = and(
    isNotNull(deliveries.dueAt),
    gt(deliveries.dueAt, nowMs + longestMs),
    sql`NOT ${deliveries.claimed}`,
  )
  const rows = await ctx.db.read
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(isFarOff)
    .limit(farOffMax)
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  await ctx.db.transaction(
    async (tx) => {
      // Triggers make their receivers and accounts due as well.
      await tx
        .update(deliveries)
        .set({ dueAt: nowMs })
        .where(and(inArray(deliveries.id, ids), isFarOff))
    },
    { mayDelay: true },
  )
  ctx.log.warn(
    { deliveries: rows.length },
    'deliveries that were due further off than they may be are due now',
  )
  ctx.wake('deliver')
  return rows.length
}

const lanesBehind = statement<LaneRow>('webhook_lanes_behind', (read) => {
  const { webhookLanes: lanes } = read.tables
  return read
    .select()
    .from(lanes)
    .where(
      sql`(${lanes.accountId}, ${lanes.receiver}) > (${sql.placeholder('accountId')}, ${sql.placeholder('receiver')})`,
    )
    .orderBy(asc(lanes.accountId), asc(lanes.receiver))
    .limit(sql.placeholder('max'))
})

/** Ends the pauses that receivers asked for: they were computed by the earlier clock. */
async function endPauses(ctx: Context): Promise<void> {
  let behind = { accountId: '', receiver: '' }
  for (;;) {
    const lanes = await lanesBehind(ctx.db.read, { ...behind, max: farOffMax })
    const last = lanes.at(-1)
    if (!last) return
    behind = { accountId: last.accountId, receiver: last.receiver }
    const nowMs = ctx.clock.now()
    const paused = lanes.filter(({ pausedUntil }) => pausedUntil > nowMs)
    if (paused.length === 0) continue
    await ctx.db.transaction(
      async (tx) => {
        for (const lane of paused) await refreshLane(tx, lane, { pausedUntil: 0 })
        for (const accountId of new Set(paused.map((lane) => lane.accountId)))
          await refreshQueue(tx, accountId)
      },
      { mayDelay: true },
    )
  }
}
