// The migrations of a dialect: which there are, and how old a schema is by the last one that was applied.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownFiles } from '../own-files.ts'
import type { SchemaAge } from './dialect.ts'
import { readMigrationFiles } from './drizzle.ts'

/** drizzle-kit's own table, with its columns, so that its tools can read which migrations were applied. */
export const journal = '__drizzle_migrations'

export const migrationsFolderOf = (dialect: 'sqlite' | 'postgres'): string =>
  fileURLToPath(new URL(dialect, ownFiles.migrations))

/** `applied`: the time of the last migration that was applied; 0 if none was. */
export function ageOf(applied: number, folder: string): SchemaAge {
  const newest = readMigrationFiles({ migrationsFolder: folder }).at(-1)?.folderMillis ?? 0
  if (applied === newest) return 'current'
  if (applied > newest) return 'newer'
  return applied === 0 ? 'none' : 'older'
}

/** The names of the migrations after that time. */
export function changesAfter(applied: number, folder: string): string[] {
  const text = readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')
  const { entries } = JSON.parse(text) as { entries: { when: number; tag: string }[] }
  return entries
    .filter(({ when }) => when > applied)
    .map(({ tag }) => tag.replace(/^\d+_/, '').replaceAll('_', ' '))
}
