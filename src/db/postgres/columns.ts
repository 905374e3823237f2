// The column builders of PostgreSQL, apart: whoever serves SQLite need not load them.
import * as pg from 'drizzle-orm/pg-core'
import type { Columns } from '../sqlite/columns.ts'

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
} as unknown as Columns
