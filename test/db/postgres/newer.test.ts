// A gateway beside those of a newer version, which has brought the schema further.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { migrationsFolderOf } from '../../../src/db/migrations.ts'
import { leavesOthersAlone, migratePostgres } from '../../../src/db/postgres/migrate.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { startGateway } from '../../support/gateway.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'

const farLater = 9_000_000_000_000

/** A store that a later version has migrated; `oldest` is the time of the migration that its readers must know. */
async function migratedFurther(oldest: string) {
  const databaseUrl = postgres.newUrl()
  await postgres.placeFresh(databaseUrl)
  const store = postgres.open(databaseUrl)
  onTestFinished(async () => await store.close())
  await store.write(`ALTER TABLE tasks ADD COLUMN mood text;
    INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', ${farLater});
    UPDATE schema_readers SET oldest = ${oldest}`)
  return store
}

/** The migrations of a version that has one more. */
function migrationsWith(sql: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-migrations-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(migrationsFolderOf('postgres'), folder, { recursive: true })
  const file = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { idx: number; when: number }[] }
  const last = journal.entries.at(-1)
  const entry = { ...last, idx: journal.entries.length, when: farLater, tag: '9999_added_later' }
  writeFileSync(file, JSON.stringify({ ...journal, entries: [...journal.entries, entry] }))
  writeFileSync(join(folder, '9999_added_later.sql'), sql)
  return folder
}

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('a schema that a newer version has only added to is served, read and audited', async () => {
    const store = await migratedFurther('oldest')
    const gateway = await startGateway({ store })
    onTestFinished(async () => await gateway.stop())
    const customer = await gateway.customer(15)
    const created = await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })
    expect(await customer.ended(created.json.data.task_id)).toMatchObject({ task_status: 3 })
    expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true })
  })

  test('a schema that has lost what this version uses is refused, and left as it is', async () => {
    const store = await migratedFurther(String(farLater))
    const opened = storeAt(store.databaseUrl).open({ onFatal: () => undefined })
    await expect(opened).rejects.toThrow('newer')
    await expect(startGateway({ store })).rejects.toThrow('newer')
  })

  test('a new store asks of its readers what its migrations ask, and no more than there is', async () => {
    const databaseUrl = postgres.newUrl()
    await postgres.placeFresh(databaseUrl)
    const store = postgres.open(databaseUrl)
    const [row] = await store.rows('SELECT oldest FROM schema_readers')
    const [last] = await store.rows('SELECT max(created_at) AS last FROM __drizzle_migrations')
    await store.close()
    expect(Number(row?.['oldest'])).toBeGreaterThan(0)
    expect(Number(row?.['oldest'])).toBeLessThanOrEqual(Number(last?.['last']))
  })

  test.each([
    { says: 'that gateways of the version before may go on', mark: true },
    { says: 'nothing of them', mark: false },
  ])('a migration that says $says at its top is served by them: $mark', async ({ mark }) => {
    const databaseUrl = postgres.newUrl()
    await postgres.placeFresh(databaseUrl)
    const further = migrationsWith(
      `${mark ? `${leavesOthersAlone}\n` : ''}ALTER TABLE tasks ADD COLUMN mood text;`,
    )
    const changes = await migratePostgres({ url: databaseUrl, name: 'shop' }, further)
    expect(changes).toEqual({ copy: null, changes: ['added later'] })
    const opened = storeAt(databaseUrl).open({ onFatal: () => undefined })
    if (mark) await (await opened).close()
    else await expect(opened).rejects.toThrow('newer')
    // Who has made it finds it current.
    expect(await migratePostgres({ url: databaseUrl, name: 'shop' }, further)).toBeNull()
  })
})
