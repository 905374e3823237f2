// What archived orders leave in the ledger adds up, and whatever does not is found.
import { expect, test } from 'vitest'
import { newId } from '../../../src/ids.ts'
import { grant, noNotes } from '../../../src/ledger/grant.ts'
import { manualClock } from '../../support/clock.ts'
import { archiveAll, dayMs, drift, openScene, pollAll } from './scene.ts'

test('a refund, a charge or a grant after it is added to a ledger that still adds up', async () => {
  // As after a clock that went back: ids are ahead of the time at which they are made.
  newId('req', manualClock().now() + 50 * 60_000)
  const { domain, caller, succeeded } = await openScene()
  domain.clock.advance(dayMs + 1_000)
  expect(await archiveAll(domain)).toMatchObject({ orders: 2 })
  domain.seen = () => ({ kind: 'failed', reason: 'No.', detail: 'no' })
  await pollAll(domain)
  await domain.ctx.db.transaction((tx) =>
    grant(tx, {
      accountId: caller.accountId,
      amount: 5,
      notes: noNotes,
      idempotencyKey: null,
      nowMs: domain.clock.now(),
    }),
  )
  await domain.order(caller)
  expect(await domain.balance(caller)).toBe(1_000 - 30 + 5 - 15)
  expect(await drift(domain)).toEqual([])
  const again = `INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
    VALUES ('${caller.accountId}', 'refund', 15, 975, '${succeeded.taskIds[0]}', 1)`
  await expect(domain.store.write(again)).rejects.toThrow('exactly what its task was charged')
})

test('an order whose entries do not say what its tasks say stays, and the audit goes on to name it', async () => {
  const { domain, failed, left } = await openScene()
  const dearer = `UPDATE tasks SET credits = 16, credits_refunded = 16 WHERE id = '${failed.taskIds[0]}'`
  await domain.store.spoil(dearer, 'guards')
  domain.clock.advance(2 * dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 1, stay: { ledger: 1 } })
  expect(await left()).toContain(failed.requestId)
  expect((await drift(domain)).map(({ id }) => id)).toContain(failed.taskIds[0])
})

test('the schema lets no task go that is open, or whose entries are not closed, and no closing shrink', async () => {
  const { domain, failed, running } = await openScene()
  const expectRefused = async (statement: string, words: string) =>
    await expect(domain.store.spoil(statement, 'references')).rejects.toThrow(words)
  await expectRefused(`DELETE FROM tasks WHERE id = '${running.taskIds[0]}'`, 'or not at all')
  await expectRefused(`DELETE FROM tasks WHERE id = '${failed.taskIds[0]}'`, 'or not at all')
  await domain.order(await domain.account(100))
  await expectRefused("DELETE FROM requests WHERE state = 'queued'", 'or not at all')
  domain.clock.advance(2 * dayMs)
  await archiveAll(domain)
  await expectRefused(`DELETE FROM tasks WHERE id = '${running.taskIds[0]}'`, 'or not at all')
  await expectRefused('UPDATE closings SET charged = charged - 1', 'never taken back')
  await expectRefused('UPDATE closings SET first_entry = 1', 'never taken back')
  await expectRefused('DELETE FROM closings', 'never taken back')
})
