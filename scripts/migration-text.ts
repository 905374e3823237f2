// What drizzle-kit cannot write into a migration: STRICT tables and the triggers of a table that is built anew for SQLite, collations for PostgreSQL.
import Sqlite from 'better-sqlite3'
import { makeSchema } from '../src/db/sqlite/migrate.ts'

/** Every CREATE TABLE of a migration, made STRICT; one that is so already stays as it is. */
export function madeStrict(sql: string): string {
  return sql.replaceAll(/^CREATE TABLE [\s\S]*?^\)(?=;)/gm, (table) => `${table} STRICT`)
}

export interface Trigger {
  readonly name: string
  readonly table: string
  readonly sql: string
}

/** Those that are in force after all migrations of this version. */
export function triggersInForce(): Trigger[] {
  const client = new Sqlite(':memory:')
  try {
    makeSchema(client)
    return client
      .prepare(
        "SELECT name, tbl_name AS 'table', sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid",
      )
      .all() as Trigger[]
  } finally {
    client.close()
  }
}

/**
 * A table that is built anew loses its triggers: they are appended as they were. Without the lines that
 * switch foreign keys off, which the gateway does itself for every upgrade.
 */
export function withTriggers(sql: string, triggers: readonly Trigger[]): string {
  const rebuilt = new Set([...sql.matchAll(/^DROP TABLE `(\w+)`/gm)].map(([, table]) => table))
  const lost = triggers.filter(({ table }) => rebuilt.has(table))
  const rest = sql
    .replaceAll(/^PRAGMA foreign_keys=(?:ON|OFF);(?:--> statement-breakpoint)?\n?/gm, '')
    .trimEnd()
  if (lost.length === 0) return `${rest}\n`
  const appended = lost.map((trigger) => `--> statement-breakpoint\n${trigger.sql};\n`)
  return `${rest.replace(/--> statement-breakpoint$/, '').trimEnd()}\n${appended.join('')}`
}

/**
 * What drizzle-kit writes for PostgreSQL: in any schema, not in `public` alone, and with texts in the order of
 * their bytes, whatever language the server speaks.
 */
export const inBytesOrder = (sql: string): string =>
  sql.replaceAll('"public".', '').replaceAll(/("\w+" text)\b(?! COLLATE)/g, '$1 COLLATE "C"')
