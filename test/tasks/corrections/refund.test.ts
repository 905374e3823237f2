// A refund by hand gives back what an ended task still cost, never more, and never races with the one by itself.
import { expect, test } from 'vitest'
import { entriesOfTask } from '../../../src/ledger/statement.ts'
import { giveCredits } from '../../../src/credits/give.ts'
import { findTask } from '../../../src/tasks/read/find.ts'
import { viewTask } from '../../../src/tasks/read/view.ts'
import { refundByHand } from '../../../src/tasks/corrections/refund.ts'
import { failTask } from '../../../src/tasks/settle.ts'
import type { DomainHarness } from '../../support/domain-harness.ts'
import { archiveAll, dayMs, drift, openScene } from '../archive/scene.ts'

const reason = 'it came out black'
const byHand = async ({ ctx }: DomainHarness, taskId: string, credits: number | null = null) =>
  await refundByHand(ctx, { taskId, credits, reason }).then(({ refunded, balance }) => ({
    refunded,
    balance,
  }))
const idOf = ({ taskIds }: { readonly taskIds: readonly string[] }): string => taskIds[0] ?? ''
const conflict = (field: string) => ({ type: 'invalid_request', field })

test('gives back in parts up to the price, as entries of their own, which the task shows', async () => {
  const { domain, caller, succeeded } = await openScene()
  const id = idOf(succeeded)
  const before = await domain.balance(caller)
  expect(await byHand(domain, id, 4)).toEqual({ refunded: 4, balance: before + 4 })
  await expect(byHand(domain, id, 12)).rejects.toMatchObject(conflict('credits'))
  expect(await byHand(domain, id)).toEqual({ refunded: 11, balance: before + 15 })
  await expect(byHand(domain, id)).rejects.toMatchObject(conflict('task_id'))
  await expect(byHand(domain, id, 1)).rejects.toMatchObject(conflict('task_id'))
  const { read } = domain.ctx.db
  const entries = await entriesOfTask(read, id)
  expect(
    entries.map(({ kind, amount, forTaskId, privateNote }) => [kind, amount, forTaskId, privateNote]),
  ).toEqual([
    ['charge', -15, null, null],
    ['manual_refund', 4, id, reason],
    ['manual_refund', 11, id, reason],
  ])
  const shown = viewTask(await findTask(read, caller.accountId, id), domain.clock.now())
  expect(shown).toMatchObject({ task_status: 3, credits: 15, credits_refunded: 15 })
  expect(await drift(domain)).toEqual([])
})

test('with a key it is given back once, however often it is sent, and the key stands for nothing else', async () => {
  const { domain, caller, succeeded } = await openScene()
  const { ctx } = domain
  const id = idOf(succeeded)
  const before = await domain.balance(caller)
  const asked = { taskId: id, credits: 5, reason, idempotencyKey: 'ticket-7' }
  const ten = await Promise.all(Array.from({ length: 10 }, async () => await refundByHand(ctx, asked)))
  expect(ten.filter(({ replayed }) => !replayed)).toHaveLength(1)
  expect(new Set(ten.map(({ refunded, balance }) => `${refunded} ${balance}`))).toEqual(
    new Set([`5 ${before + 5}`]),
  )
  expect(await domain.balance(caller)).toBe(before + 5)
  for (const other of [{ credits: 4 }, { reason: 'another' }]) {
    await expect(refundByHand(ctx, { ...asked, ...other })).rejects.toMatchObject({
      type: 'idempotency_mismatch',
    })
  }
  const { accountId } = caller
  const granted = { amount: 5, notes: { private: reason, public: null }, idempotencyKey: 'ticket-7' }
  await expect(giveCredits(ctx, { ...granted, accountOf: async () => accountId })).rejects.toMatchObject({
    type: 'idempotency_mismatch',
  })
  // What was refused has not used its key up.
  const tooMuch = { ...asked, credits: 11, idempotencyKey: 'ticket-8' }
  await expect(refundByHand(ctx, tooMuch)).rejects.toMatchObject(conflict('credits'))
  expect(await refundByHand(ctx, { ...tooMuch, credits: 10 })).toMatchObject({
    refunded: 10,
    replayed: false,
  })
  expect(await drift(domain)).toEqual([])
})

