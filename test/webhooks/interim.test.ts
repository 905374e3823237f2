// Chosen event types, and events of how a task stands: sent to those who chose them, and not once the task has ended.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventTypes } from '../../src/db/tables.ts'
import { begin } from '../../src/tasks/events/begin.ts'
import { findTask } from '../../src/tasks/read/find.ts'
import { failTask } from '../../src/tasks/settle.ts'
import { viewTask } from '../../src/tasks/read/view.ts'
import { releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import { createDelivering } from '../../src/webhooks/deliver.ts'
import { pendingDeliveries, resend } from '../../src/webhooks/deliveries.ts'
import { setEndpoint } from '../../src/webhooks/endpoint.ts'
import { defaultTypes } from '../../src/webhooks/events/types.ts'
import type { EventType } from '../../src/webhooks/events/types.ts'
import { startReceiver, status } from '../support/receiver.ts'
import type { Receiver } from '../support/receiver.ts'
import { watchStatements } from '../support/statements.ts'
import { openWebhookHarness } from './webhook-harness.ts'

/** From before a store is opened. */
let statements: ReturnType<typeof watchStatements>
beforeAll(() => {
  statements = watchStatements()
})
afterAll(() => statements.restore())

const accountUrl = 'https://account.invalid/hook'
const failure = { reason: 'It did not work.', detail: 'a test' }

async function open(types: readonly EventType[] | null = eventTypes) {
  const harness = await openWebhookHarness({ timeout: '30s' })
  const { ctx, clock } = harness.domain
  const { accountId } = harness.caller
  const choose = async (chosen: readonly EventType[] | null, url: string | null = null) =>
    await setEndpoint(ctx, accountId, { url, types: chosen })
  if (types !== null) await choose(types)
  return {
    ...harness,
    choose,
    runs: async (id: string) => await ctx.db.transaction((tx) => begin(tx, id, clock.now())),
    ends: async (id: string) =>
      await ctx.db.transaction((tx) => failTask({ tx, nowMs: clock.now() }, { id, credits: 15 }, failure)),
    again: async (id: string) =>
      await resend(ctx, accountId, {
        id,
        dataOf: async (tx, taskId) => viewTask(await findTask(tx, accountId, taskId), clock.now()),
      }),
    pending: async () => await pendingDeliveries(ctx.db.read),
    /** Oldest first. */
    written: async () => (await harness.log()).toReversed().map(({ type, state }) => `${type} ${state}`),
  }
}

const typesTold = ({ told }: Receiver): string[] => told.map(({ body }) => JSON.parse(body).type)

describe('who chose nothing', () => {
  test('is sent what there was before there was a choice, whatever types there are now', async () => {
    // The last comes only where the operator has set a threshold.
    expect(defaultTypes).toEqual(['task.succeeded', 'task.failed', 'balance.low'])
    const { order, runs, ends, name, written } = await open(null)
    await name(accountUrl)
    const id = await order()
    expect(await runs(id)).toMatchObject({ upstreamPending: false })
    await ends(id)
    expect(await written()).toEqual(['task.failed pending'])
  })

  test('and so is who went back to that', async () => {
    const { order, runs, choose, written } = await open()
    expect((await choose(null, accountUrl)).types).toEqual(defaultTypes)
    await runs(await order())
    expect(await written()).toEqual([])
  })
})

describe('a choice', () => {
  test.each([
    ['at the URL of the account', undefined],
    ['at the URL of an order', 'https://order.invalid/hook'],
  ])('of all types is sent all, %s', async (_where, url) => {
    const { order, runs, ends, choose, written, log } = await open()
    await choose(eventTypes, accountUrl)
    const id = await order(url)
    await runs(id)
    await ends(id)
    expect(await written()).toEqual(['task.running superseded', 'task.failed pending'])
    expect((await log()).map((one) => one.url)).toEqual([url ?? accountUrl, url ?? accountUrl])
  })

  test('of one type is sent no other, at neither', async () => {
    const { order, runs, ends, choose, written } = await open()
    await choose(['task.running'], accountUrl)
    for (const id of [await order('https://order.invalid/hook'), await order()]) {
      await runs(id)
      await ends(id)
    }
    expect(await written()).toEqual(Array(2).fill('task.running superseded'))
  })

  test('is of its account alone', async () => {
    const { domain, order, runs, log } = await open()
    const other = await domain.account(1_000)
    await runs(await order('https://order.invalid/hook', other))
    expect(await log(other)).toEqual([])
  })

  test('is left as it was by a new URL, and by none', async () => {
    const { name, choose, domain, caller } = await open(['task.failed'])
    await name(accountUrl)
    await name(null)
    const change = { url: accountUrl }
    expect((await setEndpoint(domain.ctx, caller.accountId, change)).types).toEqual(['task.failed'])
    expect((await choose(['task.running', 'task.running'])).types).toEqual(['task.running'])
  })
})

describe('that a task is running', () => {
  test('is written once, in the commit that shows it, with the task as it is shown', async () => {
    const { domain, order, runs, turn, log } = await open()
    const receiver = await startReceiver()
    const id = await order(receiver.url)
    const failing = domain.ctx.db.transaction(async (tx) => {
      await begin(tx, id, 1)
      throw new Error('the store is full')
    })
    await expect(failing).rejects.toThrow('the store is full')
    expect(await log()).toEqual([])
    const rows = await Promise.all([runs(id), runs(id), runs(id)])
    expect(rows.filter((row) => row !== null)).toHaveLength(1)
    expect(await runs(id)).toBeNull()
    await turn()
    expect(receiver.told.map(({ body }) => JSON.parse(body))).toMatchObject([
      {
        type: 'task.running',
        timestamp: new Date(domain.clock.now()).toISOString(),
        data: { task_id: id, task_status: 2, finished_at: null, image_url: null },
      },
    ])
    expect(await log()).toMatchObject([{ state: 'delivered' }])
  })

  test('is said of none that has ended', async () => {
    const { order, runs, ends, written } = await open()
    const id = await order('https://order.invalid/hook')
    await ends(id)
    expect(await runs(id)).toBeNull()
    expect(await written()).toEqual(['task.failed pending'])
  })

  test('is not sent once the task has ended, and nothing is counted as waiting for it', async () => {
    const { order, runs, ends, turn, pending, log } = await open()
    const receiver = await startReceiver()
    const id = await order(receiver.url)
    await runs(id)
    expect(await pending()).toBe(1)
    await ends(id)
    expect(await pending()).toBe(1)
    expect(await turn()).toBe(1)
    expect(typesTold(receiver)).toEqual(['task.failed'])
    expect(await log()).toMatchObject([
      { type: 'task.failed', state: 'delivered' },
      { type: 'task.running', state: 'superseded', dueAt: null, lastError: /ended before/ },
    ])
  })

  test('is told where its webhook was under way when the task ended, and is then not tried again', async () => {
    const { domain, order, runs, ends, turn, written } = await open()
    for (const code of [200, 500]) {
      const receiver = await startReceiver((response) => void ends(id).then(() => status(code)(response)))
      const id = await order(receiver.url)
      await runs(id)
      await turn()
      receiver.answer = status(200)
      domain.clock.advance(10_000)
      await turn()
      await turn()
      expect(typesTold(receiver)).toEqual(['task.running', 'task.failed'])
    }
    expect(await written()).toEqual([
      'task.running delivered',
      'task.failed delivered',
      'task.running superseded',
      'task.failed delivered',
    ])
  })

  test.each([
    ['by a process that died', 'claimed'],
    ['to an account that has chosen otherwise since', 'unchosen'],
  ] as const)(
    'is not sent either, once the task has ended, where it was being sent %s',
    async (_what, how) => {
      const { domain, order, runs, ends, turn, choose, pending, written } = await open()
      const receiver = await startReceiver()
      const id = await order(receiver.url)
      await runs(id)
      if (how === 'claimed') expect(await createDelivering(domain.ctx).claim(64)).toHaveLength(1)
      else await choose(['task.failed'])
      await ends(id)
      expect(await pending()).toBe(2)
      await releaseLeases(domain.ctx)
      await turn()
      await turn()
      expect(typesTold(receiver)).toEqual(['task.failed'])
      expect(await pending()).toBe(0)
      expect(await written()).toEqual(['task.running superseded', 'task.failed delivered'])
    },
  )

  test('is sent again when it is asked for, until the task has ended; its end is sent again as ever', async () => {
    const { order, runs, ends, turn, again, log } = await open()
    const receiver = await startReceiver()
    const id = await order(receiver.url)
    await runs(id)
    await turn()
    const [running] = await log()
    await again(running?.id ?? '')
    await turn()
    await ends(id)
    await turn()
    await expect(again(running?.id ?? '')).rejects.toMatchObject({
      type: 'invalid_request',
      field: 'id',
      message: expect.stringContaining('task.running is not sent any more'),
    })
    const [ended] = await log()
    await again(ended?.id ?? '')
    await turn()
    expect(typesTold(receiver)).toEqual(['task.running', 'task.running', 'task.failed', 'task.failed'])
  })
})

test('a hundred that are over make room for what is due behind them, and every look is by an index', async () => {
  const { domain, order, runs, ends, turn, choose, pending } = await open()
  const receiver = await startReceiver()
  const used = await statements.during(async () => {
    await choose(eventTypes, receiver.url)
    const ids = await Promise.all(Array.from({ length: 100 }, () => order()))
    await Promise.all(ids.map(runs))
    await ends(ids[0] ?? '')
    await choose(['task.failed'], receiver.url)
    await Promise.all(ids.slice(1).map(ends))
    for (let turns = 0; turns < 100 && (await pending()) > 0; turns += 1) await turn()
  })
  expect(new Set(typesTold(receiver))).toEqual(new Set(['task.failed']))
  expect(receiver.told).toHaveLength(100)
  const ours = used.filter((one) => /^(select|update|delete)[^]*(webhook_|tasks)/i.test(one))
  // The backlog has one row; the secrets are asked whether there is any at all.
  const isOneRow = (one: string) => /from "webhook_(backlog|secrets)" limit/.test(one)
  for (const statement of new Set(ours.filter((one) => !isOneRow(one)))) {
    const plan = await domain.store.planOf(statement)
    const steps = plan.filter((step) => /^(SCAN|USE TEMP B-TREE)/.test(step))
    expect(steps, statement).toEqual([])
  }
})
