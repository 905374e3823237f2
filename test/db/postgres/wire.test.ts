// The wire to PostgreSQL breaks: nothing is claimed that is not known, and everything goes on once it is mended.
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CommitUnknown, StoreAway, isStoreUnavailable } from '../../../src/db/errors.ts'
import { Link } from '../../../src/db/postgres/link/link.ts'
import { openPostgres } from '../../../src/db/postgres/postgres.ts'
import { storeAt } from '../../../src/db/store-at.ts'
import { until } from '../../support/gateway.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'
import { wireTo } from '../../support/stores/postgres-proxy.ts'
import { accountIds, insertAccount } from '../conformance/dialects.ts'

const patient = { customerMs: 60_000, patientMs: 60_000 }
const impatient = { customerMs: 50, patientMs: 60_000 }

async function open(waitMax = patient, beginMs = 3_000) {
  const databaseUrl = postgres.newUrl()
  await postgres.placeFresh(databaseUrl)
  const wire = await wireTo(databaseUrl)
  const { name } = storeAt(wire.databaseUrl)
  const fatal: unknown[] = []
  const onFatal = (error: unknown) => fatal.push(error)
  const db = await openPostgres({ url: wire.databaseUrl, name }, { onFatal, waitMax, beginMs })
  onTestFinished(async () => {
    wire.mend()
    await db.close()
  })
  await db.transaction(insertAccount('first'))
  return { db, wire, fatal, store: postgres.open(databaseUrl) }
}

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('a process that stands still while it connects takes its own pause for none of the server', async () => {
    const databaseUrl = postgres.newUrl()
    await postgres.placeFresh(databaseUrl)
    const connectMs = 200
    const opening = Link.open(databaseUrl, { name: 'test', statementMs: 0, lockMs: 0, idleMs: 0, connectMs })
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * connectMs)
    const link = await opening
    expect(await link.ask('SELECT 1 AS one')).toEqual([{ one: 1 }])
    link.close()
  })

  test('a server that takes a connection and says nothing is given up in time', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined).resume())
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as AddressInfo
    const terms = { name: 'test', statementMs: 0, lockMs: 0, idleMs: 0, connectMs: 100 }
    const opening = Link.open(`postgres://nobody@127.0.0.1:${port}/none`, terms)
    await expect(opening).rejects.toThrow(StoreAway)
    const connections = promisify(silent.getConnections.bind(silent))
    await until(connections, (count) => count === 0)
  })

  test('a commit that the server never heard of is made again, and the work is acknowledged', async () => {
    const { db, wire, fatal } = await open()
    wire.cutAt({ text: '; COMMIT', when: 'before it is heard' })
    let runs = 0
    const work = db.transaction(async (tx) => {
      runs += 1
      return await insertAccount('acc_1')(tx)
    })
    expect(await work).toBe('acc_1')
    expect(runs).toBe(2)
    expect(await accountIds(db.read)).toEqual(['acc_1', 'first'])
    expect(fatal).toEqual([])
  })

  test('a commit whose answer was lost is found, and the work is acknowledged without being done again', async () => {
    const { db, wire, fatal } = await open()
    wire.cutAt({ text: '; COMMIT', when: 'before its answer is' })
    let runs = 0
    const works = ['acc_1', 'acc_2'].map(
      async (id) =>
        await db.transaction(async (tx) => {
          runs += 1
          return await insertAccount(id)(tx)
        }),
    )
    expect(await Promise.all(works)).toEqual(['acc_1', 'acc_2'])
    expect(runs).toBe(2)
    expect(await accountIds(db.read)).toEqual(['acc_1', 'acc_2', 'first'])
    expect(fatal).toEqual([])
  })

  test('an answer that stays unknown for too long is told as unknown, and later works are done', async () => {
    const { db, wire, fatal } = await open(impatient)
    // No connection is had again, so that the server cannot be asked.
    wire.cutAt({ text: '; COMMIT', when: 'before its answer is', staysCut: true })
    const unknown = db.transaction(insertAccount('acc_1'))
    await expect(unknown).rejects.toThrow(CommitUnknown)
    wire.mend()
    await db.transaction(insertAccount('acc_2'), { mayDelay: true })
    expect(await accountIds(db.read)).toContain('acc_2')
    expect(fatal).toEqual([])
  })

  test('a work whose connection is lost is done again on another one', async () => {
    const { db, wire } = await open()
    wire.cutAt({ text: 'insert into "accounts"', when: 'before its answer is' })
    expect(await db.transaction(insertAccount('acc_1'))).toBe('acc_1')
    expect(await accountIds(db.read)).toEqual(['acc_1', 'first'])
  })

  test('while the server is away works are refused in words, and reads too; when it is back all goes on', async () => {
    const { db, wire, fatal } = await open(impatient)
    await accountIds(db.read)
    wire.cut()
    const work = db.transaction(insertAccount('acc_1'))
    const waits = db.transaction(insertAccount('acc_patient'), { mayDelay: true })
    await expect(work).rejects.toThrow(StoreAway)
    await expect(work).rejects.toThrow('Nothing was changed')
    const read = accountIds(db.read)
    await expect(read).rejects.toThrow('The database cannot be reached')
    await expect(read).rejects.toSatisfy(isStoreUnavailable)
    await expect(db.snapshot(accountIds)).rejects.toThrow(StoreAway)
    wire.mend()
    await waits
    await db.transaction(insertAccount('acc_2'))
    expect(await accountIds(db.read)).toEqual(['acc_2', 'acc_patient', 'first'])
    expect(fatal).toEqual([])
  })

  test('reads outlive a server that ended their connections while they stood idle', async () => {
    const { db, wire } = await open()
    await Promise.all([accountIds(db.read), accountIds(db.read), accountIds(db.read)])
    wire.cut()
    wire.mend()
    expect(await accountIds(db.read)).toEqual(['first'])
  })

  test('a server that stands still is waited for no longer than one that is away', async () => {
    const { db, wire, fatal } = await open(impatient, 500)
    wire.freeze()
    await expect(db.transaction(insertAccount('acc_1'))).rejects.toThrow(StoreAway)
    wire.mend()
    await db.transaction(insertAccount('acc_2'), { mayDelay: true })
    expect(await accountIds(db.read)).toEqual(['acc_2', 'first'])
    expect(fatal).toEqual([])
  })

  test('works behind a transaction that gets no answer are told, and it ends as it may', async () => {
    const { db } = await open(impatient)
    const { promise, resolve } = Promise.withResolvers<void>()
    const stuck = db.transaction(async (tx) => {
      await promise
      return await insertAccount('acc_1')(tx)
    })
    await new Promise((done) => setImmediate(() => setImmediate(done)))
    await expect(db.transaction(insertAccount('acc_2'))).rejects.toThrow(StoreAway)
    resolve()
    expect(await stuck).toBe('acc_1')
    expect(await accountIds(db.read)).toEqual(['acc_1', 'first'])
  })

  test('a session that holds the store is waited for, and named if it does so for too long', async () => {
    const { db, store } = await open({ customerMs: 500, patientMs: 60_000 }, 60_000)
    const release = await store.hold()
    await expect(db.transaction(insertAccount('acc_1'))).rejects.toThrow('pg_stat_activity')
    const waits = db.transaction(insertAccount('acc_2'), { mayDelay: true })
    await release()
    await waits
    expect(await accountIds(db.read)).toEqual(['acc_2', 'first'])
  })

  test.each(['first', 'last'])(
    'a work that goes on after a statement was refused fails alone: %s',
    async (place) => {
      const { db, fatal } = await open()
      const swallow = async () =>
        await db.transaction(async (tx) => {
          await insertAccount('first')(tx).catch(() => undefined)
        })
      const before = place === 'first' ? [] : [db.transaction(insertAccount('acc_1'))]
      const swallowing = swallow()
      const after = place === 'first' ? [db.transaction(insertAccount('acc_1'))] : []
      await expect(swallowing).rejects.toThrow()
      expect(await Promise.all([...before, ...after])).toEqual(['acc_1'])
      expect(fatal).toEqual([])
    },
  )
})
