// What is corrected by hand is in the reports: given back, charged again, and then no longer leaked.
import { expect, test } from 'vitest'
import { rebuildRollups } from '../../../src/ledger/reports/rebuild.ts'
import { reasons } from '../../../src/reasons.ts'
import { recordLateSuccess } from '../../../src/tasks/callbacks/orphans.ts'
import { listItems } from '../../../src/tasks/corrections/items.ts'
import { reconcile } from '../../../src/tasks/corrections/reconcile.ts'
import { refundByHand } from '../../../src/tasks/corrections/refund.ts'
import { stats } from '../../../src/tasks/read/stats.ts'
import { failTask } from '../../../src/tasks/settle.ts'
import { viewItem } from '../../../src/http/views.ts'
import { openDomainHarness } from '../../support/domain-harness.ts'
import type { DomainHarness } from '../../support/domain-harness.ts'
import { dispatchAll, drift, result } from '../archive/scene.ts'
import { reported, yamlOf } from '../cost-scene.ts'

const yaml = yamlOf({ image: '{ amount: 0.1 }' })
const reason = 'asked the customer'

/** An order at the upstream, and its task. */
async function ordered(domain: DomainHarness): Promise<string> {
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-late'] })
  const { taskIds } = await domain.order(await domain.account(100))
  await dispatchAll(domain)
  return taskIds[0] ?? ''
}

async function tooLate(domain: DomainHarness): Promise<string> {
  const id = await ordered(domain)
  await domain.ctx.db.transaction(async (tx) => {
    const at = { tx, nowMs: domain.clock.now() }
    const failure = { reason: reasons.timedOut, detail: 'a test' }
    const failed = await failTask(at, { id, credits: 15 }, failure)
    if (failed) await recordLateSuccess(at, failed)
  })
  domain.seen = () => ({ kind: 'succeeded', result })
  const { rows } = await listItems(domain.ctx.db.read, { status: 'open', before: null, limit: 5 })
  expect(rows.map((item) => viewItem(item).cost)).toEqual([0.1])
  return rows[0]?.id ?? ''
}

async function expectRight(domain: DomainHarness): Promise<void> {
  expect(await rebuildRollups(domain.ctx.db)).toEqual({ equal: true, rollups: 0, totals: 0 })
  expect(await drift(domain)).toEqual([])
}

test('what is charged again is sold, at its cost, and is leakage no more', async () => {
  const domain = await openDomainHarness({ yaml })
  const id = await tooLate(domain)
  expect((await reported(domain)).total).toMatchObject({
    charged: 15,
    refunded: 15,
    cost: 0,
    leakage: 0.1,
    margin: -0.1,
  })
  domain.clock.advance(60 * 60_000)
  await reconcile(domain.ctx, { id, decision: 'charge', reason })
  // 15 credits at 0.01, less what the one work cost.
  expect((await reported(domain)).total).toMatchObject({
    charged: 30,
    refunded: 15,
    succeeded: 1,
    value: 0.15,
    cost: 0.1,
    leakage: 0,
    margin: 0.05,
  })
  expect((await stats(domain.ctx.db.read)).credits).toMatchObject({ charged: 30, refunded: 15, net: 15 })
  await expectRight(domain)
})

test('what is written off stays leakage', async () => {
  const domain = await openDomainHarness({ yaml })
  const id = await tooLate(domain)
  await reconcile(domain.ctx, { id, decision: 'write_off', reason })
  expect((await reported(domain)).total).toMatchObject({ cost: 0, leakage: 0.1, margin: -0.1 })
  await expectRight(domain)
})

test('what is given back by hand is refunded, when it is given back, and its work stays sold', async () => {
  const domain = await openDomainHarness({ yaml })
  const taskId = await ordered(domain)
  await domain.store.write(`UPDATE tasks SET state = 'succeeded', image_url = 'https://x.example/a.png',
    finished_at = ${domain.clock.now()} WHERE id = '${taskId}'`)
  await domain.store.write(`UPDATE accounts SET tasks_open = 0, credits_open = 0`)
  domain.clock.advance(60 * 60_000)
  await refundByHand(domain.ctx, { taskId, credits: 5, reason })
  expect((await reported(domain)).total).toMatchObject({
    charged: 15,
    refunded: 5,
    net: 10,
    succeeded: 1,
    failed: 0,
    value: 0.1,
    cost: 0.1,
    leakage: 0,
  })
  expect((await stats(domain.ctx.db.read)).credits).toMatchObject({ charged: 15, refunded: 5, net: 10 })
  await expectRight(domain)
})
