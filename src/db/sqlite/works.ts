// The works of a writer's turn, and what each of them comes to.
import { StoreRefused } from '../errors.ts'
import type { CommitUnknown } from '../errors.ts'
import type { Tx } from '../database.ts'
import type { Commits } from './log/commits.ts'
import type { Displaced } from './ownership/file-identity.ts'

/** How long works wait for a store that another process holds. */
export interface BusyMax {
  readonly customerMs: number
  /** A loop's work may be an upstream's answer, which cannot be requested again. */
  readonly patientMs: number
}

export const busyMaxDefault: BusyMax = { customerMs: 5_000, patientMs: 30_000 }

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

export interface WriterEvents {
  /** Names the store's file that has moved since it was opened. */
  readonly displaced: Displaced
  /** Default: suitable for a gateway. */
  readonly busyMax?: BusyMax | undefined
  /** Waits for the disk, and shows commits to our reads, before any work is acknowledged. */
  readonly commits: Commits
  /** Called after each COMMIT, when no transaction is open. */
  readonly onCommit?: (() => void) | undefined
  onFatal(error: CommitUnknown): void
}

/** After the commit. */
export function answer(works: readonly Queued[], outcomes: readonly Outcome[]): void {
  works.forEach(({ resolve, reject }, at) => {
    const outcome = outcomes[at]
    if (outcome?.kept) resolve(outcome.value)
    else reject(outcome?.error)
  })
}

/**
 * SQLite rolled back the whole turn because of a full disk or a failed read: no work was stored. A work that
 * failed by itself gets its own error, all others get the cause.
 */
export function undone(works: readonly Queued[], outcomes: readonly Outcome[], last: Outcome): void {
  const cause = last.kept ? new StoreRefused('The store undid the work.') : last.error
  works.forEach(({ reject }, at) => {
    const outcome = outcomes[at]
    reject(outcome && !outcome.kept ? outcome.error : cause)
  })
}
