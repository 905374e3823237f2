// Callbacks that reach any of several gateways: they find the order that another has posted, and none is ordered twice.
import { describe, expect, test } from 'vitest'
import { until } from '../support/gateway.ts'
import { newSharedStoreUrl } from '../support/test-store.ts'
import { picture, startTogether } from './together.ts'
import { startBalancer, startCounted } from './wires.ts'

const yaml = `
upstreams:
  keevx:
    adapter: keevx
    submit: { queue_for: 5m, timeout: 30s, attempts: 3, after_429: 1s, after_5xx: 3s, ambiguous: retry, in_flight: 30 }
    image: { poll_every: 1s, give_up_after: 5m }
    video: { poll_every: 1s, give_up_after: 5m }
limits: { requests_per_minute: off, unauthenticated_per_minute: off, tasks_in_flight: off }
media: { store: none }
`

const orders = 90

describe.skipIf(!newSharedStoreUrl)('gateways on one store', () => {
  test('order work once whose callback comes before a 500, whichever of them hears it', async () => {
    const balancer = await startBalancer()
    const upstream = await startCounted({ answeredBy: balancer })
    const { gateways, customer, at } = await startTogether(3, {
      yaml,
      upstreamUrl: upstream.url,
      env: { PUBLIC_URL: balancer.url },
    })
    const { sandbox } = upstream
    balancer.origins.push(...gateways.map(({ url }) => url))
    const someone = await customer(orders * 15)
    const created = await Promise.all(
      Array.from(
        { length: orders },
        async (_, n) => await at(gateways[n % gateways.length], someone).create(picture),
      ),
    )
    for (const { json } of created) {
      const task = async () => (await gateways[0]?.operator('GET', `/tasks/${json.data.task_id}`))?.json.data
      // What is seen last says why it did not end: how it was ordered, and which callbacks came to nobody.
      await until(
        async () => ({ task: await task(), lost: sandbox.lostCallbacks, failed: balancer.failures }),
        (seen) => seen.task.task_status >= 3,
      )
    }
    expect(sandbox.submissions).toHaveLength(orders)
    for (const { json } of created) {
      expect(await at(gateways.at(-1), someone).task(json.data.task_id)).toMatchObject({ task_status: 3 })
    }
    expect(await at(gateways.at(-1), someone).balance()).toBe(0)
    const stats = await gateways[0]?.operator('GET', '/stats')
    expect(stats?.json.data.orphans).toEqual({})
  })
})
