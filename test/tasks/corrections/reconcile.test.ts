// Work that was made and not sold is listed with its evidence and decided once; a charge brings its customer the result.
import { expect, test } from 'vitest'
import type { Caller } from '../../../src/accounts/callers.ts'
import { giveCredits } from '../../../src/credits/give.ts'
import { entriesOfTask } from '../../../src/ledger/statement.ts'
import { recordLateSuccess, recordOrphan } from '../../../src/tasks/callbacks/orphans.ts'
import { kindOf, listItems } from '../../../src/tasks/corrections/items.ts'
import { reconcile } from '../../../src/tasks/corrections/reconcile.ts'
import { refundByHand } from '../../../src/tasks/corrections/refund.ts'
import { findTask } from '../../../src/tasks/read/find.ts'
import { viewTask } from '../../../src/tasks/read/view.ts'
import { rescue } from '../../../src/tasks/rescue/rescue.ts'
import { failTask } from '../../../src/tasks/settle.ts'
import { reasons } from '../../../src/reasons.ts'
import { openDomainHarness } from '../../support/domain-harness.ts'
import type { DomainHarness } from '../../support/domain-harness.ts'
import { archiveAll, dayMs, dispatchAll, drift, result } from '../archive/scene.ts'

const reason = 'asked the customer'

/** A task that was given up and refunded, and whose work was made all the same. */
async function late(domain: DomainHarness, caller: Caller, upstreamTaskId = 'i2is-late') {
  domain.submitted = () => ({ kind: 'accepted', taskIds: [upstreamTaskId] })
  const { taskIds, requestId } = await domain.order(caller)
  await dispatchAll(domain)
  const taskId = taskIds[0] ?? ''
  const orphan = await domain.ctx.db.transaction(async (tx) => {
    const at = { tx, nowMs: domain.clock.now() }
    const failed = await failTask(
      at,
      { id: taskId, credits: 15 },
      { reason: reasons.timedOut, detail: 'a test' },
    )
    return failed && (await recordLateSuccess(at, failed))
  })
  expect(orphan).toBe('late_success')
  domain.seen = () => ({ kind: 'succeeded', result })
  return { taskId, requestId }
}

const items = async ({ ctx }: DomainHarness, status: 'open' | 'decided' | 'all' = 'open') =>
  (await listItems(ctx.db.read, { status, before: null, limit: 20 })).rows
const onlyItem = async (domain: DomainHarness): Promise<string> => {
  const [item, ...others] = await items(domain)
  expect(others).toEqual([])
  return item?.id ?? ''
}
const conflict = (field: string) => ({ type: 'invalid_request', field })

test('a late success is charged again with its result delivered, once, in one commit', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  await domain.store.write(
    `INSERT INTO webhook_endpoints (account_id, url, changed_at) VALUES ('${caller.accountId}', 'https://shop.example.com/', 1)`,
  )
  const { taskId } = await late(domain, caller)
  const id = await onlyItem(domain)
  const settled = await Promise.allSettled(
    Array.from({ length: 20 }, () => reconcile(domain.ctx, { id, decision: 'charge', reason })),
  )
  const [done, ...more] = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  expect(more).toEqual([])
  expect(done?.charged).toEqual({ taskId, credits: 15, balance: 85 })
  for (const one of settled) if (one.status === 'rejected') expect(one.reason).toMatchObject(conflict('id'))

  const { read } = domain.ctx.db
  const shown = viewTask(await findTask(read, caller.accountId, taskId), domain.clock.now())
  expect(shown).toMatchObject({
    task_status: 3,
    image_url: result.imageUrl,
    credits_refunded: 0,
    error_message: null,
  })
  expect((await entriesOfTask(read, taskId)).map(({ kind, amount }) => [kind, amount])).toEqual([
    ['charge', -15],
    ['refund', 15],
    ['recharge', -15],
  ])
  const told = await domain.store.rows('SELECT type FROM webhook_deliveries WHERE task_id = ? ORDER BY id', [
    taskId,
  ])
  expect(told).toEqual([{ type: 'task.failed' }, { type: 'task.succeeded' }])
  expect(await items(domain)).toEqual([])
  expect((await items(domain, 'decided'))[0]?.decision).toMatchObject({
    decision: 'charge',
    credits: 15,
    reason,
  })
  expect(await drift(domain)).toEqual([])

  // What was sold after all can be complained about as anything else, and is archived with its order.
  expect(await refundByHand(domain.ctx, { taskId, credits: null, reason })).toMatchObject({
    refunded: 15,
    balance: 100,
  })
  await domain.store.write("UPDATE webhook_deliveries SET state = 'delivered', due_at = NULL")
  domain.clock.advance(8 * dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 1, stay: {} })
  expect(await drift(domain)).toEqual([])
})

