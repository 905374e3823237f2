// Limits of deliveries sent at once: in total, per account, and per receiver of an account, where the limit adapts.
import { receiverOf } from '../outbox.ts'
import type { DeliveryRow } from '../store.ts'

/** In total: each is a connection, and waits for up to `webhooks.timeout`. */
export const sendingMax = 128
/** Per account, however many receivers it names. */
const perAccountMax = 48
/** Per account, to receivers without a quick 2xx so far: those may hang until the deadline. */
const unprovenPerAccountMax = 8
/** For a receiver about which nothing is known. */
const limitAtStart = 4
/** A 2xx that took longer is no reason to send more at once. */
export const quickMs = 2_000
/** Limits are remembered for this many receivers; a forgotten receiver starts again. */
const rememberedMax = 10_000

/** What an answer says about its receiver. */
export type Verdict = 'quick' | 'slow' | 'overloaded' | 'dead' | 'neutral'

/** Grows with quick 2xx while it is used, and halves when the receiver is overloaded or silent. */
interface Limit {
  atOnceMax: number
  /** Below it, each quick 2xx adds one; above it, one is added for each whole round. */
  threshold: number
  /** Tries sent before this time do not shrink the limit again. */
  shrunkAt: number
}

interface Sending {
  readonly accountId: string
  readonly lane: string
  readonly isQuick: boolean
}

export interface Limits {
  /** How many more of the account may be sent now; `other`: to receivers that are not proven. */
  accountRoom(accountId: string, kind: 'quick' | 'other', picked: Picked): number
  /** `host`: from `receiverOf`. */
  laneRoom(accountId: string, host: string, picked: Picked): number
  totalRoom(): number
  /** The delivery is being sent from now on. */
  add(delivery: DeliveryRow, isQuick: boolean): void
  /** The delivery is no longer being sent. Returns whether others may have waited for its slot. */
  remove(delivery: DeliveryRow): boolean
  /** Judges the receiver by its answer to a try, and adapts its limit. */
  learn(
    delivery: DeliveryRow,
    answer: { readonly status: number | null; readonly tookMs: number; readonly nowMs: number },
  ): Verdict
}

/** Counts of what one claim has picked so far, in addition to what is being sent. */
export type Picked = Readonly<Record<'accounts' | 'unproven' | 'lanes', Map<string, number>>>

export const newPicked = (): Picked => ({ accounts: new Map(), unproven: new Map(), lanes: new Map() })

export function pick(picked: Picked, { accountId, url }: DeliveryRow, isQuick: boolean): void {
  add(picked.accounts, accountId, 1)
  if (!isQuick) add(picked.unproven, accountId, 1)
  add(picked.lanes, laneKey(accountId, receiverOf(url)), 1)
}

export function createLimits(): Limits {
  // Keyed by the claimed row object: a delivery that was resent meanwhile may be in progress twice.
  const sending = new Map<DeliveryRow, Sending>()
  const counts = newPicked()
  const limits = new Map<string, Limit>()
  const limitOf = (lane: string): number => Math.floor(limits.get(lane)?.atOnceMax ?? limitAtStart)
  const count = ({ accountId, lane, isQuick }: Sending, by: number): void => {
    add(counts.accounts, accountId, by)
    if (!isQuick) add(counts.unproven, accountId, by)
    add(counts.lanes, lane, by)
  }
  return {
    totalRoom: () => sendingMax - sending.size,
    accountRoom(accountId, kind, picked) {
      const room = perAccountMax - of(counts.accounts, accountId) - of(picked.accounts, accountId)
      if (kind === 'quick') return room
      const unproven = of(counts.unproven, accountId) + of(picked.unproven, accountId)
      return Math.min(room, unprovenPerAccountMax - unproven)
    },
    laneRoom(accountId, host, picked) {
      const lane = laneKey(accountId, host)
      return limitOf(lane) - of(counts.lanes, lane) - of(picked.lanes, lane)
    },
    add(delivery, isQuick) {
      const { accountId, url } = delivery
      const one = { accountId, lane: laneKey(accountId, receiverOf(url)), isQuick }
      sending.set(delivery, one)
      count(one, 1)
    },
    remove(delivery) {
      const one = sending.get(delivery)
      if (!one) return false
      const wasFull =
        sending.size >= sendingMax ||
        of(counts.accounts, one.accountId) >= perAccountMax ||
        of(counts.unproven, one.accountId) >= unprovenPerAccountMax ||
        // Its own answer may have raised the limit by one.
        of(counts.lanes, one.lane) >= limitOf(one.lane) - 1
      sending.delete(delivery)
      count(one, -1)
      return wasFull
    },
    learn({ accountId, url }, answer) {
      const lane = laneKey(accountId, receiverOf(url))
      const verdict = verdictOf(answer)
      const limit = limits.get(lane) ?? {
        atOnceMax: limitAtStart,
        threshold: perAccountMax,
        shrunkAt: -Infinity,
      }
      const sentAt = answer.nowMs - answer.tookMs
      if (verdict === 'quick') grow(limit, of(counts.lanes, lane))
      else if ((verdict === 'overloaded' || verdict === 'dead') && sentAt >= limit.shrunkAt) {
        shrink(limit, answer.nowMs)
      }
      limits.delete(lane)
      limits.set(lane, limit)
      for (const oldest of limits.keys()) {
        if (limits.size <= rememberedMax) break
        limits.delete(oldest)
      }
      return verdict
    },
  }
}

function grow(limit: Limit, atOnce: number): void {
  // A limit that was not reached has not been tested.
  if (atOnce * 2 < limit.atOnceMax) return
  const step = limit.atOnceMax < limit.threshold ? 1 : 1 / limit.atOnceMax
  limit.atOnceMax = Math.min(perAccountMax, limit.atOnceMax + step)
}

function shrink(limit: Limit, nowMs: number): void {
  limit.atOnceMax = Math.max(1, Math.floor(limit.atOnceMax / 2))
  limit.threshold = limit.atOnceMax
  limit.shrunkAt = nowMs
}

const tooManyRequests = 429

function verdictOf({ status, tookMs }: { readonly status: number | null; readonly tookMs: number }): Verdict {
  if (status === null) return 'dead'
  if (status >= 200 && status < 300) return tookMs <= quickMs ? 'quick' : 'slow'
  return status === tooManyRequests || status >= 500 ? 'overloaded' : 'neutral'
}

/** By the actual host, so that an account's URL and a request's URL there share one limit. */
const laneKey = (accountId: string, host: string): string => `${accountId} ${host}`

const of = (counts: ReadonlyMap<string, number>, name: string): number => counts.get(name) ?? 0

function add(counts: Map<string, number>, name: string, by: number): void {
  const now = of(counts, name) + by
  if (now === 0) counts.delete(name)
  else counts.set(name, now)
}
