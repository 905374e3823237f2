// An upgrade from the first version, with every kind of row: none is lost, none changed, and a kill in the middle harms nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { examineStore, lookAt } from '../../src/db/look.ts'
import { schemaAge } from '../../src/db/migrate.ts'
import { openSqlite } from '../../src/db/sqlite.ts'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'
import { newFolder } from './store.ts'
import { allButLast, firstStore } from './versions.ts'

/** Long enough for a child that shares two cores with others. */
const timeoutMs = 120_000

function open(file: string): Sqlite.Database {
  const client = new Sqlite(file)
  onTestFinished(() => void client.close())
  return client
}

const tables = ['accounts', 'keys', 'requests', 'attempts', 'tasks', 'entries', 'orphans'] as const

/** Every row of every table of the first version, with the columns that it had. */
function rowsOf(client: Sqlite.Database, columns: Columns): Record<string, unknown[]> {
  return Object.fromEntries(
    tables.map((table) => [
      table,
      client.prepare(`SELECT ${columns[table].join(', ')} FROM ${table} ORDER BY id`).all(),
    ]),
  )
}

type Columns = Record<(typeof tables)[number], string[]>

const columnsOf = (client: Sqlite.Database) =>
  Object.fromEntries(
    tables.map((table) => [
      table,
      client.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table),
    ]),
  ) as Columns

