// A task that was not posted yet is cancelled with its credits back in the same commit; one that was, or perhaps was, is not.
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/errors.ts'
import { cancelTask } from '../../src/tasks/queue/cancel.ts'
import type { Cancelled } from '../../src/tasks/queue/cancel.ts'
import type { Caller } from '../../src/accounts/keys.ts'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { holdQueued } from '../../src/tasks/rescue/restored.ts'
import { lateness, rescue } from '../../src/tasks/rescue/rescue.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const never = new AbortController().signal
const slots = 16

const sound = async ({ ctx, clock }: Workshop) =>
  expect(await verifyLedger(ctx.db, clock.now(), lateness(ctx.config))).toMatchObject({ drift: [] })

/** The answer, or the type of the refusal. */
async function cancel({ ctx }: Workshop, { accountId }: Caller, id: string | undefined) {
  return await cancelTask(ctx, accountId, id ?? '').catch((error: unknown) => {
    if (error instanceof GatewayError) return error.type
    throw error
  })
}

async function dispatch(shop: Workshop, answer?: SubmitOutcome): Promise<void> {
  if (answer) shop.submitted = () => answer
  for (const each of await claimSubmissions(shop.ctx, shop.keevx, slots)) await submit(shop.ctx, each, never)
}

const states = async (shop: Workshop, created: Parameters<Workshop['tasks']>[0]) =>
  (await shop.tasks(created)).map(({ state }) => state)

describe('a task that waits to be posted', () => {
  test('is cancelled: it has failed, its credits are back, its reason says so, and nothing is posted', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const created = await shop.order(caller)
    const [id] = created.taskIds
    expect(await cancel(shop, caller, id)).toEqual({ taskId: id, creditsRefunded: 15 })
    expect(await shop.tasks(created)).toMatchObject([
      {
        state: 'failed',
        cancelled: true,
        creditsRefunded: 15,
        errorMessage: 'Cancelled by you before it was ordered. Your credits were returned.',
      },
    ])
    expect(await shop.balance(caller)).toBe(100)
    await dispatch(shop)
    expect(shop.posted).toEqual([])
    await sound(shop)
  })

  test('answers the same when it is cancelled again, and gives nothing back twice', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const [id] = (await shop.order(caller)).taskIds
    const answers = [await cancel(shop, caller, id), await cancel(shop, caller, id)]
    expect(answers).toEqual([
      { taskId: id, creditsRefunded: 15 },
      { taskId: id, creditsRefunded: 15 },
    ])
    expect(await shop.balance(caller)).toBe(100)
    await sound(shop)
  })

  test('of another account is as one that never was', async () => {
    const shop = await openWorkshop()
    const [owner, other] = [await shop.account(100), await shop.account(100)]
    const created = await shop.order(owner)
    expect(await cancel(shop, other, created.taskIds[0])).toBe('not_found')
    expect(await cancel(shop, other, 'task_0000000000000000000000000')).toBe('not_found')
    expect(await states(shop, created)).toEqual(['queued'])
  })

  test.each<SubmitOutcome>([
    { kind: 'rate_limited', retryAfterMs: null, detail: 'HTTP 429' },
    { kind: 'not_accepted', detail: 'ECONNREFUSED' },
    { kind: 'key_rejected', detail: 'HTTP 401' },
    { kind: 'retry_documented', detail: '530003' },
  ])('again, for it was certainly not taken ($kind), is cancelled', async (answer) => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const created = await shop.order(caller)
    await dispatch(shop, answer)
    expect(await states(shop, created)).toEqual(['queued'])
    expect(await cancel(shop, caller, created.taskIds[0])).toMatchObject({ creditsRefunded: 15 })
    shop.clock.advance(5_000)
    await dispatch(shop)
    expect(shop.posted).toHaveLength(1)
    expect(await shop.balance(caller)).toBe(100)
    await sound(shop)
  })

  test('again, for it may have been taken, is not cancelled', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const created = await shop.order(caller)
    await dispatch(shop, { kind: 'ambiguous', cause: 'server_error', detail: 'HTTP 502' })
    expect(await states(shop, created)).toEqual(['queued'])
    expect(await cancel(shop, caller, created.taskIds[0])).toBe('too_late')
    expect(await states(shop, created)).toEqual(['queued'])
    expect(await shop.balance(caller)).toBe(85)
    await sound(shop)
  })
})

describe('a task that was posted, or has ended,', () => {
  test('is not cancelled, and the refusal says what becomes of the credits', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const refusal = async (id: string | undefined) =>
      await cancelTask(shop.ctx, caller.accountId, id ?? '').then(
        () => '',
        (error: GatewayError) => `${error.type}: ${error.text.en}`,
      )
    const [id] = (await shop.order(caller)).taskIds
    const [submission] = await claimSubmissions(shop.ctx, shop.keevx, slots)
    expect(await refusal(id)).toMatch(
      /^too_late: .*already been ordered.*come back by themselves if it fails/,
    )
    await submit(shop.ctx, submission ?? expect.fail(), never)
    expect(await refusal(id)).toMatch(/^too_late: .*already been ordered/)
    const [failed] = (await shop.order(caller)).taskIds
    await dispatch(shop, { kind: 'refused', reason: 'No.', detail: 'no' })
    expect(await refusal(failed)).toMatch(/^too_late: .*already failed.*15 credits were returned/)
    const [unknown] = (await shop.order(caller)).taskIds
    await dispatch(shop, { kind: 'unknown', detail: 'no answer' })
    expect(await refusal(unknown)).toMatch(/^too_late: .*already been ordered/)
    await sound(shop)
  })

  test('in a restored copy is not cancelled: it may have been posted since', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const [id] = (await shop.order(caller)).taskIds
    await holdQueued(shop.ctx.db, { config: shop.ctx.config, nowMs: shop.clock.now() })
    expect(await cancel(shop, caller, id)).toBe('too_late')
    await sound(shop)
  })
})

