// A resting key: nothing is posted with it but one probe at a time, at growing intervals, until one succeeds.

/**
 * `rejected`: the upstream does not accept the key. `unreachable`: no connection can be made. `suspected`:
 * orders of several accounts in a row were refused by something other than the upstream, or the answers say
 * that our account has no credit.
 */
export type RestReason = 'rejected' | 'suspected' | 'unreachable'

const firstMs = 1_000
/** The probe's own order waits a little longer than its key; with that, no longer than a minute. */
const longestMs: Readonly<Record<RestReason, number>> = {
  rejected: 59_500,
  unreachable: 59_500,
  // Short, because this is only a suspicion and good orders may be waiting.
  suspected: 10_000,
}
/** During a suspicion, orders of accounts without trouble are tried at this interval, one per account. */
const tryEveryMs = 250

/** The state of the rest when a submit began. */
export interface Beginning {
  /** The one submit that finds out whether a resting key works again. */
  readonly isProbe: boolean
  /** How many rests the key had ended by then. */
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
  /** When the rest last started, or a submit was last tried. */
  #triedAt = 0

  get current(): Rest | null {
    return this.#rest
  }

  isOver(nowMs: number): boolean {
    // A clock that was set back must not make the pause longer.
    return !this.#rest || nowMs >= this.#rest.until || nowMs < this.#rest.since
  }

  /** Whether a submit may begin now: during a rest, one probe after each pause. */
  isOpen(nowMs: number): boolean {
    return !this.#rest || (this.isOver(nowMs) && !this.#isProbing)
  }

  /** Whether an order without known trouble may test the key earlier, with or without a probe under way. */
  mayTry(nowMs: number): boolean {
    return this.#rest?.reason === 'suspected' && Math.abs(nowMs - this.#triedAt) >= tryEveryMs
  }

  begin(nowMs: number): Beginning {
    this.#isProbing = this.#rest !== null
    this.#triedAt = nowMs
    return { isProbe: this.#isProbing, rests: this.#ended }
  }

  /** The probe has ended, with whatever outcome. */
  endProbe(): void {
    this.#isProbing = false
  }

  /** Whether a submit's outcome is news: of many in flight together, only one counts. */
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
