// What the doctor finds: a bit that flipped in anything that money rests on, and a guard that is gone.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { beforeEach, describe, expect, test } from 'vitest'
import { examineStore, lookAt } from '../../src/db/sqlite/file/look.ts'
import { rebuildRollups } from '../../src/ledger/reports/rebuild.ts'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'
import { fill, moneyOf } from './everything.ts'
import { newFolder } from '../support/folder.ts'
import { openFile } from './outside.ts'

const flips = 40
/** So that a bit which is missed can be found again. */
const seed = 20_261_121

let file = ''
beforeEach(async () => {
  const { db, file: made } = await openFile(join(newFolder(), 'store.db'))
  await db.close()
  file = made
})

function change(work: (client: Sqlite.Database) => void): void {
  const client = new Sqlite(file)
  work(client)
  client.close()
}

const countOpen = `UPDATE accounts SET credits_open = (SELECT coalesce(sum(credits), 0) FROM tasks
  WHERE account_id = accounts.id AND finished_at IS NULL)`

/** Written by the first version, due times stand in the tasks: a guard moves them to where they are now. */
const movePolls = 'UPDATE tasks SET due_at = due_at WHERE due_at IS NOT NULL'

function moneyIn(path: string): unknown[][] {
  const client = new Sqlite(path, { readonly: true })
  try {
    return Object.entries(moneyOf).map(([table, columns]) =>
      client.prepare(`SELECT ${columns} FROM ${table} ORDER BY id`).all(),
    )
  } finally {
    client.close()
  }
}

/** As the doctor looks: the store first, then the ledger; what cannot be read is found too. */
async function isFound(path: string): Promise<boolean> {
  try {
    const { damage, schema } = await examineStore(path)
    if (damage.length > 0 || schema !== 'current') return true
    return !(await verifyLedger(lookAt(path), 1, neverLate)).ok
  } catch {
    return true
  }
}

/** A linear congruence: the same places in every run. */
function places(): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x80000000
  }
}

test(`of ${flips} flipped bits, those that are not found have changed nothing that money rests on`, async () => {
  change((client) => {
    fill(client, { accounts: 3, requestsEach: 21 })
    client.exec(`${countOpen}; ${movePolls}`)
  })
  // Rows that were inserted as ended are in no report yet.
  const { db } = await openFile(file)
  await rebuildRollups(db)
  await db.close()
  expect(await isFound(file)).toBe(false)
  const bytes = readFileSync(file)
  const money = moneyIn(file)
  const spoilt = join(newFolder(), 'spoilt.db')
  const next = places()
  let found = 0
  for (let flip = 0; flip < flips; flip += 1) {
    const at = Math.floor(next() * bytes.length)
    const bit = Math.floor(next() * 8)
    const damaged = Buffer.from(bytes)
    damaged[at] = (damaged[at] ?? 0) ^ (1 << bit)
    for (const suffix of ['-wal', '-shm']) rmSync(`${spoilt}${suffix}`, { force: true })
    writeFileSync(spoilt, damaged)
    if (await isFound(spoilt)) found += 1
    else expect(moneyIn(spoilt), `bit ${bit} of byte ${at}`).toEqual(money)
  }
  // The others lie in space that holds nothing (each empty table has a page of it), or in words that nothing rests on.
  expect(found).toBeGreaterThan(flips / 8)
}, 60_000)

describe('a store that is whole but for', () => {
  const damage = async () => (await examineStore(file)).damage

  test('nothing is whole', async () => {
    expect(await examineStore(file)).toEqual({ schema: 'current', damage: [] })
  })

  test.each([
    [
      'a guard that is gone',
      'DROP TRIGGER entries_are_never_changed',
      'trigger entries_are_never_changed is missing',
    ],
    ['an index that is gone', 'DROP INDEX entries_task_kind', 'index entries_task_kind is missing'],
    [
      'a guard that guards less',
      `DROP TRIGGER prices_are_fixed;
        CREATE TRIGGER prices_are_fixed BEFORE UPDATE OF credits ON tasks WHEN 0 BEGIN SELECT 1; END`,
      'trigger prices_are_fixed is not as this version makes it',
    ],
    ['a table of somebody else', 'CREATE TABLE notes (id text)', 'table notes is not of this version'],
  ])('%s is not', async (_name, statement, words) => {
    change((client) => client.exec(statement))
    expect(await damage()).toEqual([words])
  })

  test('a row that refers to one that is gone is not', async () => {
    change((client) => {
      client.pragma('foreign_keys = OFF')
      client.exec(
        "INSERT INTO keys (id, account_id, name, hash, prefix, created_at) VALUES ('k', 'acc_x', 'n', 'h', 'p', 1)",
      )
    })
    expect(await damage()).toEqual(['row 1 of keys names a row of accounts that is not there'])
  })

  test('a word that is in no list is found by the ledger: SQLite does not ask of whoever may only read', async () => {
    change((client) => {
      fill(client, { accounts: 1, requestsEach: 0 })
      client.pragma('ignore_check_constraints = ON')
      client.exec("UPDATE accounts SET status = 'activ' || CAST(X'E5' AS text)")
    })
    expect(await damage()).toEqual([])
    expect(await isFound(file)).toBe(true)
  })

  test('a row that its index does not know is not', async () => {
    change((client) => {
      client.exec(
        "INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_1', 'a', 'active', 0, 0, 1)",
      )
      client.unsafeMode()
      client.pragma('writable_schema = ON')
      client.exec(
        "UPDATE sqlite_schema SET sql = 'CREATE INDEX keys_account ON keys (name)' WHERE name = 'keys_account'",
      )
    })
    change((client) => {
      client.exec(
        "INSERT INTO keys (id, account_id, name, hash, prefix, created_at) VALUES ('k', 'acc_1', 'n', 'h', 'p', 1)",
      )
      client.unsafeMode()
      client.pragma('writable_schema = ON')
      client.exec(
        "UPDATE sqlite_schema SET sql = 'CREATE INDEX `keys_account` ON `keys` (`account_id`)' WHERE name = 'keys_account'",
      )
    })
    expect((await damage()).join()).toMatch(/keys_account/)
  })
})
