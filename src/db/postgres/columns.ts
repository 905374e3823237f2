// The column builders of PostgreSQL, in their own file so that a gateway on SQLite does not load them.
import * as pg from 'drizzle-orm/pg-core'
import type { Columns } from '../sqlite/columns.ts'

/** Cast once: callers see the same names and value types with either dialect. */
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
} as unknown as Columns