test('of twenty at once as much is given back as the task cost, and no credit more', async () => {
  const { domain, caller, succeeded } = await openScene()
  const before = await domain.balance(caller)
  const given = await Promise.allSettled(Array.from({ length: 20 }, () => byHand(domain, idOf(succeeded), 5)))
  expect(given.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect(await domain.balance(caller)).toBe(before + 15)
  expect(await drift(domain)).toEqual([])
})

test.each(['the end', 'the hand'] as const)(
  'with %s first, a failing task is refunded once',
  async (first) => {
    const { domain, caller, running } = await openScene()
    const id = idOf(running)
    const before = await domain.balance(caller)
    const fail = async () =>
      await domain.ctx.db.transaction(async (tx) => {
        const failure = { reason: 'No.', detail: 'a test' }
        return await failTask({ tx, nowMs: domain.clock.now() }, { id, credits: 15 }, failure)
      })
    const hand = async () => await byHand(domain, id)
    const [a, b] = first === 'the end' ? [fail(), hand()] : [hand(), fail()]
    const settled = await Promise.allSettled([a, b])
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await domain.balance(caller)).toBe(before + 15)
    expect(await drift(domain)).toEqual([])
  },
)

test('is refused for what failed, has not ended, never was, or is a first frame', async () => {
  const { domain, failed, running } = await openScene()
  await expect(byHand(domain, idOf(failed))).rejects.toMatchObject(conflict('task_id'))
  await expect(byHand(domain, idOf(running))).rejects.toMatchObject(conflict('task_id'))
  await expect(byHand(domain, 'task_none')).rejects.toMatchObject({ type: 'not_found' })
})

test('gives back what an archived order cost, once', async () => {
  const { domain, caller, succeeded, failed } = await openScene()
  domain.clock.advance(2 * dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 2 })
  const before = await domain.balance(caller)
  expect(await byHand(domain, idOf(succeeded))).toEqual({ refunded: 15, balance: before + 15 })
  for (const of of [succeeded, failed])
    await expect(byHand(domain, idOf(of))).rejects.toMatchObject(conflict('task_id'))
  expect(await drift(domain)).toEqual([])
})

test('what was given back by hand goes into the archive with its order', async () => {
  const { domain, succeeded } = await openScene()
  await byHand(domain, idOf(succeeded), 5)
  domain.clock.advance(2 * dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 2, stay: { open: 1 } })
  expect(await byHand(domain, idOf(succeeded))).toMatchObject({ refunded: 10 })
  expect(await drift(domain)).toEqual([])
})

test('pays first what the account owes', async () => {
  const { domain, caller, succeeded } = await openScene()
  const balance = await domain.balance(caller)
  await giveCredits(domain.ctx, {
    accountOf: () => Promise.resolve(caller.accountId),
    amount: -balance - 10,
    notes: { private: null, public: null },
    idempotencyKey: null,
  })
  expect(await byHand(domain, idOf(succeeded))).toEqual({ refunded: 15, balance: 5 })
  expect(await drift(domain)).toEqual([])
})

test('the schema refuses a correction beyond the price, of another account, and of an open task', async () => {
  const { domain, caller, succeeded, running } = await openScene()
  const other = await domain.account(100)
  const entry = async (kind: string, amount: number, taskId: string, accountId = caller.accountId) =>
    await domain.store.write(
      `INSERT INTO entries (account_id, kind, amount, balance_after, for_task_id, created_at) VALUES ('${accountId}', '${kind}', ${amount}, 1, '${taskId}', 1)`,
    )
  const words = 'of its account, and within its price'
  await expect(entry('manual_refund', 16, idOf(succeeded))).rejects.toThrow(words)
  await expect(entry('manual_refund', 15, idOf(succeeded), other.accountId)).rejects.toThrow(words)
  await expect(entry('manual_refund', 15, idOf(running))).rejects.toThrow(words)
  await expect(entry('recharge', -15, idOf(succeeded))).rejects.toThrow(words)
  await entry('manual_refund', 15, idOf(succeeded))
  await expect(entry('manual_refund', 1, idOf(succeeded))).rejects.toThrow(words)
  const show = async (id: string, credits: number) =>
    await domain.store.write(`UPDATE tasks SET credits_returned = ${credits} WHERE id = '${id}'`)
  await expect(show(idOf(succeeded), 16)).rejects.toThrow('up to its price')
  await expect(show(idOf(running), 1)).rejects.toThrow('up to its price')
  await show(idOf(succeeded), 15)
  await expect(show(idOf(succeeded), 14)).rejects.toThrow('never taken back')
})
