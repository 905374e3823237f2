// How long works wait for a store that is away or held by others, and how much less once the process is to end.

export interface WaitMax {
  readonly customerMs: number
  /** A loop's work may be an upstream's answer, which cannot be requested again. */
  readonly patientMs: number
}

const waitMaxDefault: WaitMax = { customerMs: 5_000, patientMs: 30_000 }
/** Supervisors wait ten seconds for a process that they stop, and much else has to end in that time. */
const hurriedMs = 1_500

/** A work that waits. */
interface Waiting {
  /** Nobody waits for its answer. */
  readonly mayDelay: boolean
  /** Monotonic clock. */
  readonly addedAt: number
}

export class Patience {
  readonly #waitMax: WaitMax
  #hurriedAt: number | null = null

  constructor(waitMax: WaitMax = waitMaxDefault) {
    this.#waitMax = waitMax
  }

  /** The process is to end: from now on works wait for moments. */
  hurry(): void {
    this.#hurriedAt ??= performance.now()
  }

  /** How long a customer's work may wait. */
  get customerMs(): number {
    return this.#waitMax.customerMs
  }

  /** Whether a work that has waited in vain may wait on. */
  lasts({ mayDelay, addedAt }: Waiting): boolean {
    const now = performance.now()
    if (this.#hurriedAt !== null && now - this.#hurriedAt > hurriedMs) return false
    return now - addedAt < (mayDelay ? this.#waitMax.patientMs : this.#waitMax.customerMs)
  }
}
