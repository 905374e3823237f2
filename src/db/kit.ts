// Two kits of column builders with equal names, so that each table is written once for both dialects.
import * as pg from 'drizzle-orm/pg-core'
import * as sqlite from 'drizzle-orm/sqlite-core'

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
  /** A key that grows with every row. */
  sequence: (name: string) => sqlite.integer(name).primaryKey({ autoIncrement: true }),
}

export type Kit = typeof sqliteKit

/** PostgreSQL, cast once: rooms see the same names and the same value types whichever runs. */
export const postgresKit = {
  table: pg.pgTable,
  index: pg.index,
  uniqueIndex: pg.uniqueIndex,
  check: pg.check,
  text: (name: string) => pg.text(name),
  choice: (name: string, words: [string, ...string[]]) => pg.text(name, { enum: words }),
  integer: (name: string) => pg.bigint(name, { mode: 'number' }),
  flag: (name: string) => pg.boolean(name),
  json: (name: string) => pg.json(name),
  sequence: (name: string) => pg.bigint(name, { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
} as unknown as Kit
