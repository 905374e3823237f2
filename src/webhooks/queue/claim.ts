// Claims due deliveries by index: account by account, and within each receiver by receiver, each within its share.
import { and, eq, gt, not, sql } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { isHeld } from '../../instances/held.ts'
import { giveUpSome } from '../give-up.ts'
import { supersedeIfOver } from '../events/interim.ts'
import {
  accountLane,
  accountsDue,
  earlier,
  laneDueAt,
  lanesDue,
  lanesDueAt,
  putLane,
  putQueue,
} from './fair-queue.ts'
import type { LaneRow } from './fair-queue.ts'
import { createLimits, newPicked, pick } from './limits.ts'
import type { Limits, Picked } from './limits.ts'
import { receiverOf, removed, switchedOff } from '../outbox.ts'
import { dueInLane, endpointOf, leaseDelivery } from '../store.ts'
import type { DeliveryRow } from '../store.ts'

/** Limits of one claim for accounts, and for receivers of all of them: it runs inside a transaction. */
const accountsPerClaimMax = 64
const lanesPerClaimMax = 128
/** Added to the receiver's deadline for signing and recording; after it the delivery may be claimed again. */
const leaseMarginMs = 30_000

export interface Lanes {
  readonly limits: Limits
  /** Leases up to `max` due deliveries; pass each to `limits.remove` when it has been sent. */
  claim(max: number): Promise<DeliveryRow[]>
}

/** `isSettling`: outcomes are about to be committed, and only they make waiting deliveries due. */
export function createLanes(ctx: Context, isSettling: () => boolean = () => false): Lanes {
  const limits = createLimits()
  let turn = 0
  return {
    limits,
    async claim(max) {
      const room = Math.min(max, limits.totalRoom())
      if (room <= 0) return []
      const nowMs = ctx.clock.now()
      if (!isSettling() && (await accountsDue(ctx.db.read, { nowMs, max: 1 })).length === 0) return []
      // One number per claim, higher than all numbers of the previous process.
      turn = Math.max(turn + 1, nowMs)
      const leasedUntil = nowMs + ctx.config.webhooks.timeoutMs + leaseMarginMs
      const terms = { limits, nowMs, turn, leasedUntil, holder: ctx.instances.id, room }
      const claimed = await ctx.db.transaction(async (tx) => await claimIn(tx, terms), { mayDelay: true })
      for (const { delivery, isQuick } of claimed.taken) limits.add(delivery, isQuick)
      // Room is left, and not everything due was read: the next claim continues.
      if (claimed.isMore && limits.totalRoom() > 0) ctx.wake('deliver')
      return claimed.taken.map(({ delivery }) => delivery)
    },
  }
}

interface Terms {
  readonly limits: Limits
  readonly nowMs: number
  readonly turn: number
  readonly leasedUntil: number
  readonly holder: string | null
  readonly room: number
}

interface Taken {
  readonly delivery: DeliveryRow
  readonly isQuick: boolean
}

/** The state of a claim in progress. */
interface Progress {
  readonly taken: Taken[]
  readonly picked: Picked
  lanesLeft: number
  isMore: boolean
}

interface Claim {
  readonly terms: Terms
  readonly progress: Progress
}

async function claimIn(tx: Tx, terms: Terms): Promise<Progress> {
  const progress: Progress = { taken: [], picked: newPicked(), lanesLeft: lanesPerClaimMax, isMore: false }
  const accounts = await accountsDue(tx, { nowMs: terms.nowMs, max: accountsPerClaimMax })
  if (accounts.length === accountsPerClaimMax) progress.isMore = true
  for (const [at, { accountId }] of accounts.entries()) {
    const left = terms.room - progress.taken.length
    if (left <= 0 || progress.lanesLeft <= 0) {
      progress.isMore = true
      break
    }
    // Room that earlier accounts did not need is shared among the later ones.
    const share = Math.ceil(left / (accounts.length - at))
    await visitAccount(tx, accountId, { terms: { ...terms, room: share }, progress })
  }
  return progress
}

