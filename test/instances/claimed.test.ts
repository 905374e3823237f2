// What an instance has claimed: its own while it is there, free for the others when it has gone.
import { describe, expect, test } from 'vitest'
import { claimPolls, forgetHolders } from '../../src/tasks/poll/claim.ts'
import { pollsOf } from '../../src/tasks/poll/rows.ts'
import { bringPollsCloser, releaseClaims } from '../../src/tasks/rescue/release-leases.ts'
import { claimKeeps } from '../../src/tasks/results/downloads.ts'
import { claimSubmissions } from '../../src/tasks/submit/submit.ts'
import { bytes, openMediaHarness, png } from '../media/media-harness.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import { dispatchAll } from '../tasks/archive/scene.ts'

describe('what an instance has claimed', () => {
  const held = (ctx: Awaited<ReturnType<typeof openDomainHarness>>['ctx'], id: string) => ({
    ...ctx,
    instances: { ...ctx.instances, id },
  })

  test('is free when it has gone, and no claim of another is', async () => {
    const domain = await openDomainHarness()
    const { ctx } = domain
    const { instances, requests } = ctx.db.read.tables
    await ctx.db.transaction(async (tx) => {
      await tx.insert(instances).values({ id: 'ins_1', name: 'one', startedAt: 1, beatAt: 1 })
    })
    const caller = await domain.account(1_000)
    await domain.order(caller, 1)
    await domain.order(caller, 1)
    const [ours] = await claimSubmissions(held(ctx, 'ins_1'), domain.keevx, 1)
    const [theirs] = await claimSubmissions(held(ctx, 'ins_gone'), domain.keevx, 1)
    domain.clock.advance(1_000)
    const nowMs = domain.clock.now()
    await ctx.db.transaction(async (tx) => await releaseClaims({ tx, nowMs }))
    const rows = await ctx.db.read.select().from(requests)
    const dueAt = new Map(rows.map((row) => [row.id, row.dueAt]))
    expect(dueAt.get(theirs?.request.id ?? '')).toBe(nowMs)
    expect(dueAt.get(ours?.request.id ?? '')).toBe(ours?.request.dueAt)
  })

  test('is free for polls that it was at, and those that another is at stay with that one, also at a start', async () => {
    const domain = await openDomainHarness()
    const { ctx, clock } = domain
    await ctx.db.transaction(async (tx) => {
      await tx.insert(tx.tables.instances).values({ id: 'ins_1', name: 'one', startedAt: 1, beatAt: 1 })
    })
    const caller = await domain.account(1_000)
    const orders = [await domain.order(caller), await domain.order(caller)]
    await dispatchAll(domain)
    clock.advance(60_000)
    const theirs = await claimPolls(held(ctx, 'ins_gone'), 1)
    clock.advance(1)
    const ours = await claimPolls(held(ctx, 'ins_1'), 1)
    expect([theirs, ours]).toMatchObject([[{ state: 'running' }], [{ state: 'running' }]])
    clock.advance(1_000)
    const nowMs = clock.now()
    await ctx.db.transaction(async (tx) => await releaseClaims({ tx, nowMs }))
    await bringPollsCloser(ctx, { onTurn: () => undefined, signal: new AbortController().signal })
    const polls = await pollsOf(
      ctx.db.read,
      orders.flatMap(({ taskIds }) => taskIds),
    )
    expect(polls.get(theirs[0]?.id ?? '')?.dueAt).toBe(nowMs)
    expect(polls.get(ours[0]?.id ?? '')?.dueAt).toBe(ours[0]?.dueAt)
    // Leases that have ended are forgotten.
    const claims = async () => await ctx.db.read.select().from(ctx.db.read.tables.pollClaims)
    expect(await claims()).toEqual([{ holder: 'ins_1', leaseEndsAt: ours[0]?.dueAt }])
    await ctx.db.transaction(async (tx) => await forgetHolders(tx, { nowMs: nowMs + 60_000 }))
    expect(await claims()).toEqual([])
  })

  test('is free for results that it was keeping, whether or not their task waits', async () => {
    const harness = await openMediaHarness()
    harness.files.serve['/a.png'] = bytes(png)
    const id = await harness.made()
    const ctx = { ...harness.ctx, instances: { ...harness.ctx.instances, id: 'ins_gone' } }
    expect(await claimKeeps(ctx, 1)).toMatchObject([{ taskId: id, holder: 'ins_gone' }])
    expect(await claimKeeps(ctx, 1)).toEqual([])
    await ctx.db.transaction(async (tx) => await releaseClaims({ tx, nowMs: ctx.clock.now() }))
    expect(await claimKeeps(ctx, 1)).toMatchObject([{ taskId: id }])
  })
})
