// The doctor only looks: it finds what is wrong with a store, says so, and leaves every byte as it was.
import { copyFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { beforeAll, expect, test } from 'vitest'
import { migrateSqlite } from '../../src/db/migrate.ts'
import { openSqlite } from '../../src/db/sqlite.ts'
import { createAccount } from '../../src/accounts/accounts.ts'
import { grant } from '../../src/ledger/grant.ts'
import { root } from '../tidy/tree.ts'
import { cleanUpAfterwards, newFolder, tollgate } from './command.ts'

cleanUpAfterwards()

const folder = newFolder()
const sound = join(folder, 'sound.db')
const credits = 1_234_567

beforeAll(async () => {
  const db = openSqlite({ file: sound, onFatal: () => undefined })
  for (let at = 0; at < 5; at += 1) {
    await db.transaction(async (tx) => {
      const { id: accountId } = await createAccount(tx, { name: `Customer ${at}`, nowMs: 1 })
      await grant(tx, { accountId, amount: credits, note: null, idempotencyKey: null, nowMs: 1 })
    })
  }
  // With the log as a killed process leaves it.
  copyFileSync(`${sound}-wal`, join(folder, 'log'))
  await db.close()
})

function copyOf(name: string, change: (file: string) => void): string {
  const file = join(folder, name)
  copyFileSync(sound, file)
  change(file)
  return file
}

function byHand(file: string, statements: string): void {
  const client = new Sqlite(file)
  client.exec(statements)
  client.close()
}

/** One bit of the first balance that is found in the file. */
function flipBit(file: string): void {
  const bytes = readFileSync(file)
  const balance = Buffer.alloc(3)
  balance.writeUIntBE(credits, 0, 3)
  const at = bytes.indexOf(balance) + 1
  bytes[at] = (bytes[at] ?? 0) ^ 0x04
  writeFileSync(file, bytes)
}

function damagedLog(file: string): void {
  const log = readFileSync(join(folder, 'log'))
  const middle = Math.floor(log.length / 2)
  log[middle] = (log[middle] ?? 0) ^ 0x01
  writeFileSync(`${file}-wal`, log)
}

/** The migrations of the first version, or one more than this version has. */
function migrations(change: (entries: any[]) => any[]): string {
  const copy = join(newFolder(), 'migrations')
  cpSync(join(root, 'migrations/sqlite'), copy, { recursive: true })
  const file = join(copy, 'meta/_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...journal, entries: change(journal.entries) }))
  writeFileSync(join(copy, 'later.sql'), 'CREATE TABLE later (id text) STRICT;')
  return copy
}

function madeBy(name: string, change: (entries: any[]) => any[]): string {
  const file = join(folder, name)
  const client = new Sqlite(file)
  migrateSqlite(client, file, migrations(change))
  client.close()
  return file
}

const cases: readonly [name: string, make: () => string, check: string, state: string, words: RegExp][] = [
  ['a store that is sound', () => sound, 'store', 'ok', /every page, index, reference and guard is whole/],
  ['one flipped bit of a balance', () => copyOf('bit.db', flipBit), 'ledger', 'wrong', /\d+ broken promises/],
  [
    'a guard that is gone',
    () => copyOf('guard.db', (file) => byHand(file, 'DROP TRIGGER entries_are_never_deleted')),
    'store',
    'wrong',
    /trigger entries_are_never_deleted is missing\. Stop the gateway and put a backup/,
  ],
  [
    'a log with a flipped bit',
    () => copyOf('log.db', damagedLog),
    'store',
    'wrong',
    /log\.db-wal is damaged: \d+ transactions/,
  ],
  [
    'a store of an older version',
    () => madeBy('older.db', (entries) => entries.slice(0, 1)),
    'store',
    'warning',
    /older\.db is of an older tollgate; serve brings it up to date/,
  ],
  [
    'a store of a newer version',
    () =>
      madeBy('newer.db', (entries) => {
        const last = entries.at(-1)
        return [...entries, { ...last, idx: last.idx + 1, when: last.when + 1, tag: 'later' }]
      }),
    'store',
    'wrong',
    /written by a newer tollgate/,
  ],
]

test.each(cases)('%s', async (_name, make, check, state, words) => {
  const file = make()
  const bytes = () =>
    ['', '-wal'].map((suffix) => existsSync(`${file}${suffix}`) && readFileSync(`${file}${suffix}`))
  const before = bytes()
  const { code, json } = await tollgate(folder, ['doctor', '--json'], {
    env: { DATABASE_URL: `file:${file}` },
  })
  const found = json.findings.find((finding: any) => finding.check === check)
  expect(found).toMatchObject({ state, words: expect.stringMatching(words) })
  expect({ ok: json.ok, code }).toEqual(state === 'wrong' ? { ok: false, code: 1 } : { ok: true, code: 0 })
  const after = bytes()
  expect(after[0]).toEqual(before[0])
  // To read a store without a log SQLite makes an empty one.
  if (before[1] !== false) expect(after[1]).toEqual(before[1])
})
