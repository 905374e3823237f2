// Reports hold what tasks and entries add up to: through a whole life, an archive, a damage and its correction.
import { expect, test } from 'vitest'
import { differences, rebuildRollups } from '../../../src/ledger/reports/rebuild.ts'
import { sealNext, sealsBetween } from '../../../src/ledger/reports/seals.ts'
import { verifyInSlices, verifyLedger, neverLate } from '../../../src/ledger/verify.ts'
import { failRequest } from '../../../src/tasks/submit/outcome.ts'
import { accepted, openScene, succeeded } from '../../tasks/callback-scene.ts'
import type { Scene } from '../../tasks/callback-scene.ts'
import { reported, yamlOf } from '../../tasks/cost-scene.ts'
import { archiveAll, dayMs } from '../../tasks/archive/scene.ts'

const yaml = yamlOf({ image: '{ amount: 0.1 }' })

/** Two that succeed, one that is refused, and one that waits. */
async function lived(): Promise<Scene> {
  const scene = await openScene({ yaml, publicUrl: '' })
  const caller = await scene.account(1_000)
  await scene.order(caller, 2)
  await scene.dispatch(accepted('u1', 'u2', 'u3'))
  scene.seen = () => succeeded
  scene.clock.advance(60_000)
  await scene.poll()
  await scene.order(caller)
  await scene.dispatch({ kind: 'refused', reason: 'No.', detail: 'no' })
  return scene
}

const sealAll = async ({ ctx: { db, clock } }: Scene): Promise<void> => {
  while (await sealNext(db, clock.now()));
}

test('what was archived is still reported, by model, upstream and key, and compared', async () => {
  const scene = await lived()
  const before = [await reported(scene, 'key'), await reported(scene, 'upstream')]
  scene.clock.advance(2 * dayMs)
  expect(await archiveAll(scene)).toMatchObject({ orders: 2, tasks: 3 })
  const { tasks } = scene.ctx.db.read.tables
  expect(await scene.ctx.db.read.select().from(tasks)).toEqual([])
  expect([await reported(scene, 'key'), await reported(scene, 'upstream')]).toEqual(before)
  expect(before[0]?.total).toMatchObject({
    tasks: 3,
    succeeded: 2,
    charged: 45,
    refunded: 15,
    cost: 0.2,
    leakage: 0.1,
  })
  await scene.ledgerAddsUp()
})

test('a rebuild finds and corrects what differs, once, and leaves what is right alone', async () => {
  const scene = await lived()
  const { db } = scene.ctx
  scene.clock.advance(dayMs * 3)
  await sealAll(scene)
  const right = await reported(scene, 'account')
  expect(await rebuildRollups(db)).toEqual({ equal: true, rollups: 0, totals: 0 })
  await scene.store.spoil('UPDATE rollups SET charged = charged + 7, cost = 0', 'guards')
  await scene.store.spoil("UPDATE rollup_totals SET refunded = 99 WHERE dimension = 'model'", 'guards')
  expect((await verifyLedger(db, scene.clock.now(), neverLate)).drift.map(({ check }) => check)).toEqual(
    expect.arrayContaining([
      'reports hold the charges and refunds of an account',
      'reports hold what tasks and entries add up to',
      'the totals of a past day or month are those of its rollups',
    ]),
  )
  // The running gateway audits in slices, and finds it too.
  const slices = await verifyInSlices(db, {
    nowMs: scene.clock.now(),
    late: neverLate,
    rest: async () => undefined,
  })
  expect(slices.ok).toBe(false)
  // Another rebuild comes between what this one has seen and what it would correct.
  let isOther = false
  const snapshot: typeof db.snapshot = async (work) => {
    const seen = await db.snapshot(work)
    if (!isOther) {
      isOther = true
      expect(await rebuildRollups(db)).toMatchObject({ equal: false, totals: 1 })
    }
    return seen
  }
  const outpaced = await rebuildRollups({ snapshot, transaction: db.transaction.bind(db) })
  expect(outpaced).toEqual({ equal: true, rollups: 0, totals: 0 })
  expect(await rebuildRollups(db)).toEqual({ equal: true, rollups: 0, totals: 0 })
  expect(await reported(scene, 'account')).toEqual(right)
  await sealAll(scene)
  expect(await reported(scene, 'account')).toEqual(right)
  await scene.ledgerAddsUp()
})

test('what is rolled up into a past day breaks its seal, and the report is right at once', async () => {
  const scene = await lived()
  const { db } = scene.ctx
  const caller = await scene.account(1_000)
  const created = await scene.order(caller)
  scene.clock.advance(40 * dayMs)
  await sealAll(scene)
  expect((await sealsBetween(db.read, 0, 1e9)).filter(({ span }) => span === 'month')).toHaveLength(1)
  // As by a gateway whose clock is on the first day.
  const [task] = await scene.tasks(created)
  const at = (task?.createdAt ?? 0) + 1_000
  const failure = { reason: 'No.', detail: 'a test' }
  await db.transaction(async (tx) => {
    await failRequest({ tx, nowMs: at }, created.requestId, { from: ['queued'], failure })
  })
  const seals = await sealsBetween(db.read, 0, 1e9)
  expect(seals.filter(({ span }) => span === 'month')).toEqual([])
  expect((await reported(scene)).total).toMatchObject({ tasks: 4, failed: 2, refunded: 30 })
  await scene.ledgerAddsUp()
})

test('nothing differs while works go on between the reading and the correction', async () => {
  const scene = await lived()
  const { db } = scene.ctx
  await scene.store.spoil('UPDATE rollups SET tasks = tasks + 1', 'guards')
  const caller = await scene.account(1_000)
  const snapshot: typeof db.snapshot = async (work) => {
    const seen = await db.snapshot(work)
    await scene.order(caller)
    return seen
  }
  expect(await rebuildRollups({ snapshot, transaction: db.transaction.bind(db) })).toMatchObject({
    equal: false,
  })
  expect(await db.snapshot(async (read) => await differences(read, 1))).toEqual([])
})

test('accounts are compared some at a time, and the last of them as well', async () => {
  const scene = await openScene({ yaml })
  const callers: string[] = []
  for (let count = 0; count < 45; count += 1) {
    const caller = await scene.account(100)
    await scene.order(caller)
    callers.push(caller.accountId)
  }
  const compared = async () =>
    (await scene.ctx.db.snapshot(async (read) => await differences(read, 100))).map((row) => row.account_id)
  expect(await compared()).toEqual([])
  const damaged = [0, 19, 20, 39, 40, 44].map((at) => callers.toSorted()[at] ?? '')
  const list = damaged.map((id) => `'${id}'`).join(', ')
  await scene.store.spoil(`UPDATE rollups SET charged = 0 WHERE account_id IN (${list})`, 'guards')
  expect((await compared()).toSorted()).toEqual(damaged)
  expect(await rebuildRollups(scene.ctx.db)).toEqual({ equal: false, rollups: 6, totals: 0 })
  expect(await compared()).toEqual([])
})
