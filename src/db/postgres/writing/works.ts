// A work that waits for its turn, and what became of it.
import type { Tx } from '../../database.ts'

export interface Queued {
  readonly work: (tx: Tx) => Promise<unknown>
  readonly mayDelay: boolean
  /** How many items it is for. */
  readonly items: () => number
  /** Monotonic clock. */
  readonly addedAt: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export type Outcome =
  | { readonly kept: true; readonly value: unknown }
  | { readonly kept: false; readonly error: unknown }

/** A work whose outcome, if its transaction is kept, stands beside it. */
export type Done = readonly [Queued, Outcome]

export function acknowledge(done: readonly Done[]): void {
  for (const [{ resolve, reject }, outcome] of done) {
    if (outcome.kept) resolve(outcome.value)
    else reject(outcome.error)
  }
}

/** A work that had failed by itself gets its own error. */
export function rejectAll(done: readonly Done[], error: unknown): void {
  for (const [{ reject }, outcome] of done) reject(outcome.kept ? error : outcome.error)
}
