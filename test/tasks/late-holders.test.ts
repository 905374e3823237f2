// A process that stood still past its claim, and wakes: what it had claimed may be another's by now.
import { describe, expect, test } from 'vitest'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { Submission } from '../../src/tasks/submit/submission.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal

async function claimed(domain: DomainHarness) {
  const caller = await domain.account(1_000)
  const created = await domain.order(caller, 1)
  const [submission] = await claimSubmissions(domain.ctx, domain.keevx, 1)
  if (!submission) throw new Error('nothing was claimed')
  return { caller, created, submission }
}

/** Of an instance that has read something and begins its transaction only after the others have done this. */
function lateContext({ ctx }: DomainHarness, meanwhile: () => Promise<void>): DomainHarness['ctx'] {
  let isFirst = true
  const transaction: typeof ctx.db.transaction = async (work, options) => {
    if (isFirst) {
      isFirst = false
      await meanwhile()
    }
    return await ctx.db.transaction(work, options)
  }
  return { ...ctx, db: { ...ctx.db, read: ctx.db.read, transaction } }
}

describe('an order', () => {
  test('whose claim was taken away before it was posted is not posted by it, and queued again at its place', async () => {
    const domain = await openDomainHarness()
    const { caller, created, submission } = await claimed(domain)
    const second = await domain.order(caller, 1)
    domain.clock.advance(17_000)
    await rescue(domain.ctx)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'unknown' }])
    await submit(domain.ctx, submission, never)
    expect(domain.posted).toHaveLength(0)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'queued' }])
    const [again, next] = await claimSubmissions(domain.ctx, domain.keevx, 2)
    expect([again?.request.id, next?.request.id]).toEqual([created.requestId, second.requestId])
    expect(again?.request.attemptsMade).toBe(2)
    expect(await domain.balance(caller)).toBe(970)
  })

  test('whose claim is old, and still its own, is posted after it was renewed', async () => {
    const domain = await openDomainHarness()
    const { created, submission } = await claimed(domain)
    domain.clock.advance(10_000)
    const dueAtPost: (number | null | undefined)[] = []
    domain.submitted = async () => {
      const { read } = domain.ctx.db
      const [request] = await read.select().from(read.tables.requests)
      dueAtPost.push(request?.dueAt)
      return { kind: 'accepted', taskIds: ['i2is-1'] }
    }
    await submit(domain.ctx, submission, never)
    expect(dueAtPost).toEqual([domain.clock.now() + domain.keevx.settings.submit.timeoutMs + 15_000])
    expect(await domain.tasks(created)).toMatchObject([{ state: 'running' }])
  })

  test('that somebody claims while it is given up for its time in the queue is posted, and not given back', async () => {
    const domain = await openDomainHarness()
    const created = await domain.order(await domain.account(1_000), 1)
    domain.clock.advance(domain.keevx.settings.submit.queueForMs)
    const submissions: Submission[] = []
    const late = lateContext(domain, async () => {
      submissions.push(...(await claimSubmissions(domain.ctx, domain.keevx, 1)))
    })
    await rescue(late)
    expect(submissions).toMatchObject([{ request: { id: created.requestId } }])
    expect(await domain.tasks(created)).toMatchObject([{ state: 'submitting' }])
  })

  test('whose claim is renewed while its outcome is being called unknown keeps its claim', async () => {
    const domain = await openDomainHarness()
    const { created } = await claimed(domain)
    domain.clock.advance(17_000)
    const renewedTo = domain.clock.now() + 15_000
    const late = lateContext(
      domain,
      async () => await domain.store.write(`UPDATE requests SET due_at = ${renewedTo}`),
    )
    await rescue(late)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'submitting' }])
    expect(await domain.store.rows('SELECT due_at FROM requests')).toEqual([{ due_at: renewedTo }])
  })

  test('that was given up while its process stood still is not posted', async () => {
    const domain = await openDomainHarness()
    const { caller, created, submission } = await claimed(domain)
    domain.clock.advance(17_000)
    await rescue(domain.ctx)
    domain.clock.advance(600_000)
    await rescue(domain.ctx)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'failed' }])
    await submit(domain.ctx, submission, never)
    expect(domain.posted).toHaveLength(0)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
    expect(await domain.balance(caller)).toBe(1_000)
  })

  test('whose slot it held gives it back', async () => {
    const domain = await openDomainHarness()
    const { submission } = await claimed(domain)
    const before = domain.keevx.keys.free()
    domain.clock.advance(17_000)
    await rescue(domain.ctx)
    await submit(domain.ctx, submission, never)
    expect(domain.keevx.keys.free()).toBe(before + 1)
    expect(domain.keevx.slots.holders()).toBe(0)
  })

  test('that another has claimed, posted and queued again since it was read is not claimed as it was read', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(1_000)
    const created = await domain.order(caller, 1)
    const second = await domain.order(await domain.account(1_000), 1)
    const late = lateContext(domain, async () => {
      const [theirs] = await claimSubmissions(domain.ctx, domain.keevx, 1)
      domain.submitted = () => ({ kind: 'ambiguous', cause: 'server_error', detail: 'HTTP 502' })
      await submit(domain.ctx, theirs ?? expect.fail('nothing was claimed'), never)
    })
    const claims = await claimSubmissions(late, domain.keevx, 2)
    // The other order must not suffer for the first.
    expect(claims.map(({ request }) => request.id)).toEqual([second.requestId])
    expect(domain.posted).toHaveLength(1)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'queued' }])
  })

  test('that has been given back since it was read is not claimed', async () => {
    const domain = await openDomainHarness()
    const created = await domain.order(await domain.account(1_000), 1)
    const late = lateContext(domain, async () => {
      domain.clock.advance(domain.keevx.settings.submit.queueForMs + 1)
      await rescue(domain.ctx)
    })
    expect(await claimSubmissions(late, domain.keevx, 1)).toEqual([])
    expect(await domain.tasks(created)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
  })
})

/** The lease of the first claim of a poll has ended when the second is made. */
async function claimedTwice(domain: DomainHarness) {
  const { caller, created, submission } = await claimed(domain)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
  await submit(domain.ctx, submission, never)
  domain.clock.advance(60_000)
  const [late] = await claimPolls(domain.ctx, 1)
  domain.clock.advance(61_000)
  const [taken] = await claimPolls(domain.ctx, 1)
  if (!late || !taken) throw new Error('nothing was due')
  return { caller, created, late, taken }
}

describe('a poll', () => {
  test('whose task was claimed by another meanwhile does not move that claim', async () => {
    const domain = await openDomainHarness()
    const { late, taken } = await claimedTwice(domain)
    domain.seen = () => ({ kind: 'unclear', detail: 'no answer' })
    await pollTask(domain.ctx, late, never)
    const { read } = domain.ctx.db
    expect(await read.select().from(read.tables.polls)).toMatchObject([{ dueAt: taken.dueAt, pollsMade: 0 }])
    await pollTask(domain.ctx, taken, never)
    expect(await read.select().from(read.tables.polls)).toMatchObject([{ pollsMade: 1 }])
  })

  test('that finds the end of its task ends it, once, whoever claimed it meanwhile', async () => {
    const domain = await openDomainHarness()
    const { caller, created, late, taken } = await claimedTwice(domain)
    domain.seen = () => ({ kind: 'failed', reason: 'No.', detail: 'd' })
    await pollTask(domain.ctx, late, never)
    await pollTask(domain.ctx, taken, never)
    expect(await domain.tasks(created)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
    expect(await domain.balance(caller)).toBe(1_000)
  })
})
