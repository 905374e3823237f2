// SQLite's column builders, under names shared with the other dialect: each table is written once.
import { sqlite } from '../drizzle.ts'

export const sqliteKit = {
  table: sqlite.sqliteTable,
  index: sqlite.index,
  uniqueIndex: sqlite.uniqueIndex,
  check: sqlite.check,
  text: (name: string) => sqlite.text(name),
  choice: <const Word extends string>(name: string, words: readonly [Word, ...Word[]]) =>
    sqlite.text(name, { enum: words as unknown as [Word, ...Word[]] }),
  /** Whole numbers up to 2^53: credits, milliseconds, counts. */
  integer: (name: string) => sqlite.integer(name),
  flag: (name: string) => sqlite.integer(name, { mode: 'boolean' }),
  json: <Value>(name: string) => sqlite.text(name, { mode: 'json' }).$type<Value>(),
  /** A key that increases with every row. */
  sequence: (name: string) => sqlite.integer(name).primaryKey({ autoIncrement: true }),
}

export type Columns = typeof sqliteKit
