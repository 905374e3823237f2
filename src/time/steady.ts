// The gateway's clock: follows the wall clock as long as the monotonic clock confirms that time has passed.
import type { Clock } from '../clock.ts'

/** A difference up to this is rounding between the two clocks. */
const roundingMs = 5
/** A step up to this is followed at once, and so is a gradual correction of up to `slewShare` of the time. */
const stepToleratedMs = 2_000
const slewShare = 0.1
/** The drift of a gradually corrected clock that is tolerated while no process was running. */
const driftShare = 0.000_5
/** After a jump, the wall clock is trusted again once it has run evenly for this long. */
export const settleMs = 10 * 60_000

/** The clock state that the store keeps between processes. */
export interface TimeMemory {
  /** The last trusted time, and the monotonic clock's reading at that time. */
  readonly wallMs: number
  readonly monotonicMs: number
  readonly boot: string
  /** When time was last set forward, and by how much: time that was skipped. */
  readonly steppedAt: number
  readonly steppedByMs: number
}

export interface TimeReport {
  /** Whether both clocks agree. While they do not, no irreversible action is taken. */
  readonly ok: boolean
  /** How far the wall clock is ahead of the gateway's time. */
  readonly aheadMs: number
  /** The longest time for which irreversible actions are still held; 0 if they are not. */
  readonly holdMs: number
}

export interface TimeEvents {
  /** The wall clock has jumped and is not trusted. */
  onJump(aheadMs: number): void
  /** The wall clock agrees again; the jump had no effect. */
  onReturn(): void
  /** The wall clock has run evenly for `settleMs` and is trusted again: time was moved by `byMs`. */
  onStep(byMs: number): void
}

interface Suspicion {
  readonly offsetMs: number
  readonly sinceMs: number
}

/** The wall clock's time while that is plausible; otherwise counts on by the monotonic clock. */
export class SteadyClock implements Clock {
  readonly boot: string
  readonly #base: Clock
  readonly #on: TimeEvents
  /** The trusted difference between the wall clock and the monotonic clock. */
  #offsetMs: number
  #suspicion: Suspicion | null = null
  #steppedAt = 0
  #steppedByMs = 0
  /** How much difference can be followed now without suspicion, and when that was computed. */
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
   * Whether irreversible actions may be taken now. `longestMs`: the longest time that anything waits before
   * such an action. After time was set forward, waiting items still get the time that they had left.
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

  /** Compares the clocks with the store's record. Call it once, before any decision that depends on time. */
  recall(memory: TimeMemory): void {
    this.#steppedAt = memory.steppedAt
    this.#steppedByMs = memory.steppedByMs
    const isSameBoot = memory.boot !== '' && memory.boot === this.boot
    if (isSameBoot) this.#recallBoot(memory)
    else this.#recallWall(memory)
    this.#observe()
  }

  /** Same boot: the monotonic clock has kept counting, so the time since the record is known. */
  #recallBoot(memory: TimeMemory): void {
    const monotonicMs = this.#base.monotonic()
    this.#offsetMs = memory.wallMs - memory.monotonicMs
    const aheadMs = this.#base.now() - this.#at(monotonicMs)
    const drifted = stepToleratedMs + Math.max(0, monotonicMs - memory.monotonicMs) * driftShare
    if (Math.abs(aheadMs) <= drifted) this.#offsetMs += aheadMs
  }

  /** Another machine, or a reboot: downtime and a clock that is ahead cannot be told apart. */
  #recallWall(memory: TimeMemory): void {
    const monotonicMs = this.#base.monotonic()
    const awayMs = this.#base.now() - memory.wallMs
    this.#offsetMs = memory.wallMs - monotonicMs
    // Never set back at a start: if the clock is behind, time continues from the last record.
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
