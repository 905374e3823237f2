// Takes due deliveries in turns, so that no receiver and no account holds the others up, however much waits for it.
import { and, eq, inArray, lte } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { dueInLane, firstDue, laneAfter } from './store.ts'
import type { DeliveryRow, Lane } from './store.ts'

/** To one host and port: a receiver that is slow is not asked faster for it. */
const perReceiverMax = 4
/** Of one account: whoever names many receivers that hang has a quarter of all room, not all of it. */
const perAccountMax = 16
/** Looks at lanes in one turn; where there are more, the next turn goes on after them. */
const visitsMax = 256
/** Past the receiver's own deadline, for signing and writing down; after it the try belongs to nobody. */
const leaseMarginMs = 30_000

export interface Lanes {
  /** Up to `max` that are due, under lease; each is to be handed to `release` when it has ended. */
  claim(max: number): Promise<DeliveryRow[]>
  /** Whether others had to wait for it. */
  release(delivery: DeliveryRow): boolean
}

export function createLanes(ctx: Context): Lanes {
  const underWay = newCounts()
  const walk = startWalk(ctx)
  let foundInRound = false
  return {
    async claim(max) {
      const nowMs = ctx.clock.now()
      if ((await firstDue(ctx.db.read, { nowMs })).length === 0) return []
      const picked = newCounts()
      const ids = new Set<string>()
      for (let visits = 0; ids.size < max; visits += 1) {
        if (visits === visitsMax) {
          // The round is not over: what is due may stand further on.
          ctx.wake('deliver')
          break
        }
        const lane = await walk.next()
        if (!lane) {
          // A round that ended with the turn before this one may have left some where it took some.
          const isWorthAnother = visits === 0 && foundInRound
          foundInRound = false
          if (isWorthAnother) continue
          break
        }
        const room = Math.min(
          max - ids.size,
          perReceiverMax - of(underWay.receivers, lane.receiver) - of(picked.receivers, lane.receiver),
          perAccountMax - of(underWay.accounts, lane.accountId) - of(picked.accounts, lane.accountId),
        )
        const due = room > 0 ? await dueInLane(ctx.db.read, { ...lane, nowMs, max: room }) : []
        // The end of a round may come by where it began.
        const fresh = due.filter(({ id }) => !ids.has(id))
        foundInRound ||= fresh.length > 0
        count(picked, lane, fresh.length)
        for (const { id } of fresh) ids.add(id)
      }
      const claimed = ids.size > 0 ? await lease(ctx, [...ids], nowMs) : []
      for (const delivery of claimed) count(underWay, delivery, 1)
      return claimed
    },
    release(delivery) {
      const { receiver, accountId } = delivery
      const wasFull =
        of(underWay.receivers, receiver) >= perReceiverMax ||
        of(underWay.accounts, accountId) >= perAccountMax
      count(underWay, delivery, -1)
      return wasFull
    },
  }
}

/**
 * Goes from lane to lane and, after the last, to the first. Null when each has been visited since it said so
 * last; a round may take many turns. Without that, thousands of lanes with nothing due would be walked without end.
 */
function startWalk({ db }: Context): { next(): Promise<Lane | null> } {
  let at: Lane = { receiver: '', accountId: '' }
  let round: { readonly from: Lane; wrapped: boolean; isOver: boolean } | null = null
  return {
    async next() {
      round ??= { from: at, wrapped: false, isOver: false }
      let [lane] = await laneAfter(db.read, { ...at })
      if (!lane) {
        ;[lane] = await laneAfter(db.read, { receiver: '', accountId: '' })
        if (round.wrapped) round.isOver = true
        round.wrapped = true
      }
      if (!lane || round.isOver) {
        round = null
        return null
      }
      if (round.wrapped && !isBehind(round.from, lane)) round.isOver = true
      at = lane
      return lane
    },
  }
}

function isBehind(one: Lane, other: Lane): boolean {
  return one.receiver === other.receiver ? one.accountId > other.accountId : one.receiver > other.receiver
}

interface Counts {
  readonly receivers: Map<string, number>
  readonly accounts: Map<string, number>
}

const newCounts = (): Counts => ({ receivers: new Map(), accounts: new Map() })

function count({ receivers, accounts }: Counts, { receiver, accountId }: Lane, by: number): void {
  add(receivers, receiver, by)
  add(accounts, accountId, by)
}

const of = (counts: ReadonlyMap<string, number>, name: string): number => counts.get(name) ?? 0

function add(counts: Map<string, number>, name: string, by: number): void {
  const now = of(counts, name) + by
  if (now === 0) counts.delete(name)
  else counts.set(name, now)
}

async function lease(ctx: Context, ids: readonly string[], nowMs: number): Promise<DeliveryRow[]> {
  return await ctx.db.transaction(
    async (tx) => {
      const { webhookDeliveries: deliveries } = tx.tables
      return await tx
        .update(deliveries)
        .set({ claimed: true, dueAt: nowMs + ctx.config.webhooks.timeoutMs + leaseMarginMs })
        .where(and(inArray(deliveries.id, [...ids]), lte(deliveries.dueAt, nowMs)))
        .returning()
    },
    { patient: true },
  )
}

/** What the process before us had under way: whether it was heard nobody knows, so it is sent again, now. */
export async function takeOverDeliveries(tx: Tx, nowMs: number): Promise<void> {
  const { webhookDeliveries: deliveries } = tx.tables
  await tx
    .update(deliveries)
    .set({ claimed: false, dueAt: nowMs })
    .where(and(eq(deliveries.state, 'pending'), eq(deliveries.claimed, true)))
}