test('without a result, or without the credits, nothing is charged, and the item waits on', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(15)
  await late(domain, caller)
  const id = await onlyItem(domain)
  const charge = async () => await reconcile(domain.ctx, { id, decision: 'charge', reason })
  for (const seen of [
    { kind: 'running' },
    { kind: 'missing', detail: 'gone' },
    { kind: 'failed', reason: 'No.', detail: 'no' },
    { kind: 'succeeded', result: { ...result, imageUrl: 'http://10.0.0.1/a.png' } },
  ] as const) {
    domain.seen = () => seen
    await expect(charge(), seen.kind).rejects.toMatchObject(conflict('decision'))
  }
  domain.seen = () => ({ kind: 'succeeded', result })
  await giveCredits(domain.ctx, {
    accountOf: () => Promise.resolve(caller.accountId),
    amount: -1,
    notes: { private: null, public: null },
    idempotencyKey: null,
  })
  await expect(charge()).rejects.toMatchObject({ type: 'insufficient_credits' })
  expect(await onlyItem(domain)).toBe(id)
  expect(await domain.balance(caller)).toBe(14)
  expect(await reconcile(domain.ctx, { id, decision: 'keep_refund', reason })).toEqual({
    decision: 'keep_refund',
    charged: null,
  })
  for (const decision of ['charge', 'keep_refund', 'write_off'] as const)
    await expect(reconcile(domain.ctx, { id, decision, reason })).rejects.toMatchObject({
      type: 'invalid_request',
    })
  expect(await domain.balance(caller)).toBe(14)
  expect(await drift(domain)).toEqual([])
})

test('an order that was refunded with its fate unknown is an item, which nobody can be charged for', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  domain.submitted = () => ({ kind: 'unknown', detail: 'the connection broke' })
  const order = await domain.order(caller, 2)
  await dispatchAll(domain)
  domain.clock.advance(60_000)
  await rescue(domain.ctx)
  expect((await domain.tasks(order)).map(({ state }) => state)).toEqual(['failed', 'failed'])
  const [item] = await items(domain)
  expect(item && kindOf(item.work)).toBe('unknown_submit')
  expect(item).toMatchObject({
    work: { requestId: order.requestId, accountId: caller.accountId, credits: 30, upstreamTaskId: '' },
    attempts: [{ state: 'unknown' }],
  })
  const id = item?.id ?? ''
  await expect(reconcile(domain.ctx, { id, decision: 'charge', reason })).rejects.toMatchObject(
    conflict('decision'),
  )
  await reconcile(domain.ctx, { id, decision: 'write_off', reason })
  expect(await items(domain)).toEqual([])
  await expect(
    reconcile(domain.ctx, { id: 'orph_none', decision: 'write_off', reason }),
  ).rejects.toMatchObject({
    type: 'not_found',
  })
})

test('work whose id came after its order had failed as a whole is charged to a task of that order', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  const order = await domain.order(caller)
  await dispatchAll(domain)
  const of = { upstream: 'keevx', requestId: order.requestId, attemptId: null, taskId: null, credits: 15 }
  await domain.ctx.db.transaction(async (tx) => {
    const at = { tx, nowMs: domain.clock.now() }
    await recordOrphan(at, { ...of, upstreamTaskId: 'i2is-extra', reason: 'extra_id' })
    await recordOrphan(at, { ...of, upstreamTaskId: 'i2is-1', reason: 'late_accept' })
  })
  domain.seen = () => ({ kind: 'succeeded', result })
  const [lateWork, extra] = await items(domain)
  const charge = async (id = '') => await reconcile(domain.ctx, { id, decision: 'charge', reason })
  await expect(charge(extra?.id)).rejects.toMatchObject(conflict('decision'))
  expect((await charge(lateWork?.id)).charged).toMatchObject({ taskId: order.taskIds[0], balance: 85 })
  expect(await drift(domain)).toEqual([])
})

test('late works of one order, decided side by side, are charged to a task each, and beyond them to nobody', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  const order = await domain.order(caller, 2)
  await dispatchAll(domain)
  const of = { upstream: 'keevx', requestId: order.requestId, attemptId: null, taskId: null, credits: 15 }
  await domain.ctx.db.transaction(async (tx) => {
    const at = { tx, nowMs: domain.clock.now() }
    for (const upstreamTaskId of ['i2is-1', 'i2is-2', 'i2is-3'])
      await recordOrphan(at, { ...of, upstreamTaskId, reason: 'late_accept' })
  })
  domain.seen = () => ({ kind: 'succeeded', result })
  const settled = await Promise.allSettled(
    (await items(domain)).map(({ id }) => reconcile(domain.ctx, { id, decision: 'charge', reason })),
  )
  const charged = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.charged?.taskId] : []))
  expect(new Set(charged)).toEqual(new Set(order.taskIds))
  expect(settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))).toMatchObject([
    conflict('decision'),
  ])
  expect(await items(domain)).toHaveLength(1)
  expect(await domain.balance(caller)).toBe(70)
  expect(await drift(domain)).toEqual([])
})

test('pages hold each item once, newest first', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  for (const id of ['i2is-a', 'i2is-b', 'i2is-c']) await late(domain, caller, id)
  const page = async (before: string | null) =>
    await listItems(domain.ctx.db.read, { status: 'all', before, limit: 2 })
  const first = await page(null)
  const second = await page(first.next)
  const ids = [...first.rows, ...second.rows].map(({ work }) => work.upstreamTaskId)
  expect([ids, second.next]).toEqual([['i2is-c', 'i2is-b', 'i2is-a'], null])
})

test('the schema lets a refunded task succeed only if it was charged again, and a decision stand for ever', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(100)
  const { taskId } = await late(domain, caller)
  const succeed = `UPDATE tasks SET state = 'succeeded', credits_refunded = 0, image_url = 'http://a/b' WHERE id = '${taskId}'`
  await expect(domain.store.write(succeed)).rejects.toThrow('charged again')
  await reconcile(domain.ctx, { id: await onlyItem(domain), decision: 'write_off', reason })
  for (const change of ["UPDATE orphan_decisions SET reason = ''", 'DELETE FROM orphan_decisions'])
    await expect(domain.store.write(change)).rejects.toThrow('decided once')
})
