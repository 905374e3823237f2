// Caps of a key that several gateways on one store are asked with at once.
import { describe, expect, test } from 'vitest'
import { quickYaml, until } from '../support/gateway.ts'
import { newSharedStoreUrl } from '../support/test-store.ts'
import { picture, startTogether } from './together.ts'

const ordersWanted = 300

describe.skipIf(!newSharedStoreUrl)('gateways on one store', () => {
  test('keep to the caps of a key and of its requests together: not one credit and not one request more', async () => {
    const { gateways, customer, at } = await startTogether(2, { yaml: quickYaml })
    const [first] = gateways
    const someone = await customer(100_000)
    const limits = { credits_total: 5_000, credits_per_day: 164 }
    const path = `/accounts/${someone.accountId}/keys`
    const capped = (await first?.operator('POST', path, { name: 'capped', limits }))?.json.data
    const asCapped = { ...someone, key: capped.key }
    const answers = await Promise.all(
      Array.from({ length: ordersWanted }, async (_, n) =>
        // A busy machine may refuse some for a moment: these have ordered nothing, and are sent again.
        until(
          async () => await at(gateways[n % 2], asCapped).create(picture),
          ({ status }) => status !== 503,
        ),
      ),
    )
    const codes = answers.map(({ json }) => (json.code === 200 ? 'ordered' : json.error.type))
    expect(codes.filter((code) => code === 'ordered')).toHaveLength(10)
    expect(codes.filter((code) => code === 'credit_cap')).toHaveLength(ordersWanted - 10)
    for (const gateway of gateways) expect(await at(gateway, someone).balance()).toBe(100_000 - 150)
    const shown = (await first?.operator('GET', path))?.json.data.keys
    expect(shown.find(({ id }: { id: string }) => id === capped.id).used.credits_total).toBe(150)

    const slow = await first?.operator('POST', path, { name: 'slow', limits: { requests_per_minute: 20 } })
    const asSlow = { ...someone, key: slow?.json.data.key }
    const asked = await Promise.all(
      Array.from({ length: 80 }, async (_, n) => await at(gateways[n % 2], asSlow).get('/credits')),
    )
    expect(asked.filter(({ status }) => status === 200)).toHaveLength(20)
  })
})
