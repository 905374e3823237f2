// Translates what a server says when it lets nobody in into messages for operators.
import { StoreAway, StoreBusy, StoreRefused, causeOf } from '../errors.ts'
import { codes, hasCode, isOfPostgres, isRefusal } from './error-codes.ts'

/** Turns an error on opening a store into a message; other errors are returned unchanged. */
export function openingRefused(name: string, error: unknown): unknown {
  if (error instanceof StoreAway) {
    return new StoreRefused(
      `${name} cannot be reached${causeOf(error.cause)}. Look whether the server runs and whether DATABASE_URL names it.`,
      error,
    )
  }
  if (error instanceof StoreRefused || !isOfPostgres(error)) return error
  if (hasCode(error, codes.noDatabase)) {
    return new StoreRefused(`There is no store at ${name}: ${error.message}.`, error)
  }
  const advice = error.code.startsWith('28')
    ? 'Look at the user and the password in DATABASE_URL, and at pg_hba.conf of the server.'
    : 'tollgate doctor and the log of the server say more.'
  return new StoreRefused(`${name} cannot be opened: ${error.message}. ${advice}`, error)
}

/** Between transactions, locks that are held, settings and prepared statements would be another connection's. */
export const pooled = (name: string): StoreRefused =>
  new StoreRefused(
    `${name} is behind a pooler that gives each transaction another connection (in PgBouncer, pool_mode = transaction ` +
      'or statement). Locks of a gateway are held by its connections, so it could not tell who else writes. Nothing ' +
      'was changed. Set pool_mode = session for this database, or name the server itself in DATABASE_URL.',
  )

/** For operations that the server's own tools do better. */
export const ownTools = (what: string, name: string): StoreRefused =>
  new StoreRefused(
    `${what} ${name} is the business of PostgreSQL's own tools, and nothing was changed: pg_dump and pg_restore ` +
      'for a copy of one moment, pg_basebackup with archived WAL for any moment (point-in-time recovery). ' +
      'docs/operating.md says how, and what to copy beside it. After one was put back, and before a gateway serves it: tollgate restored.',
  )

/** The error for a second gateway; `holder` names the first one, to append to a sentence. */
export const served = (name: string, holder: string, cause?: unknown): StoreRefused =>
  new StoreRefused(
    `${name} is being served by another tollgate${holder}. One process serves a store: stop the other, or give ` +
      'this one a database of its own in DATABASE_URL.',
    cause,
  )

const whoHoldsServer =
  'Look for a session that is in a transaction (SELECT * FROM pg_stat_activity), end it and try again.'

/** For a work whose transaction could not be begun: a lock is held, or what the server says, as on a full disk. */
export function waitedTooLong(error: unknown, waitedMs: number): Error {
  if (hasCode(error, codes.lockNotAvailable)) return new StoreBusy(waitedMs, whoHoldsServer)
  return error instanceof StoreRefused || isRefusal(error) ? error : new StoreAway(error)
}
