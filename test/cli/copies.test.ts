// Backups: what was written comes back, and what is not whole never takes the place of what is.
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { backup as backupCommand } from '../../src/cli/commands/store/backup.ts'
import { StoreRefused } from '../../src/db/errors.ts'
import { storeAt } from '../../src/db/store-at.ts'
import type { TestStore } from '../support/stores/dialect.ts'
import { withFile } from '../support/stores/sqlite-file.ts'
import { openTestStore } from '../support/test-store.ts'
import { cleanUpAfterwards, newFolder, tollgate } from './command.ts'

cleanUpAfterwards()

const folder = newFolder()
const store = join(folder, 'data/tollgate.db')
const backup = join(folder, 'backup.db')
const balances = async (cwd = folder) =>
  (await tollgate(cwd, ['accounts', 'list', '--json'])).json.accounts.map((account: any) => account.balance)

let account = ''
beforeAll(async () => {
  await storeAt(`file:${store}`).make()
  account = (await tollgate(folder, ['accounts', 'create', 'Ann', '--credits', '50', '--json'])).json.id
  await tollgate(folder, ['backup', backup])
})

/** A copy of the backup that `change` has spoilt. */
async function spoilt(name: string, change: (copy: TestStore) => Promise<void>): Promise<string> {
  const copy = join(folder, name)
  copyFileSync(backup, copy)
  await change(openTestStore(`file:${copy}`))
  return copy
}

function text(name: string): string {
  writeFileSync(join(folder, name), 'no store'.repeat(99))
  return join(folder, name)
}

/** Overwrites the beginning of every page but the first two. */
function corrupted(from: string, name: string): string {
  const copy = join(folder, name)
  const bytes = readFileSync(from)
  const pageBytes = 4096
  for (let page = 2; page * pageBytes < bytes.length; page += 1)
    bytes.fill(0xa5, page * pageBytes, page * pageBytes + 64)
  writeFileSync(copy, bytes)
  return copy
}

describe('restore', () => {
  test('a backup comes back whole, and the store before it is kept beside it', async () => {
    await tollgate(folder, ['credits', 'grant', account, '7'])
    const { code, json } = await tollgate(folder, ['restore', 'backup.db', '--json'])
    expect(json).toMatchObject({
      file: store,
      entries: 1,
      kept: expect.stringContaining('tollgate.db.before-restore-'),
    })
    expect(code).toBe(0)
    expect(await balances()).toEqual([50])
    const kept = openTestStore(`file:${json.kept}`)
    expect(await kept.rows('SELECT balance FROM accounts')).toEqual([{ balance: 57 }])
    expect(readdirSync(join(folder, 'data')).filter((name) => /copying|db-wal|db-shm/.test(name))).toEqual([])
  })

  test('what a killed process left in the log is kept too, and never mixed into the copy', async () => {
    const before = await tollgate(folder, ['credits', 'grant', account, '3', '--json'])
    expect(before.json.balance).toBe(53)
    // A commit that stands in the log alone, as after kill -9.
    withFile(store, (writer) => {
      writer.pragma('wal_autocheckpoint = 0')
      writer.exec("UPDATE accounts SET name = 'Late'")
      copyFileSync(`${store}-wal`, join(folder, 'log'))
    })
    copyFileSync(join(folder, 'log'), `${store}-wal`)
    const { json } = await tollgate(folder, ['restore', 'backup.db', '--json'])
    expect((await tollgate(folder, ['accounts', 'list', '--json'])).json.accounts).toMatchObject([
      { name: 'Ann', balance: 50 },
    ])
    const kept = openTestStore(`file:${json.kept}`)
    expect(await kept.rows('SELECT name, balance FROM accounts')).toEqual([{ name: 'Late', balance: 53 }])
  })

  test('on a new machine there is nothing to keep, and the store is there', async () => {
    const machine = newFolder()
    const { code, json, said } = await tollgate(machine, ['restore', backup, '--json'])
    expect({ code, said }).toEqual({ code: 0, said: '' })
    expect(json.kept).toBeNull()
    expect(await balances(machine)).toEqual([50])
  })

  test('a copy whose balance was changed by hand is refused', async () => {
    const richer = await spoilt('richer.db', (db) => db.write('UPDATE accounts SET balance = 5000'))
    const { code, stderr } = await tollgate(folder, ['restore', richer])
    expect(stderr).toMatch(/breaks 1 promises of the ledger.*an account holds the sum of its entries/)
    expect(code).toBe(1)
    expect(await balances()).toEqual([50])
  })

  test.each([
    ['a damaged copy', () => corrupted(backup, 'damaged.db'), /damaged\.db is damaged, or no store: /],
    ['a text', () => text('text.db'), /not a database/],
    [
      'another database',
      () => spoilt('other.db', (db) => db.write('DROP TABLE __drizzle_migrations')),
      /none of the tables/,
    ],
    ['no file', () => 'missing.db', /There is no file/],
    ['a folder', () => folder, /There is no file/],
    ['the store itself', () => store, /is the store itself; name a backup of it/],
  ])('%s is refused, and the store stays as it was', async (_name, make, words) => {
    const before = readFileSync(store)
    const refused = storeAt(`file:${store}`).restore(await make(), async () => undefined)
    await expect(refused).rejects.toThrow(StoreRefused)
    await expect(refused).rejects.toThrow(words)
    expect(readFileSync(store).equals(before)).toBe(true)
    expect(readdirSync(join(folder, 'data')).filter((name) => name.includes('copying'))).toEqual([])
  })

  test('a store that is a link stays one', async () => {
    const alias = join(folder, 'alias.db')
    symlinkSync(store, alias)
    const { kept } = await storeAt(`file:${alias}`).restore(backup, async () => undefined)
    expect(lstatSync(alias).isSymbolicLink()).toBe(true)
    expect(dirname(kept ?? '')).toBe(dirname(store))
  })
})

