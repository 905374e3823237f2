// The gateway's time: the wall clock's, as long as the monotonic clock agrees that so much time has passed.
import type { Clock } from '../clock.ts'

/** A difference up to this is rounding between the two clocks. */
const roundingMs = 5
/** A correction up to this is followed at once, as is one that comes gradually at up to `slewShare` of the time. */
const stepToleratedMs = 2_000
const slewShare = 0.1
/** While no process looked: what a clock that is corrected gradually may have moved. */
const driftShare = 0.000_5
/** A wall clock that has jumped is believed when it has gone evenly for so long. */
export const settleMs = 10 * 60_000

/** What the store remembers of time between processes. */
export interface TimeMemory {
  /** The last time that was believed, and what the monotonic clock said then. */
  readonly wallMs: number
  readonly monotonicMs: number
  readonly boot: string
  /** When time was last set forward, and by how much: time that nobody lived through. */
  readonly steppedAt: number
  readonly steppedByMs: number
}

export interface TimeReport {
  /** Whether both clocks agree. While they do not, nothing that cannot be undone is done. */
  readonly ok: boolean
  /** By how much the wall clock is ahead of the time that the gateway goes by. */
  readonly aheadMs: number
  /** How long acts that cannot be undone are held at most from now on; 0 where they are not. */
  readonly holdMs: number
}

export interface TimeEvents {
  /** The wall clock has jumped, and is not believed. */
  onJump(aheadMs: number): void
  /** It agrees again; nothing has come of it. */
  onReturn(): void
  /** It has gone evenly for `settleMs` and is believed now: time is moved by so much. */
  onStep(byMs: number): void
}

interface Suspicion {
  readonly offsetMs: number
  readonly sinceMs: number
}

/** A clock that passes on the wall clock's time while that is plausible, and counts on by itself while it is not. */
export class SteadyClock implements Clock {
  readonly boot: string
  readonly #base: Clock
  readonly #on: TimeEvents
  /** What the wall clock is ahead of the monotonic one, as far as it is believed. */
  #offsetMs: number
  #suspicion: Suspicion | null = null
  #steppedAt = 0
  #steppedByMs = 0
  /** What may be followed now without suspicion, and when that was reckoned. */
  #allowanceMs = stepToleratedMs
  #observedMs: number

  constructor(base: Clock, on: TimeEvents) {
    this.boot = base.boot
    this.#base = base
    this.#on = on
    this.#observedMs = base.monotonic()
    this.#offsetMs = base.now() - this.#observedMs
  }

  now(): number {
    return this.#at(this.#observe())
  }

  monotonic(): number {
    return this.#base.monotonic()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#base.sleep(ms, signal)
  }

  /**
   * Whether what cannot be undone may be done now. `longestMs`: the longest that anything waits for it. After time
   * was set forward, what was waiting then still gets as much time as it had left.
   */
  mayEnd(longestMs: number): boolean {
    const nowMs = this.now()
    return this.#suspicion === null && nowMs - this.#steppedAt >= Math.min(this.#steppedByMs, longestMs)
  }

  report(): TimeReport {
    const monotonicMs = this.#observe()
    const nowMs = this.#at(monotonicMs)
    const settlingMs = this.#suspicion ? settleMs - (monotonicMs - this.#suspicion.sinceMs) : 0
    return {
      ok: this.#suspicion === null,
      aheadMs: Math.round(this.#base.now() - nowMs),
      holdMs: Math.max(0, settlingMs, this.#steppedByMs - (nowMs - this.#steppedAt)),
    }
  }

  memory(): TimeMemory {
    const monotonicMs = this.#observe()
    return {
      wallMs: this.#at(monotonicMs),
      monotonicMs: Math.floor(monotonicMs),
      boot: this.boot,
      steppedAt: this.#steppedAt,
      steppedByMs: this.#steppedByMs,
    }
  }

  /** Compares the clocks with what the store remembers. To be called once, before anything is decided by time. */
  recall(memory: TimeMemory): void {
    this.#steppedAt = memory.steppedAt
    this.#steppedByMs = memory.steppedByMs
    const isSameBoot = memory.boot !== '' && memory.boot === this.boot
    if (isSameBoot) this.#recallBoot(memory)
    else this.#recallWall(memory)
    this.#observe()
  }

  /** The monotonic clock has counted on meanwhile, so it is known for how long no process looked. */
  #recallBoot(memory: TimeMemory): void {
    const monotonicMs = this.#base.monotonic()
    this.#offsetMs = memory.wallMs - memory.monotonicMs
    const aheadMs = this.#base.now() - this.#at(monotonicMs)
    const drifted = stepToleratedMs + Math.max(0, monotonicMs - memory.monotonicMs) * driftShare
    if (Math.abs(aheadMs) <= drifted) this.#offsetMs += aheadMs
  }

  /** Another machine, or this one started anew: downtime and a clock that is ahead look alike. */
  #recallWall(memory: TimeMemory): void {
    const monotonicMs = this.#base.monotonic()
    const awayMs = this.#base.now() - memory.wallMs
    this.#offsetMs = memory.wallMs - monotonicMs
    // Time does not go back: where the clock is behind, time goes on from the last that was written.
    if (awayMs > stepToleratedMs) this.#step(awayMs, monotonicMs)
  }

  #at(monotonicMs: number): number {
    return Math.floor(monotonicMs + this.#offsetMs)
  }

  /** Compares the clocks and returns the monotonic one's reading. */
  #observe(): number {
    const monotonicMs = this.#base.monotonic()
    const seenMs = this.#base.now() - monotonicMs
    const aheadMs = seenMs - this.#offsetMs
    const regainedMs = (monotonicMs - this.#observedMs) * slewShare
    this.#allowanceMs = Math.min(stepToleratedMs, this.#allowanceMs + regainedMs)
    this.#observedMs = monotonicMs
    if (Math.abs(aheadMs) <= this.#allowanceMs) this.#follow(aheadMs)
    else this.#doubt(aheadMs, seenMs, monotonicMs)
    return monotonicMs
  }

  #follow(aheadMs: number): void {
    if (Math.abs(aheadMs) > roundingMs) {
      this.#offsetMs += aheadMs
      this.#allowanceMs -= Math.abs(aheadMs)
    }
    if (!this.#suspicion) return
    this.#suspicion = null
    this.#on.onReturn()
  }

  #doubt(aheadMs: number, seenMs: number, monotonicMs: number): void {
    const before = this.#suspicion
    if (!before || Math.abs(seenMs - before.offsetMs) > stepToleratedMs) {
      this.#suspicion = { offsetMs: seenMs, sinceMs: monotonicMs }
      if (!before) this.#on.onJump(aheadMs)
    } else if (monotonicMs - before.sinceMs >= settleMs) {
      this.#step(aheadMs, monotonicMs)
      this.#on.onStep(aheadMs)
    }
  }

  #step(byMs: number, monotonicMs: number): void {
    const isHeld = this.#at(monotonicMs) - this.#steppedAt < this.#steppedByMs
    this.#steppedByMs = Math.max(0, Math.round(isHeld ? this.#steppedByMs + byMs : byMs))
    this.#offsetMs += byMs
    this.#steppedAt = this.#at(monotonicMs)
    this.#suspicion = null
  }
}
