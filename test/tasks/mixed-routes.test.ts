// Races of routes that mix upstreams, and of keys of a site: an order is posted by the upstream and the key that it belongs to.
import { expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { changeRoute } from '../../src/tasks/queue/route-store.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { shortLimitsYaml } from '../support/gateway.ts'
import { openDomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const yaml = shortLimitsYaml.replace('upstreams:', 'upstreams:\n  second: { api_key: second-key }')

test('an order that takes another route between the look and the claim is not posted on its old one', async () => {
  const { ctx, keevx, account, order } = await openDomainHarness({ yaml })
  const created = await order(await account(1_000))
  const [before] = await ctx.db.read.select().from(ctx.db.read.tables.requests)
  if (!before) throw new Error('the order is not there')
  // Its transaction is queued first, as of a loop that had looked before.
  const transaction: Context['db']['transaction'] = async (work, options) => {
    const moved = ctx.db.transaction(
      async (tx) =>
        await changeRoute(tx, created.requestId, {
          upstream: 'second',
          order: before.order,
          operation: 'image_generate',
          cost: null,
        }),
    )
    const result = await ctx.db.transaction(work, options)
    expect(await moved).toBe(true)
    return result
  }
  const late = { ...ctx, db: Object.assign(Object.create(ctx.db) as Context['db'], { transaction }) }
  expect(await claimSubmissions(late, keevx, 10)).toEqual([])
  const second = ctx.upstreams.get('second')
  if (!second) throw new Error('the second upstream is not there')
  const claimed = await claimSubmissions(ctx, second, 10)
  expect(claimed.map(({ request, key }) => [request.id, key.key])).toEqual([
    [created.requestId, 'second-key'],
  ])
})

test('an order in doubt at a site is posted again with the key that it was posted with, whatever others are free', async () => {
  const domain = await openDomainHarness({ yaml: shortLimitsYaml, upstreamKeys: 'key-a,key-b,key-c' })
  const { ctx, keevx, clock } = domain
  const site = { ...keevx, adapter: { ...keevx.adapter, repeatsByKey: true as const } }
  const customer = await domain.account(10_000)
  const used: string[] = []
  let answers = 0
  domain.submitted = (_order, key) => {
    used.push(key)
    answers += 1
    return answers < 3
      ? { kind: 'ambiguous', cause: 'broken_connection', detail: 'lost' }
      : { kind: 'accepted', taskIds: [`made-${answers}`] }
  }
  await domain.order(customer)
  for (let turn = 0; turn < 40 && used.length < 3; turn += 1, clock.advance(250)) {
    const claimed = await claimSubmissions(ctx, site, 3)
    await Promise.all(claimed.map((submission) => submit(ctx, submission, never)))
  }
  expect(used).toHaveLength(3)
  expect(new Set(used).size).toBe(1)
})
