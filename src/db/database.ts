// The interface of the store: reads of committed data, and transactions; the same for every dialect.
import type { SQL } from 'drizzle-orm'
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'
import type { Tables } from './tables.ts'

/**
 * Builds and runs queries. Both dialects use the types of one; always await a query, never call `.all()` or
 * `.get()`, which only one of them has.
 */
export type Connection = BaseSQLiteDatabase<'async', unknown> & {
  readonly tables: Tables
  /** For the few queries that the builder cannot express; rows have the store's column names. */
  rows<Row>(query: SQL): Promise<Row[]>
  /** For a store of another version, which may lack it. */
  hasTable(name: string): Promise<boolean>
  /** Prepares a query for frequent use; rows are returned synchronously if the dialect can. */
  compile(query: Query, options?: StatementOptions): (values: Readonly<Record<string, unknown>>) => unknown
  /**
   * Whether calls of one compiled query that come together are sent as one, so that works are better run side by
   * side than one after another.
   */
  readonly joins: boolean
  /** Whether queries run in another process, so that a long one holds up nothing here. */
  readonly isRemote: boolean
}

export interface StatementOptions {
  /**
   * Of an update, or of an insert that leaves a row alone that is there: the placeholder that alone names the row. Only
   * then are its calls joined, and never two of the same row.
   */
  readonly row?: string
}

/** Builds the same query on any connection. */
export type Query = (connection: Connection) => unknown

declare const writable: unique symbol

/** A connection inside a transaction. A function that takes one joins its caller's transaction. */
export type Tx = Connection & { readonly [writable]: true }

export interface Database {
  readonly read: Connection
  /**
   * Runs the work and commits it durably before it resolves; if the work throws, all of it is rolled back.
   * Inside, await only queries: works wait for one another. A work may be rolled back and run again, so its
   * effects outside the store must tolerate that. Throws CommitUnknown if it is unknown whether the work was
   * stored.
   */
  transaction<Result>(work: (tx: Tx) => Promise<Result>, options?: TransactionOptions): Promise<Result>
  /** Several reads of one and the same committed state. */
  snapshot<Result>(work: (read: Connection) => Promise<Result>): Promise<Result>
  /**
   * A number that changes with every commit, by any process, that changes a key or an account's permissions:
   * data read under one number is valid as long as the number stays. Null if checking costs as much as
   * reading.
   */
  rights(): number | null
  /** Whether the store's files are where they were opened. If not, the store has failed for good. */
  inPlace(): boolean
  /** Works waiting to be written: their number, and the age of the oldest. */
  backlog(): Backlog
  /** The process is about to end: from now on a store that is away or held is waited for only for moments. */
  hurry(): void
  /** The size of the store in bytes, or null if that is not cheap to find out. */
  sizeBytes(): number | null
  close(): Promise<void>
}

export interface Backlog {
  readonly works: number
  readonly oldestMs: number
}

export interface TransactionOptions {
  /** No caller is waiting: it may be delayed by some milliseconds, to share a commit with others. */
  readonly mayDelay?: boolean
  /** How many items it is for, if there are several: see `gather`. */
  readonly items?: () => number
}
