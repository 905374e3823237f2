// On a store that is asked for its rights with each request: a query asks once for both, and shows only what the rights allow.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manualClock } from '../../support/clock.ts'
import { startGateway } from '../../support/gateway.ts'
import type { Customer, Gateway } from '../../support/gateway.ts'
import { watchStatements } from '../../support/statements.ts'
import { newSharedStoreUrl, openTestStore, placeFreshStore } from '../../support/test-store.ts'
import { failure, seen, withLimits } from '../expectations.ts'

const picture = { model_id: 'gpt-image-2', prompt: 'a zen garden' }
const perMinute = 6
const limits = withLimits('requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off')

describe.skipIf(!newSharedStoreUrl)('a query', () => {
  const statements = watchStatements()
  let gateway: Gateway
  beforeAll(async () => {
    const databaseUrl = newSharedStoreUrl?.() ?? ''
    await placeFreshStore(databaseUrl)
    const clock = manualClock(Date.now())
    gateway = await startGateway({ yaml: limits, clock, store: openTestStore(databaseUrl) })
  })
  afterAll(async () => {
    await gateway.stop()
    statements.restore()
  })

  /** What a request asks of rights, of keys, and of the tasks of an account; the loops ask for none of these. */
  const askedDuring = async (work: () => Promise<unknown>): Promise<string[]> =>
    (await statements.during(work)).filter((text) =>
      /"rights"|"keys"|"tasks"\."account_id" = (?:\$|items)/.test(text),
    )

  async function withTask(): Promise<{ customer: Customer; id: string }> {
    const customer = await gateway.customer(100)
    const { task_id: id } = (await customer.create(picture)).json.data
    await customer.task(id)
    return { customer, id }
  }
  const answerOf = async (customer: Customer, id: string) =>
    seen(await gateway.call('GET', `/api/v1/tasks/${id}`, { key: customer.key }))

  test('asks for its rights and its task at once, on the same connection and on a new one', async () => {
    const { customer, id } = await withTask()
    for (const headers of [{}, { connection: 'close' }]) {
      const asked = await askedDuring(async () => {
        expect((await customer.get(`/tasks/${id}`, headers)).json.data.task_id).toBe(id)
      })
      expect(asked).toHaveLength(1)
    }
  })

  test('of another account, or of a task that never was, asks the same and is told the same', async () => {
    const [{ customer }, other] = [await withTask(), await withTask()]
    const never = `${other.id.slice(0, -3)}000`
    const answers: unknown[] = []
    for (const id of [other.id, never]) {
      const asked = await askedDuring(async () => answers.push(await answerOf(customer, id)))
      expect(asked).toHaveLength(1)
    }
    const notFound = failure({ type: 'not_found', field: 'task_id' })
    expect(answers).toEqual([notFound, notFound])
  })

  test('with a key that was revoked shows nothing, and from then on reads no task', async () => {
    const { customer, id } = await withTask()
    const revoke = 'UPDATE keys SET revoked_at = 1 WHERE account_id = ?'
    await gateway.store.write(revoke, [customer.accountId])
    const refused = failure({ type: 'unauthorized', status: 401 })
    expect(await answerOf(customer, id)).toEqual(refused)
    const asked = await askedDuring(async () => expect(await answerOf(customer, id)).toEqual(refused))
    expect(asked.filter((text) => text.includes('"tasks"'))).toEqual([])
  })

  test('is answered with the task as it stands then', async () => {
    const { customer, id } = await withTask()
    await gateway.store.write("UPDATE tasks SET model_id = 'changed' WHERE id = ?", [id])
    expect((await customer.task(id)).model_id).toBe('changed')
  })

  test('that no task can be named by reads none', async () => {
    const { customer } = await withTask()
    const asked = await askedDuring(async () => await answerOf(customer, 'x'.repeat(10_000)))
    expect(asked.filter((text) => text.includes('"rights"') && text.includes('"tasks"'))).toEqual([])
  })

  test('of an account whose minute is over reads no task', async () => {
    const { customer, id } = await withTask()
    await gateway.operator('PATCH', `/accounts/${customer.accountId}`, {
      limits: { requests_per_minute: perMinute },
    })
    for (let asked = 0; asked < perMinute; asked += 1) {
      expect((await customer.get(`/tasks/${id}`)).status).toBe(200)
    }
    const limited = failure({ type: 'rate_limited', status: 429 })
    expect(await answerOf(customer, id)).toEqual(limited)
    const asked = await askedDuring(async () => expect(await answerOf(customer, id)).toEqual(limited))
    expect(asked.filter((text) => text.includes('"tasks"'))).toEqual([])
  })
})
