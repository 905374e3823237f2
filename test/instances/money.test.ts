// Codes and refunds by hand with two gateways on one store: each is given once, and wrong codes are counted together.
import { expect, test } from 'vitest'
import type { Answer } from '../support/gateway.ts'
import { newSharedStoreUrl } from '../support/test-store.ts'
import { picture, startTogether } from './together.ts'

test.skipIf(!newSharedStoreUrl)(
  'two gateways give one grant for a code, one refund of what a task cost, and no more guesses than one',
  async () => {
    const together = await startTogether(2)
    const at = (nth: number) => {
      const gateway = together.gateways[nth % 2]
      if (!gateway) throw new Error('there are two')
      return gateway
    }
    const redeemAt = async (nth: number, key: string, code: string): Promise<Answer> =>
      await at(nth).call('POST', '/api/v1/credits/redeem', { key, body: { code } })
    const { codes } = (await at(0).operator('POST', '/codes', { credits: 50, count: 1 })).json.data
    const customers = await Promise.all(Array.from({ length: 10 }, () => together.customer(15)))
    const [customer] = customers
    if (!customer) throw new Error('there are ten')
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => customers.map(({ key }) => key))
        .flat()
        .map((key, nth) => redeemAt(nth, key, codes[0])),
    )
    // The account that won is answered again whenever it repeats the code.
    const given = answers.filter(({ json }) => json.code === 200)
    expect(given.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1)
    const balances = await Promise.all(customers.map((each) => each.balance()))
    expect(balances.toSorted((a, b) => a - b)).toEqual([15, 15, 15, 15, 15, 15, 15, 15, 15, 65])

    const { task_id: id } = (await customer.create(picture)).json.data
    await customer.ended(id)
    const body = { credits: 5, reason: 'late' }
    const refunds = await Promise.all(
      Array.from({ length: 20 }, (_, nth) => at(nth).operator('POST', `/tasks/${id}/refund`, body)),
    )
    expect(refunds.filter(({ status }) => status === 200)).toHaveLength(3)

    const { key } = await together.customer(0)
    const wrong = await Promise.all(
      Array.from({ length: 40 }, (_, nth) => redeemAt(nth, key, 'tg-23456-23456-23456-23456')),
    )
    const types = wrong.map(({ json }) => json.error.type)
    expect(types.filter((type) => type === 'invalid_code')).toHaveLength(20)
    expect(types.filter((type) => type === 'rate_limited')).toHaveLength(20)
    expect((await at(0).operator('GET', '/ledger/verify')).json.data).toMatchObject({ ok: true, drift: [] })
  },
  // More than a hundred commits, which wait for one another.
  60_000,
)
