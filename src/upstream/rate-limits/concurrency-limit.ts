// How many submits may be in flight at once with one key: a self-adjusting concurrency limit.

import type { LimitSettings } from './limit-settings.ts'

/** One submit in flight. */
export interface Attempt {
  readonly number: number
  startedAt: number
  /** How many were in flight when it was posted, including itself. */
  held: number
  /** The highest number in flight at once during this attempt. */
  peak: number
}

/** `other`: no answer, or one that says nothing about the limit. */
export type AttemptEnd = 'answered' | 'rate_limited' | 'other'

/**
 * `full`: the limit was fully used without a 429. `all_rate_limited`: a 429 that no ceiling explains.
 * `revoked`: the 429 that lowered the limit is attributed to one order, account or model.
 */
export type LimitMove = 'full' | 'creep' | 'rate_limited' | 'all_rate_limited' | 'revoked'

export interface LimitReport {
  readonly limit: number
  /** The upstream answered 429 above this number; null if it never did. */
  readonly ceiling: number | null
  readonly inFlight: number
  readonly moved: { readonly atMs: number; readonly reason: LimitMove } | null
}

/**
 * A window of answers counts as full if its peak in flight reached this share: one account alone leaves slots
 * free.
 */
const fullShare = 0.8
/** Growth of the limit for each full window: a quarter, or a half if answers are slow. */
const growthShare = 0.25
const slowGrowthShare = 0.5
const slowMs = 1_000
/** Additional submits start one by one, spread over half the answer time, at most `gapMaxMs` apart. */
const spreadShare = 0.5
const gapMaxMs = 100
/** Submits due within one turn of the poll loop start together. */
const turnMs = 5
/** Weight of one answer in the moving average of answer times. */
const latencyWeight = 0.2
const minuteMs = 60_000
/**
 * The first step beyond the highest proven number waits this long, and twice as long for each 429 that
 * followed such a step.
 */
const creepAfterMs = 5 * minuteMs
const creepMaxMs = 60 * minuteMs

interface Creep {
  readonly at: number
  readonly steps: number
  readonly hits: number
}

/** The 429s of submits that were in flight together. */
interface Burst {
  /** The last attempt that belongs to it. */
  readonly upTo: number
  readonly ceilingBefore: number | null
  readonly limitBefore: number
  readonly creepBefore: Creep
  held: number
  refused: number
}

/**
 * A 429 pauses the whole key, so one burst has to reveal the ceiling: the number in flight minus the number
 * refused. Alternatives that were tried and failed: docs/decisions/0018.
 */
export class ConcurrencyLimit {
  readonly #start: number
  readonly #max: number
  readonly #open = new Set<Attempt>()
  /** The attempts in `#open` that are posted. */
  readonly #posted = new Set<Attempt>()
  #begun = 0
  #limit: number
  #ceiling: number | null = null
  /** `good`: the most in flight when one of the window's answered attempts was posted. */
  #window = { answers: 0, top: 0, good: 0 }
  /** Up to this number attempts start at once; it follows the limit step by step. */
  #released: number
  #releaseAt = 0
  #release = { gapMs: turnMs, step: 1 }
  /** The highest number in flight that was sustained through a whole window. */
  #good = 0
  #latencyMs = gapMaxMs
  #burst: Burst | null = null
  #creep: Creep = { at: Infinity, steps: 0, hits: -1 }
  #moved: LimitReport['moved'] = null
  /** What of the limit is for this instance. */
  #part = Infinity

  constructor({ start, max }: LimitSettings) {
    this.#start = Math.min(start, max)
    this.#max = max
    this.#limit = this.#start
    this.#released = this.#start
  }

