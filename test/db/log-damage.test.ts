// A flipped bit in the log of a killed process is found before anybody opens the store and makes the loss final.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { damageInLog } from '../../src/db/sqlite/file/log-damage.ts'
import { examineStore } from '../../src/db/sqlite/file/look.ts'
import { newFolder } from '../support/folder.ts'
import { newAccount, openFile } from './outside.ts'

const commits = 8

/** A store and its log, as a process leaves them that is killed after its commits. */
async function left(): Promise<{ file: string; log: Buffer }> {
  const { db, file } = await openFile()
  for (let at = 0; at < commits; at += 1) {
    await db.transaction(
      async (tx) => void (await tx.insert(tx.tables.accounts).values(newAccount(`acc_${at}`))),
    )
  }
  const copy = join(newFolder(), 'left.db')
  for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`)
  return { file: copy, log: readFileSync(`${copy}-wal`) }
}

/** Null where not even the table is left. */
function accountsIn(file: string): unknown {
  const client = new Sqlite(file)
  try {
    return client.prepare('SELECT count(*) FROM accounts').pluck().get()
  } catch {
    return null
  } finally {
    client.close()
  }
}

test('a log that is whole, or that is not there, is fine', async () => {
  const { file } = await left()
  expect(damageInLog(file)).toEqual([])
  expect(accountsIn(file)).toBe(commits)
  // Opened and closed, the log has gone into the store.
  expect(damageInLog(file)).toEqual([])
})

test('a bit that flipped anywhere before the last two commits is found, and was worth finding', async () => {
  const { file, log } = await left()
  const frameBytes = 24 + log.readUInt32BE(8)
  const frames = Math.floor((log.length - 32) / frameBytes)
  // Of the header its version, page size, salt and checksum; of a frame its size, salt, checksum and page.
  const frame = 32 + Math.floor(frames / 2) * frameBytes
  for (const at of [4, 10, 17, 25, frame, frame + 9, frame + 17, frame + 24 + 1_000]) {
    const damaged = Buffer.from(log)
    damaged[at] = (damaged[at] ?? 0) ^ 0x10
    writeFileSync(`${file}-wal`, damaged)
    expect(damageInLog(file), `byte ${at}`).toEqual([
      expect.stringMatching(/left\.db-wal is damaged: \d+ trans/),
    ])
  }
  expect((await examineStore(file)).damage[0]).toContain('left.db-wal is damaged')
  expect(accountsIn(file)).not.toBe(commits)
})

test('a transaction that the power cut off at the end was never acknowledged, and is no damage', async () => {
  const { file, log } = await left()
  const torn = Buffer.from(log)
  torn.fill(0, torn.length - 2_000)
  writeFileSync(`${file}-wal`, torn)
  expect(damageInLog(file)).toEqual([])
  expect(accountsIn(file)).toBe(commits - 1)
})

test('what an earlier round of the log left behind the end is no damage', async () => {
  const { db, file } = await openFile()
  const add = async (id: string) =>
    await db.transaction(async (tx) => void (await tx.insert(tx.tables.accounts).values(newAccount(id))))
  for (let at = 0; at < commits; at += 1) await add(`acc_${at}`)
  const other = new Sqlite(file)
  other.pragma('wal_checkpoint(RESTART)')
  other.close()
  await add('acc_x')
  const copy = join(newFolder(), 'left.db')
  for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`)
  expect(readFileSync(`${copy}-wal`).length).toBeGreaterThan(10 * 4_096)
  expect(damageInLog(copy)).toEqual([])
  expect(accountsIn(copy)).toBe(commits + 1)
})
