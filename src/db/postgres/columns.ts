// The column builders of PostgreSQL, in their own file so that a gateway on SQLite does not load them.
import type { Columns } from '../sqlite/columns.ts'
import { pgCore as pg } from './drizzle.ts'

/** As text, so that it comes back byte for byte and conditions on it read the same in both dialects. */
const json = pg.customType<{ data: unknown; driverData: string }>({
  dataType: () => 'text',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value): unknown => JSON.parse(value),
})

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
  json: (name: string) => json(name),
  // By default, not always: rows that are copied from another store keep their numbers.
  sequence: (name: string) => pg.bigint(name, { mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
} as unknown as Columns
