// Commits the outcomes of deliveries; those that end at about the same time share one transaction.
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { switchOff } from './endpoint.ts'
import { refreshLane, refreshQueue } from './queue/fair-queue.ts'
import type { LaneName, LaneRow } from './queue/fair-queue.ts'
import { settleUnderLease } from './store.ts'
import type { DeliveryRow } from './store.ts'

/** Outcomes per transaction, because it blocks the event loop while it runs. */
const groupMax = 100

export interface Ended {
  readonly delivery: DeliveryRow
  readonly change: Partial<DeliveryRow>
  /** What the try says about the receiver. */
  readonly lane: Partial<Pick<LaneRow, 'quick' | 'pausedUntil'>>
  /** The account's URL answered 410. */
  readonly isGone: boolean
}

export interface Settling {
  /** Resolves when it is committed. Rejects if it cannot be: the lease ends, and it is sent again. */
  add(ended: Ended): Promise<void>
  isBusy(): boolean
}

interface Waiting {
  readonly ended: Ended
  resolve(): void
  reject(error: unknown): void
}

export function createSettling(ctx: Context): Settling {
  const waiting: Waiting[] = []
  let isFlushing = false
  async function flush(): Promise<void> {
    isFlushing = true
    while (waiting.length > 0) await settleNext()
    isFlushing = false
  }
  /** Takes the group only when the transaction starts, to include all that have ended by then. */
  async function settleNext(): Promise<void> {
    let group: Waiting[] = []
    try {
      const isMore = await ctx.db.transaction(
        async (tx) => {
          if (group.length === 0) group = waiting.splice(0, groupMax)
          return await settleIn(ctx, tx, group)
        },
        { mayDelay: true },
      )
      if (isMore) ctx.wake('deliver')
      for (const { resolve } of group) resolve()
    } catch (error) {
      // The transaction never started: take all waiting ones, or they would fail one group after another.
      if (group.length === 0) group = waiting.splice(0)
      if (group.length === 1) group[0]?.reject(error)
      else await Promise.all(group.map(async (one) => await settleAlone(ctx, one)))
    }
  }
  return {
    add(ended) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ ended, resolve, reject })
      if (!isFlushing) void flush()
      return promise
    },
    isBusy: () => isFlushing,
  }
}

/** Retries one alone, so that an outcome that cannot be stored does not affect the others. */
async function settleAlone(ctx: Context, one: Waiting): Promise<void> {
  try {
    await ctx.db.transaction(async (tx) => await settleIn(ctx, tx, [one]), { mayDelay: true })
    one.resolve()
  } catch (error) {
    one.reject(error)
  }
}

/** Returns whether more deliveries of the same accounts are due. */
async function settleIn(ctx: Context, tx: Tx, group: readonly Waiting[]): Promise<boolean> {
  const nowMs = ctx.clock.now()
  const lanes = new Map<string, LaneName & { readonly change: Ended['lane'] }>()
  for (const { ended } of group) {
    const { delivery, lane } = ended
    const { accountId, receiver } = delivery
    const isOurs = await changeUnderLease(tx, ended)
    if (isOurs && ended.isGone) await switchOff(tx, delivery, nowMs)
    const key = `${accountId} ${receiver}`
    // If the URL was set anew meanwhile, what was learned about the old one does not apply.
    const change = isOurs ? lane : {}
    lanes.set(key, { accountId, receiver, change: merged(lanes.get(key)?.change ?? {}, change) })
  }
  for (const { accountId, receiver, change } of lanes.values()) {
    await refreshLane(tx, { accountId, receiver }, { ...change, usedAt: nowMs })
  }
  let isMore = false
  for (const accountId of new Set([...lanes.values()].map((lane) => lane.accountId))) {
    const dueAt = await refreshQueue(tx, accountId)
    isMore ||= dueAt !== null && dueAt <= nowMs
  }
  return isMore
}

function merged(before: Ended['lane'], after: Ended['lane']): Ended['lane'] {
  if (before.pausedUntil === undefined || after.pausedUntil === undefined) return { ...before, ...after }
  return { ...before, ...after, pausedUntil: Math.max(before.pausedUntil, after.pausedUntil) }
}

/** Only while the lease is ours: otherwise a resend, a new URL or another claim decides what comes next. */
async function changeUnderLease(tx: Tx, { delivery, change }: Ended): Promise<boolean> {
  const [changed] = await settleUnderLease(tx, { ...delivery, ...change, leasedUntil: delivery.dueAt })
  return changed !== undefined
}
