// Takes due deliveries in turns, so that no receiver and no account holds the others up, however much waits for it.
import { and, eq, inArray, lte } from 'drizzle-orm'
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
  release(delivery: DeliveryRow): void
}

export function createLanes(ctx: Context): Lanes {
  const underWay = { receivers: new Map<string, number>(), accounts: new Map<string, number>() }
  let cursor: Lane = firstLane
  const count = ({ receiver, accountId }: Lane, by: 1 | -1) => {
    add(underWay.receivers, receiver, by)
    add(underWay.accounts, accountId, by)
  }
  return {
    async claim(max) {
      const nowMs = ctx.clock.now()
      if ((await firstDue(ctx.db.read, { nowMs })).length === 0) return []
      const picked = {
        ids: [] as string[],
        receivers: new Map<string, number>(),
        accounts: new Map<string, number>(),
      }
      const visited = new Set<string>()
      while (picked.ids.length < max) {
        const lane = await nextLane(ctx, cursor)
        if (!lane || visited.has(nameOf(lane))) break
        if (visited.size >= visitsMax) {
          // The circle is not closed: what is due may stand further on.
          ctx.wake('deliver')
          break
        }
        visited.add(nameOf(lane))
        cursor = lane
        const room = Math.min(
          max - picked.ids.length,
          perReceiverMax - of(underWay.receivers, lane.receiver) - of(picked.receivers, lane.receiver),
          perAccountMax - of(underWay.accounts, lane.accountId) - of(picked.accounts, lane.accountId),
        )
        const due = room > 0 ? await dueInLane(ctx.db.read, { ...lane, nowMs, max: room }) : []
        add(picked.receivers, lane.receiver, due.length)
        add(picked.accounts, lane.accountId, due.length)
        picked.ids.push(...due.map(({ id }) => id))
      }
      const claimed = picked.ids.length > 0 ? await lease(ctx, picked.ids, nowMs) : []
      for (const delivery of claimed) count(delivery, 1)
      return claimed
    },
    release: (delivery) => count(delivery, -1),
  }
}

const firstLane: Lane = { receiver: '', accountId: '' }
const nameOf = ({ receiver, accountId }: Lane): string => `${receiver} ${accountId}`
const of = (counts: ReadonlyMap<string, number>, name: string): number => counts.get(name) ?? 0

function add(counts: Map<string, number>, name: string, by: number): void {
  const now = of(counts, name) + by
  if (now === 0) counts.delete(name)
  else counts.set(name, now)
}

/** After the last comes the first. */
async function nextLane({ db }: Context, after: Lane): Promise<Lane | null> {
  const [next] = await laneAfter(db.read, { ...after })
  const [lane] = next ? [next] : await laneAfter(db.read, { ...firstLane })
  return lane ?? null
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
