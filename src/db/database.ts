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
  /** For a store of another version, which may be without it. */
  hasTable(name: string): Promise<boolean>
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
