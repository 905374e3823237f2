// Who serves a store in PostgreSQL, when the connection that says so breaks.
import { describe, expect, onTestFinished, test } from 'vitest'
import { storeAt } from '../../../src/db/store-at.ts'
import { until } from '../../support/gateway.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'
import { wireTo } from '../../support/stores/postgres-proxy.ts'
import { insertAccount } from '../conformance/dialects.ts'

async function served() {
  const databaseUrl = postgres.newUrl()
  await postgres.placeFresh(databaseUrl)
  const wire = await wireTo(databaseUrl)
  const store = storeAt(wire.databaseUrl)
  const lost: Error[] = []
  const ownership = await store.own((error) => lost.push(error))
  onTestFinished(async () => await ownership.release())
  return { wire, store, lost, other: storeAt(databaseUrl), ownership }
}

/** The gateway has the store open, its connections are cut, and the server has noticed. */
async function cutOff() {
  const { wire, store, lost, other } = await served()
  const db = await store.open({ onFatal: () => undefined })
  onTestFinished(async () => await db.close())
  wire.cut()
  await until(
    async () => await other.isServed(),
    (isServed) => !isServed,
  )
  return { wire, lost, other, db }
}

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('a gateway whose connection breaks takes its store again, and writes on', async () => {
    const { wire, lost, other, db } = await cutOff()
    wire.mend()
    await db.transaction(insertAccount('acc_1'), { mayDelay: true })
    expect(await other.isServed()).toBe(true)
    expect(lost).toEqual([])
  })

  test('nothing is written while another may have taken the store', async () => {
    const { wire, lost, other, db } = await cutOff()
    // In the tests both are one process, which is not taken for another gateway: it waits until this one is gone.
    const taken = await other.own()
    wire.mend()
    await expect(db.transaction(insertAccount('acc_1'))).rejects.toThrow('the lock of the gateway')
    await taken.release()
    await db.transaction(insertAccount('acc_2'), { mayDelay: true })
    expect(lost).toEqual([])
  })

  test('a lock whose connection the network forgot is had again, though the server takes it for alive', async () => {
    const { wire, store, lost, other } = await served()
    const db = await store.open({ onFatal: () => undefined })
    onTestFinished(async () => await db.close())
    wire.forget()
    await db.transaction(insertAccount('acc_1'), { mayDelay: true })
    expect(await other.isServed()).toBe(true)
    expect(lost).toEqual([])
  })
})
