// What tests need from a store beside the gateway's own interface; the same for every dialect.
import type { Tx } from '../../../src/db/database.ts'

export type Value = string | number | boolean | null

/** Column names and values, as the store names them. */
export type Row = Readonly<Record<string, Value>>

/**
 * A guard that is lifted while the store is damaged. `references`: rows may name rows that are not there.
 * `guards`: triggers, references and checks, as in a store that a bug or a broken disk has changed.
 */
export type Lifted = 'references' | 'guards'

export interface Trigger {
  readonly name: string
  /** `BEFORE UPDATE ON requests`; it fires for each row. */
  readonly on: string
  readonly when?: string
  /** A statement; or, with `refuses`, the message of the error. */
  readonly does?: string
  readonly refuses?: string
}

/** A store seen from outside the gateway, as another process sees it. */
export interface TestStore {
  readonly databaseUrl: string
  /** What is stored; counts and sums are numbers. A `?` in the statement stands for each of the values. */
  rows<Shape = Record<string, any>>(sql: string, values?: readonly Value[]): Promise<Shape[]>
  /** Changes rows in one transaction; every guard of the schema holds. Several statements take no values. */
  write(sql: string, values?: readonly Value[]): Promise<void>
  /** The same for damage, while guards are lifted; they are back when it resolves. */
  spoil(sql: string, lifted: Lifted): Promise<void>
  /** Writes thousands of rows; each group of tables is one transaction. */
  insert(groups: Iterable<Readonly<Record<string, readonly Row[]>>>): Promise<void>
  addTrigger(trigger: Trigger): Promise<void>
  /** Holds the lock of writers, as another process in a transaction does. Resolves to what releases it. */
  hold(): Promise<() => Promise<void>>
  /** Inside a transaction of the gateway: references are only checked by its commit, which then fails. */
  deferReferences(tx: Tx): Promise<void>
  /** What the store throws if another process holds it. */
  busyError(): Error
  /** Only differences count: how many commits there were in between. */
  commits(): Promise<number>
  /** Everything that the store keeps, for tests that search it for secrets. */
  bytes(): Promise<Buffer>
  /** The steps by which it would execute a statement, in the words of the dialect, without those over its own catalogue. */
  planOf(statement: string): Promise<string[]>
  /** Releases what is held. */
  close(): Promise<void>
}

/** Statements that the gateway prepares, from now on. */
export interface Watch {
  asked(): readonly string[]
  restore(): void
}

export interface TestDialect {
  readonly name: string
  /** Whether it makes copies of a store itself, or leaves that to the tools of its server. */
  readonly copies: 'itself' | 'by tools'
  /** With which a DATABASE_URL of this dialect begins. */
  readonly scheme: string
  /** What a gateway's environment needs with it, beside DATABASE_URL. */
  readonly environment: Readonly<Record<string, string>>
  /** The name of a store that is not there yet; it is gone when the test ends. */
  newUrl(): string
  /** Makes a store as a first start makes it, where there is none. */
  placeFresh(databaseUrl: string): Promise<void>
  /** Removes a store that a folder does not take with it. */
  discard(databaseUrl: string): Promise<void>
  open(databaseUrl: string): TestStore
  watch(): Watch
}
