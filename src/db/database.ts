// The face of the store: reads that see only what is committed, and transactions; the same for every dialect.
import type { SQL } from 'drizzle-orm'
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'
import type { Tables } from './tables.ts'

/**
 * Builds and runs queries. The types are those of one dialect for both; a query is always awaited,
 * never run by `.all()` or `.get()`, which only one of them has.
 */
export type Connection = BaseSQLiteDatabase<'async', unknown> & {
  readonly tables: Tables
  /** For the few questions that the builder cannot put: the rows as the store names them. */
  rows<Row>(query: SQL): Promise<Row[]>
  /** Makes a query ready to be run often: its rows come at once where the dialect has them at once. */
  compile(query: Query): (values: Readonly<Record<string, unknown>>) => unknown
}

/** Prepares one and the same query on any connection. */
export type Query = (connection: Connection) => unknown

declare const writable: unique symbol

/** A connection inside a transaction. What takes one joins its caller's transaction. */
export type Tx = Connection & { readonly [writable]: true }

export interface Database {
  readonly read: Connection
  /**
   * Runs the work and commits it durably before it resolves; if the work throws, nothing of it stays.
   * Inside, await queries and nothing else: works wait for one another. A work may be undone and run again,
   * so what it does outside the store must bear that.
   * Throws CommitUnknown when nobody can say whether the work was kept.
   */
  transaction<Result>(work: (tx: Tx) => Promise<Result>, options?: TransactionOptions): Promise<Result>
  /** Several reads of one and the same committed state. */
  snapshot<Result>(work: (read: Connection) => Promise<Result>): Promise<Result>
  /**
   * A number that changes with every commit, of any process, that changes a key or what an account may do:
   * what was read of them under it holds for as long as it stands. Null where asking costs as much as reading.
   */
  rights(): number | null
  /** Whether the files of the store are where they were opened. Where they are not, the store has failed for good. */
  inPlace(): boolean
  /** What waits to be written: how many works, and for how long the oldest of them has. */
  backlog(): Backlog
  /** How many bytes the store takes, or null where nobody can say cheaply. */
  sizeBytes(): number | null
  close(): Promise<void>
}

export interface Backlog {
  readonly works: number
  readonly oldestMs: number
}

export interface TransactionOptions {
  /** Nobody waits for it: it may be held back for some milliseconds, to share a commit with others. */
  readonly mayDelay?: boolean
}

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
export class DatabaseRefused extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'DatabaseRefused'
  }
}

/** Another process has held the store for longer than is waited for. Nothing of the work was kept. */
export class StoreBusy extends DatabaseRefused {
  /** As SQLite says it, for those that know its errors alone. */
  readonly code = 'SQLITE_BUSY'

  constructor(waitedMs: number) {
    const seconds = Math.round(waitedMs / 1_000)
    super(
      `Another process has held the store for ${seconds} s; nothing was changed. Look for a program that has the ` +
        'file open (an sqlite3 shell in a transaction, a copy that hangs), end it and try again.',
    )
    this.name = 'StoreBusy'
  }
}

/** What the system or SQLite said when a file of the store could not be opened, in words; anything else as it is. */
export function openingRefused(file: string, error: unknown): unknown {
  if (error instanceof DatabaseRefused || !(error instanceof Error)) return error
  if (!('code' in error)) return error.message === noFolder ? refusedWith(file, error, whereToLook) : error
  if (String(error.code).startsWith('SQLITE_BUSY')) {
    return new DatabaseRefused(
      `${file} cannot be opened: another process holds it. Look for a program that has the file open ` +
        '(an sqlite3 shell in a transaction, a copy that hangs), end it and try again.',
      error,
    )
  }
  const advice = damaged.has(String(error.code))
    ? 'It is damaged, or no store at all. Keep it as it is, and put a backup in its place with tollgate restore.'
    : whereToLook
  return refusedWith(file, error, advice)
}

/** What the library says, without a code, where the folder is not there to which the path or a link leads. */
const noFolder = 'Cannot open database because the directory does not exist'
const whereToLook =
  'Look at DATA_DIR and DATABASE_URL, at the rights of that folder, and whether the disk is full.'

const refusedWith = (file: string, error: Error, advice: string) =>
  new DatabaseRefused(`${file} cannot be opened: ${error.message}. ${advice}`, error)

const damaged = new Set(['SQLITE_NOTADB', 'SQLITE_CORRUPT'])
