// An order that is given back although one of its tries may have been taken is listed, however it came to its end.
import { expect, test } from 'vitest'
import { viewItem } from '../../../src/http/views.ts'
import { recordOrphan } from '../../../src/tasks/callbacks/orphans.ts'
import { listItems } from '../../../src/tasks/corrections/items.ts'
import { rescue } from '../../../src/tasks/rescue/rescue.ts'
import type { SubmitOutcome } from '../../../src/upstream/adapter.ts'
import { openDomainHarness } from '../../support/domain-harness.ts'
import type { DomainHarness } from '../../support/domain-harness.ts'
import { archiveAll, dayMs, dispatchAll, drift } from '../archive/scene.ts'

const yaml = `models:
  gpt-image-2:
    name: Picture
    price: { credits: 15 }
    routes: [{ upstream: keevx, operation: image_generate, params: { module: pro }, cost: { amount: 0.04 } }]
`
const broken = { kind: 'ambiguous', cause: 'broken_connection', detail: 'the answer was lost' } as const
const refused = { kind: 'refused', reason: 'No.', detail: 'no' } as const
const busy = { kind: 'not_accepted', detail: 'connection refused' } as const

const items = async ({ ctx }: DomainHarness) =>
  (await listItems(ctx.db.read, { status: 'open', before: null, limit: 20 })).rows

/** An order whose tries are answered so, one after another; the last answer stands for all that follow. */
async function ordered(domain: DomainHarness, answers: readonly SubmitOutcome[]) {
  const caller = await domain.account(100)
  const left = [...answers]
  domain.submitted = () => (left.length > 1 ? left.shift() : left[0]) ?? broken
  const order = await domain.order(caller, 2)
  for (let turn = 0; turn < 5; turn += 1) {
    await dispatchAll(domain)
    domain.clock.advance(20_000)
  }
  await rescue(domain.ctx)
  return { caller, order }
}

test.each<{ end: string; answers: readonly SubmitOutcome[]; isListed: boolean }>([
  { end: 'its last try', answers: [broken], isListed: true },
  { end: 'a refusal', answers: [broken, refused], isListed: true },
  { end: 'the end of its time in the queue', answers: [broken, busy], isListed: true },
  { end: 'a refusal without any doubt', answers: [refused], isListed: false },
  { end: 'the end of its time, certainly never taken', answers: [busy], isListed: false },
])('an order given back by $end', async ({ answers, isListed }) => {
  const domain = await openDomainHarness({ yaml })
  const { caller, order } = await ordered(domain, answers)
  domain.clock.advance(24 * 60 * 60_000)
  await rescue(domain.ctx)
  expect((await domain.tasks(order)).map(({ state }) => state)).toEqual(['failed', 'failed'])
  expect(await domain.balance(caller)).toBe(100)
  const work = { requestId: order.requestId, accountId: caller.accountId, credits: 30, upstreamTaskId: '' }
  const listed = await items(domain)
  if (!isListed) expect(listed).toEqual([])
  else expect(listed).toMatchObject([{ work: { ...work, reason: 'unknown_submit' }, outputs: 2 }])
  // Two outputs of 0.04 each, as fixed when they were ordered.
  expect(listed.map(viewItem)).toMatchObject(isListed ? [{ cost: 0.08 }] : [])
  expect(await drift(domain)).toEqual([])
})

test('an order is listed until each try that may have been taken is known to have made something', async () => {
  const domain = await openDomainHarness({ yaml })
  const { order } = await ordered(domain, [broken, broken, refused])
  const [item] = await items(domain)
  const tries = item?.attempts.filter(({ state }) => state === 'ambiguous') ?? []
  expect(tries).toHaveLength(2)
  const of = { upstream: 'keevx', requestId: order.requestId, taskId: null, credits: 15 }
  const tell = async (attemptId = '') =>
    await domain.ctx.db.transaction(async (tx) => {
      const work = { ...of, attemptId, upstreamTaskId: `of ${attemptId}`, reason: 'late_success' } as const
      await recordOrphan({ tx, nowMs: domain.clock.now() }, work)
    })
  const reasonsListed = async () => (await items(domain)).map(({ work }) => work.reason)
  await tell(tries[0]?.id)
  expect(new Set(await reasonsListed())).toEqual(new Set(['late_success', 'unknown_submit']))
  await tell(tries[1]?.id)
  expect(await reasonsListed()).toEqual(['late_success', 'late_success'])
  const all = await listItems(domain.ctx.db.read, { status: 'all', before: null, limit: 20 })
  expect(all.rows).toHaveLength(3)
  domain.clock.advance(8 * dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 1 })
  expect(await items(domain)).toEqual([])
})

test('an order that is still unknown stays listed when it is archived', async () => {
  const domain = await openDomainHarness({ yaml })
  const { order } = await ordered(domain, [broken])
  domain.clock.advance(8 * dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 1 })
  expect(await items(domain)).toMatchObject([{ work: { requestId: order.requestId, credits: 30 } }])
})
