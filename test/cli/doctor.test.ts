// The doctor only looks: it finds what is wrong with a store, says so, and leaves every byte as it was.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createAccount } from '../../src/accounts/accounts.ts'
import { grant, noNotes } from '../../src/ledger/grant.ts'
import { keyFileIn, makeKey, seal } from '../../src/webhooks/signing/sealing.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { openTestStore } from '../support/test-store.ts'
import { firstAlone, migrationsIn, migrationsWith, storeOf } from '../db/versions.ts'
import { cleanUpAfterwards, newFolder, tollgate } from './command.ts'

cleanUpAfterwards()

const folder = newFolder()
const sound = join(folder, 'sound.db')
const credits = 1_234_567

beforeAll(async () => {
  const db = await storeAt(`file:${sound}`).open({ onFatal: () => undefined })
  for (let at = 0; at < 5; at += 1) {
    await db.transaction(async (tx) => {
      const { id: accountId } = await createAccount(tx, { name: `Customer ${at}`, nowMs: 1 })
      await grant(tx, { accountId, amount: credits, notes: noNotes, idempotencyKey: null, nowMs: 1 })
    })
  }
  // With the log as a killed process leaves it.
  copyFileSync(`${sound}-wal`, join(folder, 'log'))
  await db.close()
})

async function copyOf(name: string, change: (file: string) => Promise<void> | void): Promise<string> {
  const file = join(folder, name)
  copyFileSync(sound, file)
  await change(file)
  return file
}

const byHand = async (file: string, statements: string) =>
  await openTestStore(`file:${file}`).write(statements)

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

function storeMadeBy(migrations: (folder: string) => string): string {
  const made = newFolder()
  return storeOf(made, migrations(made))
}

const cases: readonly [
  name: string,
  make: () => Promise<string> | string,
  check: string,
  state: string,
  words: RegExp,
][] = [
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
    () => storeMadeBy((made) => migrationsIn(made, firstAlone)),
    'store',
    'warning',
    /store\.db is of an older tollgate; serve brings it up to date/,
  ],
  [
    'a store of a newer version',
    () => storeMadeBy((made) => migrationsWith(made, 'later', 'CREATE TABLE later (id text) STRICT;')),
    'store',
    'wrong',
    /written by a newer tollgate/,
  ],
]

test.each(cases)('%s', async (_name, make, check, state, words) => {
  const file = await make()
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

test('a damaged store behind test keys is a warning: nothing real is in it', async () => {
  const dataDir = newFolder()
  const env = { DATABASE_URL: `file:${sound}`, DATA_DIR: dataDir }
  const finding = async () => {
    const { code, json } = await tollgate(dataDir, ['doctor', '--json'], { env })
    const found = json.findings.find(({ check }: any) => check === 'test keys')
    return { code, ok: json.ok, found }
  }
  expect(await finding()).toEqual({ code: 0, ok: true, found: undefined })
  mkdirSync(join(dataDir, 'test'))
  const file = join(dataDir, 'test', 'tollgate.db')
  copyFileSync(sound, file)
  expect(await finding()).toMatchObject({ code: 0, found: { state: 'ok' } })
  writeFileSync(file, 'this is no store, and longer than a header '.repeat(50))
  expect(await finding()).toMatchObject({
    code: 0,
    ok: true,
    found: { state: 'warning', words: expect.stringMatching(/is damaged.*No real data is in it/) },
  })
})

describe('the webhook secrets', () => {
  let at = 0

  /** What the doctor says of them, for a store with a sealed one and this beside it. */
  async function finding(beside: (dataDir: string) => void): Promise<any> {
    const dataDir = newFolder()
    const sealed = seal(makeKey(dataDir), 'acc_1', 'whsec_canary')
    const file = await copyOf(`sealed-${at}.db`, (copy) =>
      byHand(
        copy,
        `INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_1', 'a', 'active', 0, 0, 1);
        INSERT INTO webhook_secrets VALUES ('sec_1', 'acc_1', '${sealed}', 1, NULL)`,
      ),
    )
    at += 1
    beside(dataDir)
    const { json } = await tollgate(folder, ['doctor', '--json'], {
      env: { DATABASE_URL: `file:${file}`, DATA_DIR: dataDir },
    })
    return json.findings.find((found: any) => found.check === 'webhook secrets')
  }

  test.each([
    ['open with their key', () => undefined, 'ok', /1 accounts open with sealing\.key/],
    ['miss their key', (dir: string) => rmSync(keyFileIn(dir)), 'wrong', /cannot be read .*Put the key back/],
    [
      'lie beside another key',
      (dir: string) => writeFileSync(keyFileIn(dir), Buffer.alloc(32).toString('base64')),
      'wrong',
      /acc_1 was sealed with another sealing key/,
    ],
  ] as const)('%s', async (_what, beside, state, words) => {
    expect(await finding(beside)).toMatchObject({ state, words: expect.stringMatching(words) })
  })
})
