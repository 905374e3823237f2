// A foreign session keeps the row of one account locked: that account waits, and nobody else for long.
import { describe, expect, onTestFinished, test } from 'vitest'
import pg from 'pg'
import { startGateway } from '../../support/gateway.ts'
import type { Answer } from '../../support/gateway.ts'
import { hasPostgres } from '../../support/stores/postgres-server.ts'
import { postgres } from '../../support/stores/postgres.ts'

const picture = { model_id: 'gpt-image-2', prompt: 'a heron' }
/** One wait of a second for the lock, and some for each order behind it; before, each order waited a second. */
const othersMaxMs = 8_000

async function holdRow(databaseUrl: string, accountId: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  let isHeld = true
  await client.query('BEGIN')
  await client.query('SELECT 1 FROM accounts WHERE id = $1 FOR UPDATE', [accountId])
  const letGo = async (): Promise<void> => {
    if (isHeld) await client.end()
    isHeld = false
  }
  onTestFinished(letGo)
  return letGo
}

const types = (answers: readonly Answer[]) => answers.map(({ status, json }) => [status, json.error?.type])

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  test('orders of an account whose row is held are refused uncharged, and those of others go on', async () => {
    const store = postgres.open(postgres.newUrl())
    const gateway = await startGateway({ store })
    onTestFinished(async () => await gateway.stop())
    const [held, free] = [await gateway.customer(1_000), await gateway.customer(1_000)]
    const letGo = await holdRow(store.databaseUrl, held.accountId)

    const refused = Array.from({ length: 30 }, async () => await held.create(picture))
    const startedAt = performance.now()
    const taken: Answer[] = []
    for (let order = 0; order < 3; order += 1) taken.push(await free.create(picture))
    const tookMs = performance.now() - startedAt
    expect(types(taken)).toEqual(Array.from({ length: 3 }, () => [200, undefined]))
    expect(tookMs).toBeLessThan(othersMaxMs)
    const answers = await Promise.all(refused)
    expect(types(answers)).toEqual(Array.from({ length: 30 }, () => [503, 'unavailable']))
    for (const { json, headers } of answers) {
      expect(json.msg).toContain('Nothing was charged')
      expect(headers.get('retry-after')).not.toBeNull()
    }
    for (const { json } of taken)
      expect(await free.ended(json.data.task_id)).toMatchObject({ task_status: 3 })

    await letGo()
    const { json } = await held.create(picture)
    expect(await held.ended(json.data.task_id)).toMatchObject({ task_status: 3 })
    expect([await held.balance(), await free.balance()]).toEqual([985, 955])
    expect((await gateway.operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true })
  })
})
