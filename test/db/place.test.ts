// A store whose files are moved away under a serving process: nothing more is acknowledged, and no new one takes its place.
import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StoreRefused, StoreDisplaced } from '../../src/db/errors.ts'
import type { Tx } from '../../src/db/database.ts'
import { isServed, lockFile } from '../../src/db/sqlite/ownership/lock.ts'
import { requireStoreOrNone, storeAt } from '../../src/db/store-at.ts'
import { openSqlite } from '../../src/db/sqlite/sqlite.ts'
import { newFolder } from '../support/folder.ts'
import { newAccount } from './outside.ts'

const insert = (id: string) => async (tx: Tx) =>
  void (await tx.insert(tx.tables.accounts).values(newAccount(id)))

async function open() {
  const folder = join(newFolder(), 'data')
  mkdirSync(folder)
  const file = join(folder, 'store.db')
  const fatal: Error[] = []
  const db = openSqlite({ file, onFatal: (error) => fatal.push(error) })
  onTestFinished(() => db.close().catch(() => undefined))
  await db.transaction(insert('acc_1'))
  return { db, file, folder, fatal }
}

const displacements: Record<string, (file: string) => void> = {
  'is renamed': (file) => renameSync(file, `${file}.old`),
  'is removed': (file) => rmSync(file),
  'is replaced': (file) => {
    renameSync(file, `${file}.old`)
    new Sqlite(file).exec('CREATE TABLE a (b)').close()
  },
  'loses its log': (file) => rmSync(`${file}-wal`),
  'is given another log': (file) => {
    rmSync(`${file}-wal`)
    writeFileSync(`${file}-wal`, '')
  },
  'loses the index of its log': (file) => rmSync(`${file}-shm`),
  'goes with its folder': (file) => renameSync(dirname(file), `${dirname(file)}-old`),
}

describe.each(Object.entries(displacements))('a store that %s while it is open', (_, displace) => {
  test('acknowledges nothing more', async () => {
    const { db, file, fatal } = await open()
    displace(file)
    await expect(db.transaction(insert('acc_2'))).rejects.toThrow(StoreDisplaced)
    expect(fatal).toMatchObject([{ message: expect.stringContaining('moved, removed or replaced') }])
    await expect(db.transaction(insert('acc_3'))).rejects.toThrow(StoreDisplaced)
    expect(db.inPlace()).toBe(false)
  })

  test('is found without a commit, and reported once', async () => {
    const { db, file, fatal } = await open()
    expect(db.inPlace()).toBe(true)
    displace(file)
    expect([db.inPlace(), db.inPlace()]).toEqual([false, false])
    expect(fatal).toHaveLength(1)
  })
})

test('a log that is begun anew, and a second name of the store, displace nothing', async () => {
  const { db, file, fatal } = await open()
  const other = new Sqlite(file)
  other.pragma('wal_checkpoint(TRUNCATE)')
  other.close()
  linkSync(file, `${file}.link`)
  await db.transaction(insert('acc_2'))
  expect(db.inPlace()).toBe(true)
  expect(fatal).toEqual([])
})

describe('a hard link', () => {
  test.each(['a.db', 'z.db', '../elsewhere.db'])('%s is the same store for the lock', async (name) => {
    const { folder, file } = await open()
    const link = join(folder, name)
    const unlock = lockFile(file)
    linkSync(file, link)
    expect(() => lockFile(link)).toThrow('is being served by another tollgate')
    expect(() => lockFile(file)).toThrow('is being served by another tollgate')
    expect(isServed(link)).toBe(true)
    unlock()
    const again = lockFile(link)
    expect(() => lockFile(file)).toThrow(StoreRefused)
    again()
    expect(isServed(file)).toBe(false)
  })
})

describe('a start without a store', () => {
  const left: Record<string, (folder: string) => void> = {
    'a lock': (folder) => writeFileSync(join(folder, 'store.db.lock'), ''),
    'a log': (folder) => writeFileSync(join(folder, 'store.db-wal'), 'frames'),
    'a sealing key': (folder) => writeFileSync(join(folder, 'sealing.key'), 'key'),
    media: (folder) => {
      mkdirSync(join(folder, 'media', 'ab'), { recursive: true })
      writeFileSync(join(folder, 'media', 'ab', 'file.png'), 'x')
    },
  }

  test.each(Object.entries(left))('is refused where there is %s of one', async (_, leave) => {
    const dataDir = newFolder()
    leave(dataDir)
    const store = storeAt(`file:${join(dataDir, 'store.db')}`)
    const start = async () => await requireStoreOrNone(store, dataDir)
    await expect(start()).rejects.toThrow(/There is no store at .*but there was one.*restore.*--new-store/)
    writeFileSync(join(dataDir, 'store.db'), '')
    await expect(start()).rejects.toThrow(StoreRefused)
  })

  test('is none of that where all is new, or empty', async () => {
    const dataDir = newFolder()
    mkdirSync(join(dataDir, 'media', 'incoming'), { recursive: true })
    writeFileSync(join(dataDir, 'store.db-wal'), '')
    const store = storeAt(`file:${join(dataDir, 'store.db')}`)
    await expect(requireStoreOrNone(store, dataDir)).resolves.toBeUndefined()
  })
})
