// PgBouncer between a gateway and its server: whole sessions pass, anything less is refused before it does harm.
import { describe, expect, onTestFinished, test } from 'vitest'
import pg from 'pg'
import { storeAt } from '../../../src/db/store-at.ts'
import { startGateway } from '../../support/gateway.ts'
import { hasPgBouncer, pgBouncerBefore } from '../../support/stores/pgbouncer.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'

const transaction = ['pool_mode = transaction', 'ignore_startup_parameters = extra_float_digits']

async function behind(settings: readonly string[]): Promise<{ direct: string; pooled: string }> {
  const direct = postgres.newUrl()
  await postgres.placeFresh(direct)
  return { direct, pooled: await pgBouncerBefore(direct, settings) }
}

const start = async (databaseUrl: string) => await startGateway({ store: postgres.open(databaseUrl) })

describe.skipIf(!hasPostgres || !hasPgBouncer)('PgBouncer', () => {
  test.each([
    ['gives each transaction a connection', transaction],
    ['gives each transaction a connection, in turns', [...transaction, 'server_round_robin = 1']],
    ['has one connection for all', [...transaction, 'default_pool_size = 1']],
    ['gives each statement a connection', ['pool_mode = statement']],
  ])('that %s is refused in words, and leaves no lock behind', async (_what, settings) => {
    const { direct, pooled } = await behind(settings)
    await expect(start(pooled)).rejects.toThrow(/is behind a pooler.*Set pool_mode = session/)
    expect(await storeAt(direct).isServed()).toBe(false)
    await expect(storeAt(pooled).examine()).rejects.toThrow('is behind a pooler')
    await expect(storeAt(pooled).open({ onFatal: () => undefined })).rejects.toThrow('is behind a pooler')
  })

  test('that is busy with others is refused all the same', async () => {
    const { pooled } = await behind(transaction)
    const clients = Array.from({ length: 4 }, () => new pg.Client({ connectionString: pooled }))
    const over = new AbortController()
    const busy = clients.map(async (client) => {
      await client.connect()
      while (!over.signal.aborted) await client.query('SELECT pg_sleep(0.002)')
      await client.end()
    })
    onTestFinished(async () => {
      over.abort()
      await Promise.all(busy)
    })
    for (let time = 0; time < 10; time += 1) await expect(start(pooled)).rejects.toThrow('is behind a pooler')
  })

  test('that gives each client a connection for itself passes: a gateway serves through it, and again', async () => {
    const { direct, pooled } = await behind(['pool_mode = session'])
    const gateway = await start(pooled)
    onTestFinished(async () => await gateway.stop())
    const customer = await gateway.customer(100)
    const { json } = await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })
    expect(await customer.ended(json.data.task_id)).toMatchObject({ task_status: 3 })
    await expect(storeAt(direct).own()).rejects.toThrow('is being served by another tollgate')
    await gateway.restart()
    expect(await customer.balance()).toBe(85)
  })
})