const copiesBeside = (file: string): string[] =>
  readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.before-upgrade-`))

/** Starts on it as a gateway does, and looks at it as the doctor does. */
async function expectWhole(file: string): Promise<void> {
  await openSqlite({ file, onFatal: () => undefined }).close()
  expect(await examineStore(file)).toEqual({ schema: 'current', damage: [] })
  expect(await verifyLedger(lookAt(file), Date.now(), neverLate)).toMatchObject({ ok: true, drift: [] })
}

describe('a store of the first version with thousands of rows', () => {
  test('is upgraded whole, behind a copy of what it was', { timeout: timeoutMs }, async () => {
    const file = firstStore(newFolder(), { accounts: 20, requestsEach: 105 })
    const client = open(file)
    const columns = columnsOf(client)
    const before = rowsOf(client, columns)
    expect(before['tasks']?.length).toBe(20 * 105 * 2)
    expect(columns.accounts).not.toContain('credits_open')

    await expectWhole(file)
    expect(rowsOf(client, columns)).toEqual(before)
    const [off] = client
      .prepare(
        `SELECT count(*) AS count FROM accounts a WHERE credits_open <> (SELECT coalesce(sum(credits), 0)
          FROM tasks t WHERE t.account_id = a.id AND t.finished_at IS NULL) OR credits_open = 0`,
      )
      .all()
    expect(off).toEqual({ count: 0 })

    // What was made before is shown as it was: nobody knows until when, and nothing of it waits to be kept.
    const unknown = 'SELECT count(*) FROM tasks WHERE result_expires_at IS NULL AND result_removed_at IS NULL'
    expect(client.prepare(unknown).pluck().get()).toBe(20 * 105 * 2)
    for (const table of ['keeps', 'media']) {
      expect(client.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0)
    }

    // What was noted before there were two kinds of notes stays for the operator alone.
    const noted = client.prepare('SELECT count(note), count(public_note) FROM entries').raw()
    expect(noted.get()).toEqual([40, 0])

    const [copy, ...more] = copiesBeside(file)
    expect(more).toEqual([])
    const old = open(join(dirname(file), copy ?? ''))
    expect(schemaAge(old)).toBe('older')
    expect(old.pragma('integrity_check', { simple: true })).toBe('ok')
    expect(rowsOf(old, columns)).toEqual(before)
  })

  test('is guarded afterwards as before', async () => {
    const file = firstStore(newFolder(), { accounts: 1, requestsEach: 7 })
    await expectWhole(file)
    const client = open(file)
    const refusals: readonly [string, string][] = [
      ['UPDATE entries SET amount = 1', 'an entry is never changed'],
      ['DELETE FROM entries', 'an entry is never deleted'],
      ['UPDATE tasks SET credits = 1', 'is fixed when it is charged'],
      ["UPDATE tasks SET state = 'queued' WHERE state = 'succeeded'", 'never changes its state'],
      ['UPDATE accounts SET balance = -1', 'CHECK constraint failed: accounts_balance'],
      ['UPDATE accounts SET credits_open = -1', 'CHECK constraint failed: accounts_credits_open'],
      [
        `INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
          SELECT account_id, 'refund', 14, 1, id, 1 FROM tasks WHERE state = 'queued'`,
        'exactly what its task was charged',
      ],
    ]
    for (const [statement, words] of refusals) expect(() => client.exec(statement)).toThrow(words)
  })
})

test('a store of the version before is upgraded with every row', { timeout: timeoutMs }, async () => {
  const file = firstStore(newFolder(), { accounts: 20, requestsEach: 105 }, allButLast)
  const client = open(file)
  client.exec(`INSERT INTO idempotency SELECT account_id, id, 'hash', id, 1 FROM requests;
    INSERT INTO early_callbacks SELECT id, 'i2is-early', 1 FROM attempts;
    UPDATE accounts SET credits_open = (
      SELECT sum(credits) FROM tasks WHERE account_id = accounts.id AND finished_at IS NULL)`)
  const columns = columnsOf(client)
  const kept = () => ({
    ...rowsOf(client, columns),
    idempotency: client.prepare('SELECT * FROM idempotency ORDER BY key').all(),
    early: client.prepare('SELECT * FROM early_callbacks ORDER BY attempt_id').all(),
    rights: client.prepare('SELECT * FROM rights').all(),
  })
  const before = kept()
  expect(before.idempotency).toHaveLength(20 * 105)
  expect(before.early.length).toBeGreaterThan(1_000)
  await expectWhole(file)
  expect(kept()).toEqual(before)
})

/** Upgrades in a process of its own that is killed before the nth thing that it does to the store; 0 is never. */
async function upgradeAndDie(file: string, killAt: number, killAfterMs?: number): Promise<boolean> {
  const source = (path: string) => JSON.stringify(new URL(`../../src/db/${path}`, import.meta.url).href)
  const script = `
    import Sqlite from 'better-sqlite3'
    const { migrateSqlite } = await import(${source('migrate.ts')})
    const client = new Sqlite(${JSON.stringify(file)})
    client.pragma('journal_mode = WAL')
    client.pragma('synchronous = FULL')
    let done = 0
    const dying = new Proxy(client, {
      get(target, name) {
        const value = target[name]
        if (typeof value !== 'function') return value
        return (...values) => {
          if (!String(values[0]).startsWith('SELECT')) done += 1
          if (done === ${killAt}) process.kill(process.pid, 'SIGKILL')
          return value.apply(target, values)
        }
      },
    })
    process.stdout.write('ready')
    migrateSqlite(dying, ${JSON.stringify(file)})`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  if (killAfterMs !== undefined) {
    await once(child.stdout, 'data')
    await new Promise((resolve) => setTimeout(resolve, killAfterMs))
    child.kill('SIGKILL')
  }
  const [, signal] = (await exited) as [number | null, string | null]
  return signal === 'SIGKILL'
}

describe('an upgrade that is killed', () => {
  /** The store as the killed process left it: of one version or the other, with every row. */
  function expectEither(file: string, columns: Columns, before: Record<string, unknown[]>): string {
    const client = new Sqlite(file)
    const age = schemaAge(client)
    expect(rowsOf(client, columns)).toEqual(before)
    const made = client.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'idempotency'").get() !== undefined
    client.close()
    expect(['older', 'current']).toContain(age)
    expect(made).toBe(age === 'current')
    return age
  }

  test('at any statement leaves one version or the other, and the next start completes it', async () => {
    const pristine = firstStore(newFolder(), { accounts: 3, requestsEach: 14 })
    const client = open(pristine)
    const columns = columnsOf(client)
    const before = rowsOf(client, columns)
    client.close()
    const ages: string[] = []
    let killed = true
    for (let at = 1; killed; at += 1) {
      const file = join(newFolder(), 'store.db')
      copyFileSync(pristine, file)
      killed = await upgradeAndDie(file, at)
      ages.push(expectEither(file, columns, before))
      await expectWhole(file)
      expect(copiesBeside(file).filter((name) => name.includes('.unfinished'))).toEqual([])
      expect(at, 'it comes to its end').toBeLessThan(100)
    }
    // Most die before the commit, the last after it.
    expect(ages.length).toBeGreaterThan(10)
    expect(ages[0]).toBe('older')
    expect(ages.at(-1)).toBe('current')
    expect(ages).toEqual(ages.toSorted().toReversed())
  }, 120_000)

  test('at any time leaves copies that are whole, or none', { timeout: timeoutMs }, async () => {
    const large = firstStore(newFolder(), { accounts: 20, requestsEach: 105 })
    for (let round = 0; round < 5; round += 1) {
      const file = join(newFolder(), 'store.db')
      copyFileSync(large, file)
      await upgradeAndDie(file, 0, round * 8)
      await expectWhole(file)
      const copies = copiesBeside(file)
      expect(copies.length).toBeGreaterThan(0)
      for (const name of copies) {
        const copy = open(join(dirname(file), name))
        expect(schemaAge(copy)).toBe('older')
        expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
        expect(copy.prepare('SELECT count(*) FROM tasks').pluck().get()).toBe(20 * 105 * 2)
      }
      rmSync(file)
    }
  })
})