describe('backup', () => {
  test('where there is no store, none is made', async () => {
    const empty = newFolder()
    const { code, stderr } = await tollgate(empty, ['backup', 'b.db'])
    expect(stderr).toMatch(/There is no store at .*data\/tollgate\.db, so there is nothing to copy\./)
    expect(code).toBe(1)
    expect(readdirSync(empty)).toEqual([])
  })

  test.each(['-', ''])(
    'a copy into %j is refused in words, and makes no file of that name',
    async (target) => {
      await expect(backupCommand(target, {})).rejects.toThrow('and not to stdout: name one')
    },
  )

  test('a folder in the place of the store gives no backup, and it is the store that is named', async () => {
    const source = join(folder, 'no-store.db')
    mkdirSync(source)
    await expect(storeAt(`file:${source}`).backUp(join(folder, 'of-no-store.db'))).rejects.toThrow(
      `${source} cannot be opened`,
    )
    expect(existsSync(join(folder, 'of-no-store.db'))).toBe(false)
  })

  test('a damaged store gives no backup, nor does a folder that is not there', async () => {
    const source = corrupted(backup, 'source.db')
    await expect(storeAt(`file:${source}`).backUp(join(folder, 'bad.db'))).rejects.toThrow(StoreRefused)
    expect(existsSync(join(folder, 'bad.db'))).toBe(false)
    await expect(storeAt(`file:${backup}`).backUp(join(folder, 'no/where.db'))).rejects.toThrow(
      /no\/where\.db cannot be written: ENOENT/,
    )
    expect(readdirSync(folder).filter((name) => name.includes('copying'))).toEqual([])
  })

  test('a store in which one bit has flipped gives none: the copy would be whole, and wrong', async () => {
    const bytes = readFileSync(backup)
    const places: number[] = []
    for (let at = bytes.indexOf(account); at !== -1; at = bytes.indexOf(account, at + 1)) places.push(at)
    expect(places.length, 'in tables, and in their indexes').toBeGreaterThan(2)
    for (const place of places) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(place + 10) ^ 1, place + 10)
      const source = join(folder, `flipped-${place}.db`)
      writeFileSync(source, flipped)
      await expect(storeAt(`file:${source}`).backUp(join(folder, 'none.db'))).rejects.toThrow(
        /flipped-\d+\.db is damaged/,
      )
      expect(existsSync(join(folder, 'none.db'))).toBe(false)
    }
  })
})

describe('doctor', () => {
  test('a row that refers to one that is not there fails', async () => {
    const ofNobody =
      "INSERT INTO keys (id, account_id, name, hash, prefix, created_at) VALUES ('k', 'a', '', '', '', 0)"
    const dangling = await spoilt('dangling.db', (db) => db.spoil(ofNobody, 'references'))
    const { code, stdout } = await tollgate(folder, ['doctor'], { env: { DATABASE_URL: `file:${dangling}` } })
    expect(stdout).toMatch(
      /^wrong +store: .*dangling\.db: row 1 of keys names a row of accounts that is not there\. Stop /m,
    )
    expect(code).toBe(1)
  })

  test('a damaged store fails, in words and as JSON', async () => {
    for (const [file, words] of [
      [corrupted(backup, 'sick.db'), /damaged|malformed|never used|invalid/i],
      [text('text.db'), /text\.db cannot be opened: file is not a database/],
    ] as const) {
      const { code, json, said } = await tollgate(folder, ['doctor', '--json'], {
        env: { DATABASE_URL: `file:${file}` },
      })
      expect(said).toBe('')
      expect(json.ok).toBe(false)
      const found = json.findings.find(({ check }: any) => check === 'store')
      expect(found).toMatchObject({ state: 'wrong', words: expect.stringMatching(words) })
      expect(code).toBe(1)
    }
  })

  test('money that does not add up fails', async () => {
    const DATABASE_URL = `file:${join(folder, 'richer.db')}`
    const { code, stdout } = await tollgate(folder, ['doctor'], { env: { DATABASE_URL } })
    expect(stdout).toMatch(/^wrong +ledger: 1 broken promises; see tollgate ledger verify$/m)
    expect(code).toBe(1)
    const verify = await tollgate(folder, ['ledger', 'verify', '--json'], { env: { DATABASE_URL } })
    expect(verify).toMatchObject({
      code: 1,
      json: { ok: false, drift: [{ id: account, expected: '50', found: '5000' }] },
    })
  })
})
