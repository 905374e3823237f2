// A key that rests: nothing is posted with it but one probe at a time, at growing pauses, until one goes well.

/**
 * `rejected`: the upstream does not take the key. `unreachable`: no connection comes about. `suspected`: orders of
 * several accounts in a row were refused by something that is not the upstream, or say that the account is empty.
 */
export type RestReason = 'rejected' | 'suspected' | 'unreachable'

const firstMs = 1_000
/** An order that was the probe waits a little longer than its key, and with that no longer than a minute. */
const longestMs: Readonly<Record<RestReason, number>> = {
  rejected: 59_500,
  unreachable: 59_500,
  // On suspicion alone, and an innocent order may be waiting.
  suspected: 10_000,
}
/** On suspicion alone, orders of accounts that have met no trouble are tried so far apart: each account's once. */
const tryEveryMs = 250

/** How things stood when a submit began. */
export interface Beginning {
  /** The one submit that finds out whether a resting key works again. */
  readonly isProbe: boolean
  /** How often the key had ended a rest. */
  readonly rests: number
}

interface Rest {
  readonly reason: RestReason
  readonly detail: string
  readonly since: number
  readonly until: number
  readonly pauses: number
}

export class KeyRest {
  #rest: Rest | null = null
  #ended = 0
  #isProbing = false
  /** When it last came to rest, or was last tried. */
  #triedAt = 0

  get current(): Rest | null {
    return this.#rest
  }

  isOver(nowMs: number): boolean {
    // A clock that was set back must not make the pause longer.
    return !this.#rest || nowMs >= this.#rest.until || nowMs < this.#rest.since
  }

  /** Whether something may begin now: where it rests, one probe after each pause. */
  isOpen(nowMs: number): boolean {
    return !this.#rest || (this.isOver(nowMs) && !this.#isProbing)
  }

  /** Whether an order that nothing is known against may find out sooner, be a probe under way or not. */
  mayTry(nowMs: number): boolean {
    return this.#rest?.reason === 'suspected' && Math.abs(nowMs - this.#triedAt) >= tryEveryMs
  }

  begin(nowMs: number): Beginning {
    this.#isProbing = this.#rest !== null
    this.#triedAt = nowMs
    return { isProbe: this.#isProbing, rests: this.#ended }
  }

  /** The probe has ended, whatever came of it. */
  endProbe(): void {
    this.#isProbing = false
  }

  /** Whether what came of a submit tells something new: many that were under way together tell it once. */
  tells({ isProbe, rests }: Beginning): boolean {
    return this.#rest ? isProbe : rests === this.#ended
  }

  start(reason: RestReason, detail: string, nowMs: number): void {
    const pauses = this.#rest?.reason === reason ? this.#rest.pauses : 0
    const until = nowMs + Math.min(longestMs[reason], firstMs * 2 ** pauses)
    this.#rest = { reason, detail, since: nowMs, until, pauses: pauses + 1 }
    this.#triedAt = nowMs
  }

  shift(byMs: number): void {
    this.#triedAt += byMs
    if (this.#rest)
      this.#rest = { ...this.#rest, since: this.#rest.since + byMs, until: this.#rest.until + byMs }
  }

  stop(): void {
    if (this.#rest) this.#ended += 1
    this.#rest = null
  }
}
