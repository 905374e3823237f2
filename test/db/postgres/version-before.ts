// A PostgreSQL store as an earlier version has made it: with the migrations up to one of them.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { migrationsFolderOf } from '../../../src/db/migrations.ts'
import { migratePostgres } from '../../../src/db/postgres/migrate.ts'
import { databaseOf, onServer } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'

/** `last` is the name of the last migration of that version. */
export async function storeOfVersion(last: string) {
  const databaseUrl = postgres.newUrl()
  await onServer(async (client) => void (await client.query(`CREATE DATABASE "${databaseOf(databaseUrl)}"`)))
  await migratePostgres({ url: databaseUrl, name: 'a store of before' }, migrationsUpTo(last))
  const store = postgres.open(databaseUrl)
  onTestFinished(async () => await store.close())
  return { store, databaseUrl }
}

function migrationsUpTo(last: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-migrations-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(migrationsFolderOf('postgres'), folder, { recursive: true })
  const file = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { tag: string }[] }
  const count = journal.entries.findIndex(({ tag }) => tag === last) + 1
  if (count === 0) throw new Error(`there is no migration ${last}`)
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }))
  return folder
}
