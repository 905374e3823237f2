// How many requests an account may make within a minute, counted over all instances.
import type { FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import { createLimits } from '../../src/http/limits.ts'
import { createRequestCounts } from '../../src/instances/request-counts.ts'
import { openDomainHarness } from '../support/domain-harness.ts'

async function openCounts(instances: number) {
  const domain = await openDomainHarness()
  const { accountId } = await domain.account(1)
  const standing = () => ({ count: instances, rank: 0 })
  const ctx = { ...domain.ctx, instances: { ...domain.ctx.instances, standing } }
  const all = Array.from({ length: instances }, () => createRequestCounts(ctx))
  const ask = async (times: number, max: number) => {
    const counted = await Promise.all(
      Array.from({ length: times }, async (_, n) => await all[n % instances]?.count(accountId, max)),
    )
    return counted.filter((each) => each?.isAllowed).length
  }
  return { domain, ctx, accountId, all, ask }
}

test.each([
  [1, 60],
  [3, 60],
  [4, 100],
  [3, 1],
])('of any number of requests at %i instances exactly %i are let in', async (instances, max) => {
  const { domain, ask } = await openCounts(instances)
  expect(await ask(max * 5, max)).toBe(max)
  domain.clock.advance(59_000)
  expect(await ask(max * 2, max)).toBe(0)
  domain.clock.advance(1_001)
  expect(await ask(max * 5, max)).toBe(max)
})

test('a limit that was raised counts at once, and one of another account is another', async () => {
  const { domain, all, ask } = await openCounts(2)
  expect(await ask(40, 10)).toBe(10)
  expect(await ask(40, 30)).toBe(20)
  const other = await domain.account(1)
  expect(await all[0]?.count(other.accountId, 10)).toMatchObject({ isAllowed: true })
})

test('requests take a few transactions together, not one each', async () => {
  const { domain, ask } = await openCounts(3)
  const before = await domain.store.commits()
  await ask(800, 100)
  expect((await domain.store.commits()) - before).toBeLessThanOrEqual(3 * 10)
})

test('a store that does not say how many were made is asked no more for a while', async () => {
  const { ctx, accountId } = await openCounts(1)
  let asked = 0
  const away = {
    ...ctx.db,
    transaction: async () => {
      asked += 1
      throw new Error('away')
    },
  } as typeof ctx.db
  const counts = createRequestCounts({ ...ctx, db: away })
  expect(await counts.count(accountId, 60)).toBeNull()
  expect(await counts.count(accountId, 60)).toBeNull()
  expect(asked).toBe(1)
})

test('instances whose clocks differ by milliseconds count one minute, not one each', async () => {
  const { ctx, accountId } = await openCounts(3)
  const all = [0, 15, -15].map((aheadMs) =>
    createRequestCounts({
      ...ctx,
      clock: { ...ctx.clock, now: () => ctx.clock.now() + aheadMs, monotonic: () => ctx.clock.monotonic() },
    }),
  )
  const counted = []
  for (let n = 0; n < 300; n += 1) counted.push(await all[n % 3]?.count(accountId, 60))
  expect(counted.filter((each) => each?.isAllowed)).toHaveLength(60)
})

test('while the store does not say what the others let in, each instance lets in its share of a minute', async () => {
  const { domain, ctx } = await openCounts(3)
  const away = {
    ...ctx.db,
    transaction: async () => await Promise.reject(new Error('away')),
  } as typeof ctx.db
  const instances = { ...ctx.instances, id: 'ins_1' }
  const { count } = createLimits({ ...ctx, instances, db: away })
  const caller = { ...(await domain.account(1)), requestsPerMinuteMax: 60 }
  const answers = await Promise.allSettled(Array.from({ length: 100 }, async () => await count(caller)))
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(20)
  const refused = answers.filter((each) => each.status === 'rejected')
  for (const { reason } of refused) expect(reason).toMatchObject({ type: 'rate_limited' })
})

test('of requests without a key each of several instances lets in its share, and all together the limit', async () => {
  const { ctx } = await openCounts(1)
  const config = { ...ctx.config, limits: { ...ctx.config.limits, unauthenticatedPerMinute: 60 } }
  let count = 3
  const instances = { ...ctx.instances, standing: () => ({ count, rank: 0 }) }
  const all = Array.from({ length: 3 }, () => createLimits({ ...ctx, config, instances }))
  const request = (ip: string) => ({ ip }) as FastifyRequest
  const letIn = async (times: number, ip: string) => {
    const answers = await Promise.allSettled(
      Array.from({ length: times }, async (_, n) => await all[n % 3]?.stranger(request(ip))),
    )
    return answers.filter(({ status }) => status === 'fulfilled').length
  }
  expect(await letIn(600, '203.0.113.7')).toBe(60)
  expect(await letIn(600, '203.0.113.8')).toBe(60)
  // The others have gone.
  count = 1
  const before = Array.from({ length: 80 }, async () => await all[0]?.stranger(request('203.0.113.9')))
  const answers = await Promise.allSettled(before)
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(60)
})
