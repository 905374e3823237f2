// Nothing stays open: what a crash, a silence, a long queue or a changed configuration left is ended in time.
import { describe, expect, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { closeContext, createContext } from '../../src/app/context.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createLog } from '../../src/log.ts'
import { openDomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal

describe('a process that died while it was submitting', () => {
  test('leaves an order that the next one calls unknown and never posts', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller, 2)
    const dead = await claimSubmissions(domain.ctx, domain.keevx, 1)
    expect(dead).toHaveLength(1)

    const next = await openDomainHarness({ after: domain })
    await rescue(next.ctx)
    // Within the lease somebody may still be asking.
    expect((await next.tasks(created)).map(({ state }) => state)).toEqual(['submitting', 'submitting'])
    domain.clock.advance(1_000 + 15_000)
    await rescue(next.ctx)
    expect((await next.tasks(created)).map(({ state }) => state)).toEqual(['unknown', 'unknown'])
    const { attempts } = next.ctx.db.read.tables
    expect(await next.ctx.db.read.select().from(attempts)).toMatchObject([{ state: 'unknown' }])
    expect(await claimSubmissions(next.ctx, next.keevx, 16)).toEqual([])

    domain.clock.advance(2_999)
    await rescue(next.ctx)
    expect(await next.balance(caller)).toBe(70)
    domain.clock.advance(1)
    await rescue(next.ctx)
    expect((await next.tasks(created)).map(({ state }) => state)).toEqual(['failed', 'failed'])
    expect(await next.balance(caller)).toBe(100)
    expect([...domain.posted, ...next.posted]).toEqual([])
  })
})

describe('the queue', () => {
  test('is left at queue_for and not before, with the credits back', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller)
    domain.clock.advance(19_999)
    await rescue(domain.ctx)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'queued' }])
    domain.clock.advance(1)
    await rescue(domain.ctx)
    expect(await domain.tasks(created)).toMatchObject([
      { state: 'failed', errorMessage: expect.stringContaining('temporarily unavailable') },
    ])
    expect(await domain.balance(caller)).toBe(100)
    expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toEqual([])
  })

  test('of an upstream that is configured no more is ended too', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller)
    await domain.ctx.db.transaction(
      async (tx) => void (await tx.update(tx.tables.requests).set({ upstream: 'gone' })),
    )
    domain.clock.advance(19_999)
    await rescue(domain.ctx)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'queued' }])
    domain.clock.advance(1)
    await rescue(domain.ctx)
    expect(await domain.tasks(created)).toMatchObject([
      { state: 'failed', creditsRefunded: 15, errorMessage: expect.stringContaining('misconfigured') },
    ])
  })

  test('is called misconfigured where something else answers at the address of the upstream', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller)
    domain.keevx.recognition.distrust(domain.clock.now())
    domain.clock.advance(20_000)
    await rescue(domain.ctx)
    expect(await domain.tasks(created)).toMatchObject([
      { state: 'failed', creditsRefunded: 15, errorMessage: expect.stringContaining('misconfigured') },
    ])
  })

  test('of hundreds is ended to the last, sweep upon sweep without a pause', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100_000)
    await Promise.all(Array.from({ length: 450 }, () => domain.order(caller)))
    domain.clock.advance(20_000)
    let sweeps = 1
    while (await rescue(domain.ctx)) sweeps += 1
    expect(sweeps).toBe(3)
    expect(await domain.balance(caller)).toBe(100_000)
  })

  test('that holds one request which cannot be ended is swept around it', async () => {
    const domain = await openDomainHarness()
    const [unlucky, other] = [await domain.account(100), await domain.account(100)]
    const stuck = await domain.order(unlucky)
    const fine = await domain.order(other)
    await domain.ctx.db.transaction(async (tx) => {
      // No refund can lower this count: the account's open tasks were counted wrongly.
      await tx.update(tx.tables.accounts).set({ tasksOpen: 0, creditsOpen: 0 })
    })
    await domain.order(other)
    domain.clock.advance(20_000)
    expect(await rescue(domain.ctx)).toBe(false)
    expect(await domain.tasks(fine)).toMatchObject([{ state: 'failed' }])
    expect(await domain.tasks(stuck)).toMatchObject([{ state: 'queued' }])
  })
})

describe('the keys of an upstream', () => {
  test('take turns, also when orders come one by one', async () => {
    const domain = await openDomainHarness({ upstreamKeys: 'one,two' })
    const caller = await domain.account(1_000)
    const used: string[] = []
    for (let at = 0; at < 6; at += 1) {
      await domain.order(caller)
      for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 16)) {
        used.push(submission.key.key)
        await submit(domain.ctx, submission, never)
      }
    }
    expect(used.filter((key) => key === 'one')).toHaveLength(3)
  })

  test('that are not accepted by a burst of submits are tried again as soon as after one, by one order', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(1_000)
    for (let at = 0; at < 10; at += 1) await domain.order(caller)
    domain.submitted = () => ({ kind: 'key_rejected', detail: 'HTTP 401' })
    const burst = await claimSubmissions(domain.ctx, domain.keevx, 16)
    await Promise.all(burst.map((submission) => submit(domain.ctx, submission, never)))
    expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toEqual([])
    domain.clock.advance(1_250)
    const probes = await claimSubmissions(domain.ctx, domain.keevx, 16)
    expect(probes).toHaveLength(1)
    expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toEqual([])
    domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
    for (const probe of probes) await submit(domain.ctx, probe, never)
    let claimed = 0
    for (let turn = 0; turn < 20; turn += 1) {
      claimed += (await claimSubmissions(domain.ctx, domain.keevx, 16)).length
      domain.clock.advance(5)
    }
    expect(claimed).toBe(9)
  })

  test.each([0, -5_000, null])('pause for after_429 where Retry-After says %s', async (retryAfterMs) => {
    const domain = await openDomainHarness()
    const caller = await domain.account(1_000)
    await domain.order(caller)
    domain.submitted = () => ({ kind: 'rate_limited', retryAfterMs, detail: 'HTTP 429' })
    for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 16))
      await submit(domain.ctx, submission, never)
    domain.clock.advance(99)
    expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toEqual([])
    domain.clock.advance(1)
    expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toHaveLength(1)
  })
})

test('a store that no gateway has open is swept by whoever opens it next', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  await domain.order(caller)
  domain.clock.advance(20_000)
  const config = loadConfig({
    cwd: domain.folder,
    env: { KEEVX_API_KEY: 'another', DATABASE_URL: domain.store.databaseUrl },
  })
  const next = await createContext({ config, clock: domain.clock, log: createLog('silent') })
  await rescue(next)
  await closeContext(next)
  expect(await domain.balance(caller)).toBe(100)
})
