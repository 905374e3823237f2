// Every table is declared once: both dialects have the same tables, columns and indexes.
import { readdirSync } from 'node:fs'
import { getTableConfig as postgresConfig } from 'drizzle-orm/pg-core'
import type { PgTable } from 'drizzle-orm/pg-core'
import { getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core'
import { expect, test } from 'vitest'
import { migrationsFolderOf } from '../../src/db/migrations.ts'
import * as postgresSchema from '../../src/db/schema/postgres.ts'
import * as sqliteSchema from '../../src/db/schema/sqlite.ts'

const postgres = { ...postgresSchema }
const sqlite = { ...sqliteSchema }
const names = Object.keys(sqlite) as (keyof typeof sqlite)[]

test('both dialects have the same tables', () => {
  expect(Object.keys(postgres)).toEqual(names)
})

test.each(names)('%s has the same columns, keys, checks and indexes in both dialects', (name) => {
  const one = sqliteConfig(sqlite[name])
  const other = postgresConfig(postgres[name] as unknown as PgTable)
  const columns = (config: { columns: { name: string; notNull: boolean; primary: boolean }[] }) =>
    config.columns.map((column) => [column.name, column.notNull, column.primary])
  expect(columns(other)).toEqual(columns(one))
  expect(other.checks.map((check) => check.name)).toEqual(one.checks.map((check) => check.name))
  expect(other.indexes.map((index) => [index.config.name, index.config.unique])).toEqual(
    one.indexes.map((index) => [index.config.name, index.config.unique]),
  )
  expect(other.foreignKeys).toHaveLength(one.foreignKeys.length)
})

/** The last one of SQLite when there was no other dialect. */
const beforePostgres = '0019_first_frames'
/** What SQLite has no need of: it runs its guards row by row, in the process that asks. */
const ofPostgresAlone = ['guards_of_statements.sql']

test('a migration is written for both dialects, by the same name and in the same order', () => {
  const namesIn = (dialect: 'sqlite' | 'postgres') =>
    readdirSync(migrationsFolderOf(dialect))
      .filter((file) => file.endsWith('.sql'))
      .toSorted()
  const afterwards = namesIn('sqlite').filter((file) => file > `${beforePostgres}.sql`)
  const [, ...others] = namesIn('postgres')
  const withoutNumber = (file: string) => file.replace(/^\d+_/, '')
  expect(others.map(withoutNumber).filter((name) => !ofPostgresAlone.includes(name))).toEqual(
    afterwards.map(withoutNumber),
  )
})
