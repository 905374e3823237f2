// Another process holds the store: nothing stands still meanwhile, works wait for it, and too long a wait is refused.
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StoreBusy } from '../../src/db/errors.ts'
import type { Tx } from '../../src/db/database.ts'
import { openSqlite } from '../../src/db/sqlite/sqlite.ts'
import { startGateway } from '../support/gateway.ts'
import { newFolder } from '../support/folder.ts'
import { newAccount, outsideLook } from './outside.ts'

const insert = (id: string) => async (tx: Tx) =>
  void (await tx.insert(tx.tables.accounts).values(newAccount(id)))

function open(busyMax = { customerMs: 60_000, patientMs: 60_000 }) {
  const file = join(newFolder(), 'store.db')
  const fatal: unknown[] = []
  const db = openSqlite({ file, busyMax, onFatal: (error) => fatal.push(error) })
  onTestFinished(() => db.close())
  const other = outsideLook(file)
  return {
    db,
    file,
    other,
    fatal,
    ids: async () => (await db.read.select().from(db.read.tables.accounts)).map(({ id }) => id),
  }
}

/** By turns of the event loop, not by time: if the store waited with the loop standing still, it would give up before. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1))
}

describe.each(['BEGIN IMMEDIATE', 'BEGIN EXCLUSIVE'])('while another process is in %s', (begin) => {
  test('the event loop goes round, reads are answered, and the work is done when it lets go', async () => {
    const { db, other, ids, fatal } = open()
    other.exec(begin)
    const works = Promise.all([
      db.transaction(insert('acc_1')),
      db.transaction(insert('acc_2'), { mayDelay: true }),
    ])
    const release = (async () => {
      await turns()
      expect(await ids()).toEqual([])
      other.exec('ROLLBACK')
    })()
    await Promise.all([works, release])
    expect(await ids()).toEqual(['acc_1', 'acc_2'])
    expect(fatal).toEqual([])
  })
})

test('a work that waits for too long is refused, and was not done; later ones are', async () => {
  const { db, other, ids, fatal } = open({ customerMs: 50, patientMs: 60_000 })
  other.exec('BEGIN IMMEDIATE')
  const mayDelay = db.transaction(insert('acc_patient'), { mayDelay: true })
  const refused = db.transaction(insert('acc_1'))
  await expect(refused).rejects.toThrow(StoreBusy)
  await expect(refused).rejects.toThrow('nothing was changed')
  await expect(db.transaction(insert('acc_2'))).rejects.toThrow(StoreBusy)
  expect(await ids()).toEqual([])
  other.exec('COMMIT')
  await db.transaction(insert('acc_3'))
  await mayDelay
  expect((await ids()).toSorted()).toEqual(['acc_3', 'acc_patient'])
  expect(fatal).toEqual([])
})

test('a careful turn after a failed work waits for the store as well', async () => {
  const { db, other, ids } = open()
  const held = db.transaction(insert('acc_0'))
  await held
  const works = [
    db.transaction(insert('acc_1')),
    db.transaction(async () => {
      throw new Error('of its own')
    }),
  ]
  expect((await Promise.allSettled(works)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  other.exec('BEGIN IMMEDIATE')
  const later = db.transaction(insert('acc_2'))
  await turns()
  expect(await ids()).toEqual(['acc_0', 'acc_1'])
  other.exec('ROLLBACK')
  await later
  expect(await ids()).toEqual(['acc_0', 'acc_1', 'acc_2'])
})

test('a store that is held at its end is let go of all the same', async () => {
  const file = join(newFolder(), 'store.db')
  const db = openSqlite({ file, busyMax: { customerMs: 50, patientMs: 60_000 }, onFatal: () => undefined })
  const other = outsideLook(file)
  other.exec('BEGIN IMMEDIATE')
  const mayDelay = db.transaction(insert('acc_1'), { mayDelay: true })
  const [ended] = await Promise.allSettled([mayDelay, db.close()])
  expect(ended).toMatchObject({ status: 'rejected', reason: expect.any(StoreBusy) })
})

test('a gateway whose store another process holds answers, and orders when it is let go of', async () => {
  const gateway = await startGateway()
  onTestFinished(() => gateway.stop())
  const customer = await gateway.customer(100)
  const release = await gateway.store.hold()
  let answered = false
  const order = customer
    .create({ model_id: 'gpt-image-2', prompt: 'a heron' })
    .finally(() => (answered = true))
  for (let asked = 0; asked < 2; asked += 1) {
    expect((await gateway.call('GET', '/healthz')).status).toBe(200)
    expect(await customer.balance()).toBe(100)
  }
  expect(answered).toBe(false)
  await release()
  expect((await order).json).toMatchObject({ code: 200 })
  expect(await customer.balance()).toBe(85)
})
