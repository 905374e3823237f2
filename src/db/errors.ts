// What a store says when it fails or refuses, in the same classes for every dialect.
import { codes, hasCode, isOfPostgres, isUnavailable } from './postgres/error-codes.ts'
import { isConstraint, isDamage, isOfSqlite } from './sqlite/error-codes.ts'

/** The commit itself failed: the work may or may not have been kept, so neither may be claimed. */
export class CommitUnknown extends Error {
  constructor(cause: unknown) {
    super('The store did not confirm the commit; whether it was kept is unknown until it is read again.', {
      cause,
    })
    this.name = 'CommitUnknown'
  }
}

/** The files of the store were moved away under the process: nothing more may be acknowledged. */
export class StoreDisplaced extends CommitUnknown {
  constructor(words: string) {
    super(undefined)
    this.message =
      `${words}. What was acknowledged stands in the files that were moved. ` +
      'Put all of them back (the store, -wal and -shm), or a backup by tollgate restore, and start again.'
    this.name = 'StoreDisplaced'
  }
}

/** The store cannot be opened or used as it is; the message tells the operator why. */
export class StoreRefused extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StoreRefused'
  }
}

const whoHoldsFile =
  'Look for a program that has the file open (an sqlite3 shell in a transaction, a copy that hangs), end it and try again.'

/** Another process has held the store for longer than is waited for. Nothing of the work was kept. */
export class StoreBusy extends StoreRefused {
  constructor(waitedMs: number, whoHoldsIt = whoHoldsFile) {
    const seconds = Math.round(waitedMs / 1_000)
    super(`Another process has held the store for ${seconds} s; nothing was changed. ${whoHoldsIt}`)
    this.name = 'StoreBusy'
  }
}

/** To append to a sentence. What failed on every address of a host has no words of its own. */
export function causeOf(cause: unknown): string {
  const [first = cause] = cause instanceof AggregateError ? (cause.errors as unknown[]) : []
  return first instanceof Error && first.message !== '' ? `: ${first.message}` : ''
}

/** The server of the store cannot be reached, or has not answered in time. Nothing of the work was kept. */
export class StoreAway extends StoreRefused {
  constructor(cause: unknown) {
    const words = causeOf(cause)
    super(
      `The database cannot be reached${words}. Nothing was changed. Look whether its server runs and whether ` +
        'DATABASE_URL names it; what waits goes on by itself once it answers.',
      cause,
    )
    this.name = 'StoreAway'
  }
}

export const newerStore = (name: string): string =>
  `${name} was written by a newer tollgate than this one. Run that version, or restore a copy from before.`

/** Whether a store threw this, whatever the cause. */
export const isOfStore = (error: unknown): boolean =>
  error instanceof StoreBusy || error instanceof StoreAway || isOfSqlite(error) || isOfPostgres(error)

/**
 * Whether a store threw this because it cannot be read or written now; a constraint violation is the caller's
 * fault.
 */
export const isStoreUnavailable = (error: unknown): boolean =>
  isOfPostgres(error) ? isUnavailable(error) : isOfStore(error) && !isConstraint(error)

/** Whether a row that the work needs is locked by a foreign session: other rows can be had. */
export const isRowHeld = (error: unknown): boolean => hasCode(error, codes.lockNotAvailable)

/** Whether it, or what caused it, is that the store's file is damaged: reading it again does not help. */
export const isStoreDamaged = (error: unknown): boolean =>
  isDamage(error) || (error instanceof Error && error.cause !== undefined && isStoreDamaged(error.cause))