describe('of an order with several outputs', () => {
  const counts = (shop: Workshop) => shop.posted.map((order) => (order as { count: number }).count)

  test('each is cancelled by itself, and the others are ordered: as many as are left', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const created = await shop.order(caller, 4)
    await cancel(shop, caller, created.taskIds[1])
    await cancel(shop, caller, created.taskIds[3])
    await dispatch(shop, { kind: 'accepted', taskIds: ['u1', 'u2'] })
    expect(counts(shop)).toEqual([2])
    expect(await states(shop, created)).toEqual(['running', 'failed', 'running', 'failed'])
    expect(await shop.balance(caller)).toBe(100 - 2 * 15)
    await sound(shop)
  })

  test('as many as are left are ordered again too', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const created = await shop.order(caller, 4)
    await dispatch(shop, { kind: 'not_accepted', detail: 'ECONNREFUSED' })
    await cancel(shop, caller, created.taskIds[0])
    await dispatch(shop, { kind: 'not_accepted', detail: 'ECONNREFUSED' })
    await cancel(shop, caller, created.taskIds[1])
    await dispatch(shop, { kind: 'accepted', taskIds: ['u1', 'u2', 'u3'] })
    expect(counts(shop)).toEqual([4, 3, 2])
    expect(await states(shop, created)).toEqual(['failed', 'failed', 'running', 'running'])
    // The upstream made one that nobody ordered.
    const { read } = shop.ctx.db
    expect(await read.select().from(read.tables.orphans)).toMatchObject([
      { upstreamTaskId: 'u3', credits: 0 },
    ])
    await sound(shop)
  })

  test('with the last of them the order ends', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const created = await shop.order(caller, 3)
    for (const id of created.taskIds) await cancel(shop, caller, id)
    const { read } = shop.ctx.db
    expect(await read.select().from(read.tables.requests)).toMatchObject([{ state: 'failed', dueAt: null }])
    await dispatch(shop)
    shop.clock.advance(60_000)
    await rescue(shop.ctx)
    expect(shop.posted).toEqual([])
    expect(await shop.balance(caller)).toBe(100)
    await sound(shop)
  })

  test('those that are left end with the order, each once', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(100)
    const created = await shop.order(caller, 4)
    await cancel(shop, caller, created.taskIds[2])
    await dispatch(shop, { kind: 'refused', reason: 'No.', detail: 'no' })
    expect((await shop.tasks(created)).map(({ errorMessage }) => errorMessage?.slice(0, 9))).toEqual([
      'No.',
      'No.',
      'Cancelled',
      'No.',
    ])
    expect(await shop.balance(caller)).toBe(100)
    await sound(shop)
  })
})

describe('of those that meet, one wins and the credits are exact:', () => {
  const isCancelled = (answer: Cancelled | string): boolean => typeof answer !== 'string'

  test('a cancel and the loop that posts, two hundred times', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(10_000)
    const orders = await Promise.all(Array.from({ length: 200 }, () => shop.order(caller)))
    const cancels = orders.map(({ taskIds }) => cancel(shop, caller, taskIds[0]))
    const claims = Promise.all(Array.from({ length: 8 }, () => claimSubmissions(shop.ctx, shop.keevx, 64)))
    const [answers, claimed] = await Promise.all([Promise.all(cancels), claims])
    const posted = new Set(claimed.flat().map(({ request }) => request.id))
    for (const [at, { requestId }] of orders.entries()) {
      expect(isCancelled(answers[at] ?? ''), requestId).toBe(!posted.has(requestId))
    }
    expect(await shop.balance(caller)).toBe(10_000 - 15 * posted.size)
    await sound(shop)
  })

  test('two cancels, and a cancel and the end of queue_for', async () => {
    const shop = await openWorkshop()
    const caller = await shop.account(10_000)
    const orders = await Promise.all(Array.from({ length: 50 }, () => shop.order(caller, 2)))
    shop.clock.advance(20_000)
    const ids = orders.flatMap(({ taskIds }) => [...taskIds])
    const [answers] = await Promise.all([
      Promise.all([...ids, ...ids].map((id) => cancel(shop, caller, id))),
      rescue(shop.ctx),
    ])
    expect(answers.slice(0, ids.length).map(isCancelled)).toEqual(answers.slice(ids.length).map(isCancelled))
    expect(await shop.balance(caller)).toBe(10_000)
    await sound(shop)
  })
})
