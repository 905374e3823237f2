// The stored fair queue of deliveries: which accounts are due, and which of their receivers.
import { and, asc, eq, isNotNull, isNull, lt, lte, sql } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import type { Tables } from '../../db/tables.ts'
import { earliestInLane } from '../store.ts'

export type LaneRow = Tables['webhookLanes']['$inferSelect']
/** The deliveries of one account to one receiver wait in one lane. */
export type LaneName = Pick<LaneRow, 'accountId' | 'receiver'>

/** The receiver of deliveries to the account's own URL, whichever that is when they are sent. */
export const accountLane = ''

/** Of accounts with the same due time, the one visited longest ago comes first. */
export const accountsDue = statement<{ accountId: string }>('webhook_accounts_due', (read) => {
  const { webhookQueues: queues } = read.tables
  return read
    .select({ accountId: queues.accountId })
    .from(queues)
    .where(and(isNotNull(queues.dueAt), lte(queues.dueAt, sql.placeholder('nowMs'))))
    .orderBy(asc(queues.dueAt), asc(queues.turn))
    .limit(sql.placeholder('max'))
})

export const lanesDue = statement<LaneRow>('webhook_lanes_due', (read) => {
  const { webhookLanes: lanes } = read.tables
  return read
    .select()
    .from(lanes)
    .where(and(waitingLanes(read), lte(lanes.dueAt, sql.placeholder('nowMs'))))
    .orderBy(asc(lanes.dueAt), asc(lanes.turn))
    .limit(sql.placeholder('max'))
})

const earliestLane = statement<{ dueAt: number }>('webhook_earliest_lane', (read) => {
  const { webhookLanes: lanes } = read.tables
  return read
    .select({ dueAt: lanes.dueAt })
    .from(lanes)
    .where(waitingLanes(read))
    .orderBy(asc(lanes.dueAt))
    .limit(1)
})

function waitingLanes({ tables }: Connection) {
  const { webhookLanes: lanes } = tables
  return and(
    eq(lanes.accountId, sql.placeholder('accountId')),
    eq(lanes.quick, sql`${sql.placeholder('quick')}`),
    isNotNull(lanes.dueAt),
  )
}

export const laneOf = statement<LaneRow>('webhook_lane', (read) => {
  const { webhookLanes: lanes } = read.tables
  return read.select().from(lanes).where(isLane(read)).limit(1)
})

const laneUpdate = statement('webhook_lane_update', (tx) =>
  tx
    .update(tx.tables.webhookLanes)
    .set({
      dueAt: sql`${sql.placeholder('dueAt')}`,
      turn: sql`${sql.placeholder('turn')}`,
      quick: sql`${sql.placeholder('quick')}`,
      pausedUntil: sql`${sql.placeholder('pausedUntil')}`,
      usedAt: sql`${sql.placeholder('usedAt')}`,
    })
    .where(isLane(tx)),
)

const laneDelete = statement('webhook_lane_delete', (tx) =>
  tx.delete(tx.tables.webhookLanes).where(isLane(tx)),
)

function isLane({ tables }: Connection) {
  const { webhookLanes: lanes } = tables
  return and(
    eq(lanes.accountId, sql.placeholder('accountId')),
    eq(lanes.receiver, sql.placeholder('receiver')),
  )
}

const queueUpdate = statement('webhook_queue_update', (tx) => {
  const { webhookQueues: queues } = tx.tables
  return tx
    .update(queues)
    .set({
      dueAt: sql`${sql.placeholder('dueAt')}`,
      turn: sql`coalesce(${sql.placeholder('turn')}, ${queues.turn})`,
    })
    .where(eq(queues.accountId, sql.placeholder('accountId')))
})

/** Stores when a lane is due. An empty lane is deleted, unless it holds knowledge about its receiver. */
export async function putLane(tx: Tx, lane: LaneRow): Promise<void> {
  const { dueAt, quick, pausedUntil, usedAt } = lane
  if (dueAt === null && !quick && pausedUntil <= usedAt) await laneDelete(tx, { ...lane })
  else await laneUpdate(tx, { ...lane, quick: Number(quick) })
}

/** When the earliest delivery of a lane may be sent: not before the pause that its receiver asked for. */
export async function laneDueAt(
  tx: Tx,
  { accountId, receiver, pausedUntil }: LaneRow,
): Promise<number | null> {
  const [earliest] = await earliestInLane(tx, { accountId, receiver })
  return earliest ? Math.max(earliest.dueAt, pausedUntil) : null
}

/** Null if no delivery waits in these lanes. */
export async function lanesDueAt(tx: Tx, accountId: string, kind: 'quick' | 'other'): Promise<number | null> {
  const [earliest] = await earliestLane(tx, { accountId, quick: Number(kind === 'quick') })
  return earliest?.dueAt ?? null
}

/** `turn` null: the account was not visited, only its due time has changed. */
export async function putQueue(
  tx: Tx,
  queue: { readonly accountId: string; readonly dueAt: number | null; readonly turn: number | null },
): Promise<void> {
  await queueUpdate(tx, { ...queue })
}

/** After a change in a lane: makes the lane due when its next delivery is. */
export async function refreshLane(
  tx: Tx,
  name: LaneName,
  change: Partial<Pick<LaneRow, 'quick' | 'pausedUntil' | 'usedAt'>>,
): Promise<void> {
  const { accountId, receiver } = name
  const [found] = await laneOf(tx, { accountId, receiver })
  if (!found) return
  const lane = { ...found, ...change }
  await putLane(tx, { ...lane, dueAt: await laneDueAt(tx, lane) })
}

/** Returns the new due time of the account. */
export async function refreshQueue(tx: Tx, accountId: string): Promise<number | null> {
  const quick = await lanesDueAt(tx, accountId, 'quick')
  const other = await lanesDueAt(tx, accountId, 'other')
  const dueAt = earlier(quick, other)
  await putQueue(tx, { accountId, dueAt, turn: null })
  return dueAt
}

export function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}

/** Knowledge about a receiver is kept this long after its last delivery. */
const laneKeptMs = 24 * 60 * 60_000

/** Deletes up to `max` lanes that have been empty for a day. Returns how many were found. */
export async function forgetLanes(ctx: Context, max: number): Promise<number> {
  const before = ctx.clock.now() - laneKeptMs
  const idle = await idleLanes(ctx.db.read, { before, max })
  if (idle.length === 0) return 0
  const { webhookLanes: lanes } = ctx.db.read.tables
  const forget = async (tx: Tx) => {
    for (const { accountId, receiver } of idle) {
      const name = and(eq(lanes.accountId, accountId), eq(lanes.receiver, receiver))
      await tx.delete(lanes).where(and(name, isNull(lanes.dueAt), lt(lanes.usedAt, before)))
    }
  }
  await ctx.db.transaction(forget, { mayDelay: true })
  return idle.length
}

const idleLanes = statement<LaneName>('webhook_lanes_idle', (read) => {
  const { webhookLanes: lanes } = read.tables
  return read
    .select({ accountId: lanes.accountId, receiver: lanes.receiver })
    .from(lanes)
    .where(and(isNull(lanes.dueAt), lt(lanes.usedAt, sql.placeholder('before'))))
    .limit(sql.placeholder('max'))
})
