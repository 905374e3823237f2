// The schema of PostgreSQL: the same as SQLite's in all that a room can tell, with every guard, in bytes' order.
import Sqlite from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readMigrationFiles } from '../../../src/db/drizzle.ts'
import { migrationsFolderOf } from '../../../src/db/migrations.ts'
import { markTable } from '../../../src/db/move/mark.ts'
import { markOn } from '../../../src/db/move/postgres.ts'
import { schemaAge } from '../../../src/db/postgres/migrate.ts'
import { briefly, withLink } from '../../../src/db/postgres/place.ts'
import { makeSchema } from '../../../src/db/sqlite/migrate.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { hasPostgres, onServer } from '../../support/stores/postgres-server.ts'
import { databaseOf } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'
import type { TestStore } from '../../support/stores/dialect.ts'

async function fresh(): Promise<TestStore> {
  const databaseUrl = postgres.newUrl()
  await postgres.placeFresh(databaseUrl)
  return postgres.open(databaseUrl)
}

/** Of one dialect alone: in which turn each writer is, to settle unknown commits. */
const ownTables = ['schema_readers', 'writers']

function ofSqlite(query: string): string[] {
  const client = new Sqlite(':memory:')
  try {
    makeSchema(client)
    return client.prepare(query).pluck().all().map(String)
  } finally {
    client.close()
  }
}

async function ofPostgres(query: string): Promise<string[]> {
  const rows = await (await fresh()).rows<{ name: string }>(query)
  return rows.map(({ name }) => name).filter((name) => !ownTables.includes(name.split('.')[0] ?? ''))
}