/** Proven receivers first: receivers that hang cannot delay them, however many there are. */
async function visitAccount(tx: Tx, accountId: string, { terms, progress }: Claim): Promise<void> {
  const { limits, nowMs, turn, leasedUntil } = terms
  const before = progress.taken.length
  let dueAt: number | null = null
  for (const kind of ['quick', 'other'] as const) {
    const left = terms.room - (progress.taken.length - before)
    const room = Math.min(left, limits.accountRoom(accountId, kind, progress.picked))
    if (room > 0) await visitLanes(tx, { accountId, kind }, { terms: { ...terms, room }, progress })
    const next = await lanesDueAt(tx, accountId, kind)
    // Without room for this kind, none is due before a delivery of it ends, which updates the due time.
    const isFull = limits.accountRoom(accountId, kind, progress.picked) <= 0
    const nextAt = next !== null && isFull ? Math.max(next, leasedUntil) : next
    dueAt = earlier(dueAt, nextAt)
  }
  const isDue = dueAt !== null && dueAt <= nowMs
  if (isDue) progress.isMore = true
  await putQueue(tx, { accountId, dueAt: isDue ? nowMs : dueAt, turn })
}

interface LanesOfAccount {
  readonly accountId: string
  readonly kind: 'quick' | 'other'
}

/** Each due lane yields a delivery or is postponed, so only as many are read as there is room for. */
async function visitLanes(
  tx: Tx,
  { accountId, kind }: LanesOfAccount,
  { terms, progress }: Claim,
): Promise<void> {
  const max = Math.min(terms.room, progress.lanesLeft)
  const lanes = await lanesDue(tx, { accountId, quick: Number(kind === 'quick'), nowMs: terms.nowMs, max })
  const before = progress.taken.length
  for (const [at, lane] of lanes.entries()) {
    progress.lanesLeft -= 1
    const left = terms.room - (progress.taken.length - before)
    if (left <= 0) return
    const share = Math.ceil(left / (lanes.length - at))
    await visitLane(tx, lane, { terms: { ...terms, room: share }, progress })
  }
}

async function visitLane(tx: Tx, lane: LaneRow, { terms, progress }: Claim): Promise<void> {
  const { limits, nowMs, turn, leasedUntil, holder } = terms
  const { accountId, receiver } = lane
  const goesTo = receiver === accountLane ? await accountUrl(tx, accountId) : null
  if (goesTo?.url === null) {
    const isMore = await giveUpSome(tx, { accountId, receiver, lastError: goesTo.lastError })
    await putLane(tx, { ...lane, turn, dueAt: isMore ? nowMs : null, usedAt: nowMs })
    return
  }
  const host = goesTo === null ? receiver : receiverOf(goesTo.url)
  const room = Math.min(terms.room, limits.laneRoom(accountId, host, progress.picked))
  const rows = room > 0 ? await dueInLane(tx, { accountId, receiver, nowMs, max: room }) : []
  for (const row of rows) {
    if (await supersedeIfOver(tx, row)) continue
    const leased = { ...row, claimed: true, dueAt: leasedUntil, url: goesTo?.url ?? row.url, holder }
    await leaseDelivery(tx, { id: row.id, dueAt: leasedUntil, url: leased.url, holder })
    progress.taken.push({ delivery: leased, isQuick: lane.quick })
    pick(progress.picked, leased, lane.quick)
  }
  const next = await laneDueAt(tx, lane)
  const isFull = limits.laneRoom(accountId, host, progress.picked) <= 0
  // A full lane is due again when a delivery of it ends, at the latest when their leases do.
  const dueAt = next !== null && isFull ? Math.max(next, leasedUntil) : next
  const usedAt = rows.length > 0 ? nowMs : lane.usedAt
  await putLane(tx, { ...lane, turn, dueAt: dueAt === null ? null : Math.max(dueAt, nowMs), usedAt })
}

type AccountUrl = { readonly url: string } | { readonly url: null; readonly lastError: string }

async function accountUrl(tx: Tx, accountId: string): Promise<AccountUrl> {
  const [endpoint] = await endpointOf(tx, { accountId })
  if (!endpoint) return { url: null, lastError: removed }
  return endpoint.disabledAt === null ? { url: endpoint.url } : { url: null, lastError: switchedOff }
}

/** What a process was sending that is gone: it is unknown whether it arrived, so it is sent again now. */
export async function releaseDeliveries(tx: Tx, nowMs: number): Promise<void> {
  const { webhookDeliveries: deliveries } = tx.tables
  const underWay = and(
    sql`${deliveries.claimed}`,
    gt(deliveries.accountId, ''),
    eq(deliveries.state, 'pending'),
    not(isHeld(tx, deliveries.holder)),
  )
  await tx.update(deliveries).set({ claimed: false, dueAt: nowMs }).where(underWay)
}