  /** How many may begin now. */
  room(nowMs: number): number {
    const more = this.#gapLeftMs(nowMs) > 0 ? 0 : this.#release.step
    return Math.max(0, Math.min(this.#limit, this.#part, this.#released + more) - this.#open.size)
  }

  /** How long until more may begin, if that depends on time and not on answers. */
  roomInMs(nowMs: number): number | null {
    const isWaiting = this.#open.size < this.#limit && this.#open.size >= this.#released
    return isWaiting ? this.#gapLeftMs(nowMs) || null : null
  }

  /** Other instances share the limit: no more than this may be in flight here. */
  restrict(part: number): void {
    this.#part = part
  }

  /** How many attempts have begun. */
  get begun(): number {
    return this.#begun
  }

  /** Reserves a slot for an attempt that is soon posted or given back; it is measured only once posted. */
  reserve(nowMs: number): Attempt {
    this.#begun += 1
    const attempt: Attempt = { number: this.#begun, startedAt: nowMs, held: 0, peak: 0 }
    this.#open.add(attempt)
    return attempt
  }

  begin(nowMs: number): Attempt {
    const attempt = this.reserve(nowMs)
    this.posted(attempt, nowMs)
    return attempt
  }

  posted(attempt: Attempt, nowMs: number): void {
    if (!this.#open.has(attempt) || this.#posted.has(attempt)) return
    this.#posted.add(attempt)
    const held = this.#posted.size
    attempt.held = held
    for (const other of this.#posted) other.peak = Math.max(other.peak, held)
    this.#window.top = Math.max(this.#window.top, held)
    if (held > this.#released) {
      this.#released = held
      this.#releaseAt = nowMs + this.#release.gapMs
    }
  }

  /** Ends an attempt. Returns false, and changes nothing, if it had already ended. */
  end(attempt: Attempt, how: AttemptEnd, nowMs: number): boolean {
    if (!this.#open.has(attempt)) return false
    if (how !== 'other') this.posted(attempt, nowMs)
    this.#open.delete(attempt)
    this.#posted.delete(attempt)
    if (how === 'answered') this.#answered(attempt, nowMs)
    if (how === 'rate_limited') this.#refused(attempt, nowMs)
    return true
  }

  /** The last 429s said nothing about concurrency: restores what they lowered. */
  revoke(nowMs: number): void {
    if (!this.#burst) return
    const { ceilingBefore, limitBefore, creepBefore } = this.#burst
    this.#burst = null
    this.#ceiling = ceilingBefore
    this.#creep = creepBefore
    if (this.#limit < limitBefore) this.#move(limitBefore, 'revoked', nowMs)
  }

  /** Whether any that began before this one is still under way. */
  isOpenBefore(number: number): boolean {
    const [oldest] = this.#open
    return oldest !== undefined && oldest.number < number
  }

  /** After a pause or an outage attempts begin one by one again. */
  restart(): void {
    this.#released = 0
    this.#spread()
  }

  /** The clock was moved. */
  shift(byMs: number): void {
    this.#releaseAt += byMs
    this.#creep = { ...this.#creep, at: this.#creep.at + byMs }
    for (const attempt of this.#open) attempt.startedAt += byMs
  }

  report(): LimitReport {
    const limit = Math.min(this.#limit, this.#part)
    return { limit, ceiling: this.#ceiling, inFlight: this.#open.size, moved: this.#moved }
  }

  #answered(attempt: Attempt, nowMs: number): void {
    this.#latencyMs += (Math.max(0, nowMs - attempt.startedAt) - this.#latencyMs) * latencyWeight
    // Attempts in flight beside refused ones prove nothing for the time after the pause.
    if (this.#burst && attempt.number <= this.#burst.upTo) return
    this.#window.answers += 1
    this.#window.good = Math.max(this.#window.good, attempt.held)
    // The peak counts, not the current number: at the moment of an answer its slot is not refilled yet.
    if (this.#window.answers < this.#limit || this.#window.top < this.#fullTop()) return
    this.#good = Math.max(this.#good, this.#window.good)
    this.#beginWindow()
    this.#grow(nowMs)
  }

  /** With only a few slots, a single free one is a large share. */
  #fullTop(): number {
    return Math.max(1, Math.min(fullShare * this.#limit, this.#limit - 1))
  }

  #grow(nowMs: number): void {
    if (this.#ceiling !== null && this.#limit >= this.#ceiling) {
      this.#creepUp(this.#ceiling, nowMs)
      return
    }
    const share = this.#latencyMs > slowMs ? slowGrowthShare : growthShare
    const step = this.#limit < this.#start ? this.#limit : Math.ceil(this.#limit * share)
    this.#move(Math.min(this.#ceiling ?? this.#max, this.#limit + step), 'full', nowMs)
  }

  /** By one at first; while answers stay good, by twice as many each minute. */
  #creepUp(ceiling: number, nowMs: number): void {
    if (nowMs < this.#creep.at || ceiling >= this.#max) return
    this.#ceiling = Math.min(this.#max, ceiling + 2 ** this.#creep.steps)
    this.#creep = { ...this.#creep, at: nowMs + minuteMs, steps: this.#creep.steps + 1 }
    this.#move(this.#ceiling, 'creep', nowMs)
  }

  #refused(attempt: Attempt, nowMs: number): void {
    const burst = this.#burst && attempt.number <= this.#burst.upTo ? this.#burst : this.#beginBurst()
    burst.refused += 1
    burst.held = Math.max(burst.held, attempt.peak)
    const carried = burst.held - burst.refused
    // If refusals start far below the number carried before, or all are refused, concurrency is not the
    // cause.
    const isNoCeiling = carried < 1 || burst.held * 2 <= this.#good
    this.#ceiling = isNoCeiling ? burst.ceilingBefore : Math.min(carried, burst.ceilingBefore ?? this.#max)
    if (isNoCeiling && carried >= 1) this.#good = burst.held
    this.#move(carried, isNoCeiling ? 'all_rate_limited' : 'rate_limited', nowMs)
    const firstMs = (this.#ceiling ?? 0) < this.#good ? minuteMs : creepAfterMs
    const at = nowMs + Math.min(creepMaxMs, firstMs * 2 ** this.#creep.hits)
    this.#creep = { ...this.#creep, at }
  }

  #beginBurst(): Burst {
    const creepBefore = this.#creep
    const { steps, hits } = creepBefore
    // A step back towards the proven number was refused: that number is no longer carried.
    if (steps === 1 && this.#ceiling !== null) this.#good = Math.min(this.#good, this.#ceiling - 1)
    this.#creep = { at: Infinity, steps: 0, hits: steps > 1 ? 0 : hits + 1 }
    this.#released = 0
    const before = { ceilingBefore: this.#ceiling, limitBefore: this.#limit, creepBefore }
    this.#burst = { upTo: this.#begun, ...before, held: 0, refused: 0 }
    return this.#burst
  }

  #move(to: number, reason: LimitMove, nowMs: number): void {
    const limit = Math.max(1, Math.min(this.#max, to))
    if (limit === this.#limit && reason === 'full') return
    this.#limit = limit
    this.#moved = { atMs: nowMs, reason }
    this.#spread()
    this.#beginWindow()
  }

  #spread(): void {
    const places = Math.max(1, this.#limit - this.#released)
    const gapMs = Math.min(gapMaxMs, (spreadShare * this.#latencyMs) / places)
    this.#release = { gapMs: Math.max(turnMs, gapMs), step: Math.max(1, Math.ceil(turnMs / gapMs)) }
  }

  #beginWindow(): void {
    this.#window = { answers: 0, top: this.#posted.size, good: 0 }
  }

  /** A clock that was set back must not extend a wait. */
  #gapLeftMs(nowMs: number): number {
    const leftMs = this.#releaseAt - nowMs
    return leftMs > gapMaxMs ? 0 : Math.max(0, leftMs)
  }
}