const inSchema = "n.nspname = current_schema() AND c.relname NOT LIKE '\\_\\_drizzle%'"

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('it has the tables and columns of SQLite, and the same of them are required', async () => {
    const wanted = ofSqlite(`SELECT m.name || '.' || i.name || ' ' || (i."notnull" OR i.pk > 0)
      FROM sqlite_schema m JOIN pragma_table_info(m.name) i
      WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_drizzle%' ESCAPE '\\'`)
    const found =
      await ofPostgres(`SELECT c.relname || '.' || a.attname || ' ' || CAST(a.attnotnull AS integer) AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relkind = 'r' AND a.attnum > 0 AND ${inSchema}`)
    expect(found.toSorted()).toEqual(wanted.toSorted())
  })

  test('it has the indexes of SQLite, of the same columns, unique and partial as they are there', async () => {
    const wanted = ofSqlite(`SELECT l.name || ' ' || l."unique" || ' ' || l.partial || ' ' ||
      (SELECT group_concat(name) FROM pragma_index_info(l.name)) FROM sqlite_schema m JOIN pragma_index_list(m.name) l
      WHERE m.type = 'table' AND l.origin = 'c'`)
    const found = await ofPostgres(`SELECT c.relname || ' ' || CAST(x.indisunique AS integer) || ' ' ||
      CAST(x.indpred IS NOT NULL AS integer) || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY a.attnum)
      FROM pg_attribute a WHERE a.attrelid = c.oid) AS name
      FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT x.indisprimary AND ${inSchema}`)
    expect(found.toSorted()).toEqual(wanted.toSorted())
  })

  test('it has the guards of SQLite on the same tables, and refuses to empty those whose rows are guarded', async () => {
    const wanted = ofSqlite("SELECT name || ' on ' || tbl_name FROM sqlite_schema WHERE type = 'trigger'")
    const found = await ofPostgres(`SELECT g.tgname || ' on ' || c.relname AS name FROM pg_trigger g
      JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT g.tgisinternal AND ${inSchema}`)
    const never = found.filter((name) => name.includes('_are_never_truncated'))
    expect(found.filter((name) => !never.includes(name)).toSorted()).toEqual(wanted.toSorted())
    const guarded = new Set(wanted.map((name) => name.split(' on ')[1]))
    for (const table of guarded) expect(never).toContain(`${table}_are_never_truncated on ${table}`)
  })

  test('what is guarded row by row cannot be emptied all at once', async () => {
    const store = await fresh()
    for (const table of ['entries', 'tasks CASCADE', 'closings', 'accounts CASCADE']) {
      await expect(store.write(`TRUNCATE ${table}`)).rejects.toThrow('never removed all at once')
    }
  })

  test('its texts are in the order of their bytes, whatever the language of the server', async () => {
    const texts = await ofPostgres(`SELECT c.relname || '.' || a.attname || ' ' || l.collname AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
      JOIN pg_collation l ON l.oid = a.attcollation WHERE c.relkind = 'r' AND a.attnum > 0 AND ${inSchema}`)
    expect(texts.length).toBeGreaterThan(100)
    expect(texts.filter((name) => !name.endsWith(' C'))).toEqual([])
  })

  test('a store that no version of tollgate made is refused, and nothing is changed in it', async () => {
    const databaseUrl = postgres.newUrl()
    const database = databaseOf(databaseUrl)
    await onServer(async (client) => void (await client.query(`CREATE DATABASE "${database}"`)))
    await onServer(async (client) => void (await client.query('CREATE TABLE theirs (id int)')), database)
    const store = storeAt(databaseUrl)
    expect(await store.exists()).toBe(false)
    await expect(store.make()).rejects.toThrow('holds the tables of another program')
    const tables = await postgres
      .open(databaseUrl)
      .rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    expect(tables).toEqual([{ tablename: 'theirs' }])
  })

  test('a store of a newer version that asks for it is refused', async () => {
    const store = await fresh()
    await store.write(`INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 9000000000000);
      UPDATE schema_readers SET oldest = 9000000000000`)
    await expect(storeAt(store.databaseUrl).open({ onFatal: () => undefined })).rejects.toThrow(
      'newer tollgate',
    )
    await expect(
      storeAt(store.databaseUrl)
        .lookAt()
        .snapshot(async () => 1),
    ).rejects.toThrow('newer tollgate')
    expect((await storeAt(store.databaseUrl).examine()).schema).toBe('newer')
  })

  test('two that make the same store at once make it once', async () => {
    const databaseUrl = postgres.newUrl()
    const opened = await Promise.all(
      [1, 2, 3].map(async () => await storeAt(databaseUrl).open({ onFatal: () => undefined })),
    )
    onTestFinished(async () => void (await Promise.all(opened.map(async (db) => await db.close()))))
    const applied = await postgres.open(databaseUrl).rows('SELECT hash FROM __drizzle_migrations')
    expect(applied).toHaveLength(
      readMigrationFiles({ migrationsFolder: migrationsFolderOf('postgres') }).length,
    )
  })

  test('a transaction that waited for another process sees what that one made', async () => {
    const databaseUrl = postgres.newUrl()
    const database = databaseOf(databaseUrl)
    await onServer(async (client) => void (await client.query(`CREATE DATABASE "${database}"`)))
    await withLink({ url: databaseUrl, name: 'a store' }, briefly, async (link) => {
      await link.run({ text: 'BEGIN' })
      expect([await schemaAge(link), await markOn(link)]).toEqual(['none', null])
      await onServer(async (client) => {
        await client.query('CREATE TABLE __drizzle_migrations AS SELECT 1::bigint AS created_at')
        await client.query(`CREATE TABLE ${markTable} AS SELECT '{"state":"moved"}' AS mark`)
      }, database)
      expect(await schemaAge(link)).toBe('older')
      expect(await markOn(link)).toMatchObject({ state: 'moved' })
    })
  })

  test.each([
    [
      'a guard that was dropped',
      'DROP TRIGGER entries_are_never_deleted ON entries',
      'trigger entries_are_never_deleted is missing',
    ],
    [
      'a guard that was switched off',
      'ALTER TABLE entries DISABLE TRIGGER entries_are_never_deleted',
      'is not as this version',
    ],
    ['references that were switched off', 'ALTER TABLE keys DISABLE TRIGGER ALL', 'guard of a reference'],
    [
      'a guard that does something else',
      'CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
      'function refuse is not as this version',
    ],
    [
      'a check that was dropped',
      'ALTER TABLE accounts DROP CONSTRAINT accounts_balance',
      'accounts.accounts_balance is missing',
    ],
    ['an index that was dropped', 'DROP INDEX tasks_upstream', 'index tasks_upstream is missing'],
    ['a table of others', 'CREATE TABLE theirs (id int)', 'column theirs.id is not of this version'],
  ])('%s is found', async (_, damage, words) => {
    const store = await fresh()
    expect(await storeAt(store.databaseUrl).examine()).toEqual({ schema: 'current', damage: [] })
    await store.write(damage)
    const found = await storeAt(store.databaseUrl).examine()
    expect(found.damage.join('; ')).toContain(words)
  })

  test('functions that an extension brought along are no damage', async () => {
    const store = await fresh()
    // As where an administrator has installed one: it needs no extension that a server may lack.
    await store.write(`CREATE FUNCTION theirs() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
    expect((await storeAt(store.databaseUrl).examine()).damage).toEqual([
      'function theirs is not of this version',
    ])
    await store.write('ALTER EXTENSION plpgsql ADD FUNCTION theirs()')
    expect((await storeAt(store.databaseUrl).examine()).damage).toEqual([])
  })

  test('rows that break a reference or a check are found', async () => {
    const store = await fresh()
    const key =
      "INSERT INTO keys (id, account_id, name, hash, prefix, created_at) VALUES ('key_1', 'nobody', '', 'h', 'p', 1)"
    await store.spoil(key, 'references')
    expect((await storeAt(store.databaseUrl).examine()).damage).toEqual([
      'a row of keys breaks keys_account_id_accounts_id_fk',
    ])
  })
})
