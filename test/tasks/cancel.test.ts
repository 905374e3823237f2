// A task that was not posted yet is cancelled with its credits back in the same commit; one that was, or perhaps was, is not.
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/errors.ts'
import { cancelTask } from '../../src/tasks/queue/cancel.ts'
import type { Cancelled } from '../../src/tasks/queue/cancel.ts'
import type { Caller } from '../../src/accounts/callers.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { holdQueued } from '../../src/tasks/rescue/restored.ts'
import { lateness, rescue } from '../../src/tasks/rescue/rescue.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const slots = 16

const sound = async ({ ctx, clock }: DomainHarness) =>
  expect(await verifyLedger(ctx.db, clock.now(), lateness(ctx.config))).toMatchObject({ drift: [] })

/** The answer, or the type of the refusal. */
async function cancel({ ctx }: DomainHarness, { accountId }: Caller, id: string | undefined) {
  return await cancelTask(ctx, accountId, id ?? '').catch((error: unknown) => {
    if (error instanceof GatewayError) return error.type
    throw error
  })
}

async function dispatch(domain: DomainHarness, answer?: SubmitOutcome): Promise<void> {
  if (answer) domain.submitted = () => answer
  for (const each of await claimSubmissions(domain.ctx, domain.keevx, slots))
    await submit(domain.ctx, each, never)
}

const states = async (domain: DomainHarness, created: Parameters<DomainHarness['tasks']>[0]) =>
  (await domain.tasks(created)).map(({ state }) => state)

describe('a task that waits to be posted', () => {
  test('is cancelled: it has failed, its credits are back, its reason says so, and nothing is posted', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller)
    const [id] = created.taskIds
    expect(await cancel(domain, caller, id)).toEqual({ taskId: id, creditsRefunded: 15 })
    expect(await domain.tasks(created)).toMatchObject([
      {
        state: 'failed',
        cancelled: true,
        creditsRefunded: 15,
        errorMessage: 'Cancelled by you before it was ordered. Your credits were returned.',
      },
    ])
    expect(await domain.balance(caller)).toBe(100)
    await dispatch(domain)
    expect(domain.posted).toEqual([])
    await sound(domain)
  })

  test('answers the same when it is cancelled again, and gives nothing back twice', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const [id] = (await domain.order(caller)).taskIds
    const answers = [await cancel(domain, caller, id), await cancel(domain, caller, id)]
    expect(answers).toEqual([
      { taskId: id, creditsRefunded: 15 },
      { taskId: id, creditsRefunded: 15 },
    ])
    expect(await domain.balance(caller)).toBe(100)
    await sound(domain)
  })

  test('of another account is as one that never was', async () => {
    const domain = await openDomainHarness()
    const [owner, other] = [await domain.account(100), await domain.account(100)]
    const created = await domain.order(owner)
    expect(await cancel(domain, other, created.taskIds[0])).toBe('not_found')
    expect(await cancel(domain, other, 'task_0000000000000000000000000')).toBe('not_found')
    expect(await states(domain, created)).toEqual(['queued'])
  })

  test.each<SubmitOutcome>([
    { kind: 'rate_limited', retryAfterMs: null, detail: 'HTTP 429' },
    { kind: 'not_accepted', detail: 'ECONNREFUSED' },
    { kind: 'key_rejected', detail: 'HTTP 401' },
    { kind: 'retry_documented', detail: '530003' },
  ])('again, for it was certainly not taken ($kind), is cancelled', async (answer) => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller)
    await dispatch(domain, answer)
    expect(await states(domain, created)).toEqual(['queued'])
    expect(await cancel(domain, caller, created.taskIds[0])).toMatchObject({ creditsRefunded: 15 })
    domain.clock.advance(5_000)
    await dispatch(domain)
    expect(domain.posted).toHaveLength(1)
    expect(await domain.balance(caller)).toBe(100)
    await sound(domain)
  })

  test('again, for it may have been taken, is not cancelled', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller)
    await dispatch(domain, { kind: 'ambiguous', cause: 'server_error', detail: 'HTTP 502' })
    expect(await states(domain, created)).toEqual(['queued'])
    expect(await cancel(domain, caller, created.taskIds[0])).toBe('too_late')
    expect(await states(domain, created)).toEqual(['queued'])
    expect(await domain.balance(caller)).toBe(85)
    await sound(domain)
  })
})

describe('a task that was posted, or has ended,', () => {
  test('is not cancelled, and the refusal says what becomes of the credits', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const refusal = async (id: string | undefined) =>
      await cancelTask(domain.ctx, caller.accountId, id ?? '').then(
        () => '',
        (error: GatewayError) => `${error.type}: ${error.text.en}`,
      )
    const [id] = (await domain.order(caller)).taskIds
    const [submission] = await claimSubmissions(domain.ctx, domain.keevx, slots)
    expect(await refusal(id)).toMatch(
      /^too_late: .*already been ordered.*come back by themselves if it fails/,
    )
    await submit(domain.ctx, submission ?? expect.fail(), never)
    expect(await refusal(id)).toMatch(/^too_late: .*already been ordered/)
    const [failed] = (await domain.order(caller)).taskIds
    await dispatch(domain, { kind: 'refused', reason: 'No.', detail: 'no' })
    expect(await refusal(failed)).toMatch(/^too_late: .*already failed.*15 credits were returned/)
    const [unknown] = (await domain.order(caller)).taskIds
    await dispatch(domain, { kind: 'unknown', detail: 'no answer' })
    expect(await refusal(unknown)).toMatch(/^too_late: .*already been ordered/)
    await sound(domain)
  })

  test('in a restored copy is not cancelled: it may have been posted since', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const [id] = (await domain.order(caller)).taskIds
    await holdQueued(domain.ctx.db, { config: domain.ctx.config, nowMs: domain.clock.now() })
    expect(await cancel(domain, caller, id)).toBe('too_late')
    await sound(domain)
  })
})

describe('of an order with several outputs', () => {
  const counts = (domain: DomainHarness) => domain.posted.map((order) => (order as { count: number }).count)

  test('each is cancelled by itself, and the others are ordered: as many as are left', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller, 4)
    await cancel(domain, caller, created.taskIds[1])
    await cancel(domain, caller, created.taskIds[3])
    await dispatch(domain, { kind: 'accepted', taskIds: ['u1', 'u2'] })
    expect(counts(domain)).toEqual([2])
    expect(await states(domain, created)).toEqual(['running', 'failed', 'running', 'failed'])
    expect(await domain.balance(caller)).toBe(100 - 2 * 15)
    await sound(domain)
  })

  test('as many as are left are ordered again too', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller, 4)
    await dispatch(domain, { kind: 'not_accepted', detail: 'ECONNREFUSED' })
    await cancel(domain, caller, created.taskIds[0])
    await dispatch(domain, { kind: 'not_accepted', detail: 'ECONNREFUSED' })
    await cancel(domain, caller, created.taskIds[1])
    await dispatch(domain, { kind: 'accepted', taskIds: ['u1', 'u2', 'u3'] })
    expect(counts(domain)).toEqual([4, 3, 2])
    expect(await states(domain, created)).toEqual(['failed', 'failed', 'running', 'running'])
    // The upstream made one that nobody ordered.
    const { read } = domain.ctx.db
    expect(await read.select().from(read.tables.orphans)).toMatchObject([
      { upstreamTaskId: 'u3', credits: 0 },
    ])
    await sound(domain)
  })

  test('with the last of them the order ends', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller, 3)
    for (const id of created.taskIds) await cancel(domain, caller, id)
    const { read } = domain.ctx.db
    expect(await read.select().from(read.tables.requests)).toMatchObject([{ state: 'failed', dueAt: null }])
    await dispatch(domain)
    domain.clock.advance(60_000)
    await rescue(domain.ctx)
    expect(domain.posted).toEqual([])
    expect(await domain.balance(caller)).toBe(100)
    await sound(domain)
  })

  test('those that are left end with the order, each once', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(100)
    const created = await domain.order(caller, 4)
    await cancel(domain, caller, created.taskIds[2])
    await dispatch(domain, { kind: 'refused', reason: 'No.', detail: 'no' })
    expect((await domain.tasks(created)).map(({ errorMessage }) => errorMessage?.slice(0, 9))).toEqual([
      'No.',
      'No.',
      'Cancelled',
      'No.',
    ])
    expect(await domain.balance(caller)).toBe(100)
    await sound(domain)
  })
})

describe('of those that meet, one wins and the credits are exact:', () => {
  const isCancelled = (answer: Cancelled | string): boolean => typeof answer !== 'string'

  test('a cancel and the loop that posts, two hundred times', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(10_000)
    const orders = await Promise.all(Array.from({ length: 200 }, () => domain.order(caller)))
    const cancels = orders.map(({ taskIds }) => cancel(domain, caller, taskIds[0]))
    const claims = Promise.all(
      Array.from({ length: 8 }, () => claimSubmissions(domain.ctx, domain.keevx, 64)),
    )
    const [answers, claimed] = await Promise.all([Promise.all(cancels), claims])
    const posted = new Set(claimed.flat().map(({ request }) => request.id))
    for (const [at, { requestId }] of orders.entries()) {
      expect(isCancelled(answers[at] ?? ''), requestId).toBe(!posted.has(requestId))
    }
    expect(await domain.balance(caller)).toBe(10_000 - 15 * posted.size)
    await sound(domain)
  })

  test('two cancels, and a cancel and the end of queue_for', async () => {
    const domain = await openDomainHarness()
    const caller = await domain.account(10_000)
    const orders = await Promise.all(Array.from({ length: 50 }, () => domain.order(caller, 2)))
    domain.clock.advance(20_000)
    const ids = orders.flatMap(({ taskIds }) => [...taskIds])
    const [answers] = await Promise.all([
      Promise.all([...ids, ...ids].map((id) => cancel(domain, caller, id))),
      rescue(domain.ctx),
    ])
    expect(answers.slice(0, ids.length).map(isCancelled)).toEqual(answers.slice(ids.length).map(isCancelled))
    expect(await domain.balance(caller)).toBe(10_000)
    await sound(domain)
  })
})
