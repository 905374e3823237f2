// What work costs is fixed when it is ordered, per output, on whatever was made: sold, made twice, too late or for nothing.
import { expect, test } from 'vitest'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { changeRoute } from '../../src/tasks/queue/route-store.ts'
import { createTasks } from '../../src/tasks/create/create.ts'
import { newId } from '../../src/ids.ts'
import {
  accepted,
  brokenOff,
  callback,
  failed,
  giveUpAfterMs,
  openScene,
  succeeded,
} from './callback-scene.ts'
import { changeCosts, reported, yamlOf } from './cost-scene.ts'
import { openStage } from './first-frame-scene.ts'

const costOf = '{ amount: 0.1 }'
const yaml = yamlOf({ image: costOf })

test('a later change of the file changes no past figure; what waits is ordered at the cost of its submit', async () => {
  const scene = await openScene({ yaml })
  const caller = await scene.account(1_000)
  await scene.order(caller, 2)
  await scene.dispatch(accepted('u1', 'u2'))
  await scene.order(caller)
  changeCosts(scene, { image: '{ amount: 0.25 }' })
  scene.seen = () => succeeded
  scene.clock.advance(60_000)
  await scene.poll()
  expect((await reported(scene)).total).toMatchObject({ succeeded: 2, cost: 0.2, leakage: 0 })
  await scene.dispatch(accepted('u3'))
  changeCosts(scene, { image: null })
  scene.clock.advance(60_000)
  await scene.poll()
  // 45 credits at 0.01, and 0.1 + 0.1 + 0.25.
  expect((await reported(scene)).total).toMatchObject({
    tasks: 3,
    succeeded: 3,
    charged: 45,
    value: 0.45,
    cost: 0.45,
    margin: 0,
    unknownCosts: 0,
  })
  await scene.ledgerAddsUp()
})

test('one unknown cost makes the sum unknown, and says of how many; none is ever counted as nothing', async () => {
  const scene = await openScene({ yaml: yamlOf({ image: null }) })
  const caller = await scene.account(1_000)
  await scene.order(caller)
  await scene.dispatch(accepted('u1'))
  changeCosts(scene, { image: costOf })
  await scene.order(caller)
  await scene.dispatch(accepted('u2'))
  scene.seen = () => succeeded
  scene.clock.advance(60_000)
  await scene.poll()
  const { rows, total } = await reported(scene)
  expect(total).toMatchObject({
    succeeded: 2,
    value: 0.3,
    cost: null,
    unknownCosts: 1,
    margin: null,
    leakage: 0,
  })
  expect(rows).toHaveLength(1)
  const unsold = await reported(scene, 'model', { currency: 'USD', creditValue: null, timeZone: 'UTC' })
  expect(unsold.total).toMatchObject({ value: null, margin: null })
})

test('work that an ambiguous try has ordered as well leaks, at the cost of that try', async () => {
  const scene = await openScene({ yaml })
  const order = await scene.ordered(1, brokenOff)
  changeCosts(scene, { image: '{ amount: 0.3 }' })
  scene.clock.advance(20_000)
  await scene.dispatch(accepted('u2'))
  scene.seen = () => succeeded
  scene.clock.advance(60_000)
  await scene.poll()
  await scene.call(order.urls[0], callback('u1'))
  await scene.follow()
  const { total } = await reported(scene)
  expect(total).toMatchObject({
    succeeded: 1,
    charged: 15,
    refunded: 0,
    cost: 0.3,
    leakage: 0.1,
    margin: -0.25,
  })
  expect(total.leaks).toEqual([{ reason: 'late_success', works: 1, cost: 0.1, unknown: 0 }])
  await scene.ledgerAddsUp()
})

test('a success after the refund leaks, and so does what may have been made, apart', async () => {
  const scene = await openScene({ yaml })
  const order = await scene.ordered(1, accepted('u1'))
  const other = await scene.ordered(1, accepted('u2'))
  scene.clock.advance(giveUpAfterMs)
  scene.seen = (id) =>
    id === 'u1' ? { kind: 'missing', detail: 'gone' } : { kind: 'unclear', detail: 'HTTP 502' }
  for (let looks = 0; looks < 12; looks += 1) {
    await scene.poll()
    await rescue(scene.ctx)
    scene.clock.advance(60_000)
  }
  expect([await scene.states(order), await scene.states(other)]).toEqual([['failed'], ['failed']])
  scene.seen = () => succeeded
  await scene.call(order.urls[0], callback('u1'))
  await scene.follow()
  const { total } = await reported(scene)
  expect(total).toMatchObject({
    succeeded: 0,
    failed: 2,
    charged: 30,
    refunded: 30,
    net: 0,
    cost: 0,
    leakage: 0.1,
  })
  expect(total.leaks).toEqual([{ reason: 'late_success', works: 1, cost: 0.1, unknown: 0 }])
  expect(total.maybeLeaked).toEqual({ reason: 'unanswered', works: 1, cost: 0.1, unknown: 0 })
  await scene.ledgerAddsUp()
})

test('ids beyond what was ordered leak; work that failed at the upstream costs nothing', async () => {
  const scene = await openScene({ yaml })
  const caller = await scene.account(1_000)
  await scene.order(caller)
  await scene.dispatch(accepted('u1', 'u2', 'u3'))
  const late = await scene.ordered(1, brokenOff)
  scene.clock.advance(20_000)
  await scene.dispatch(accepted('u4'))
  scene.seen = () => failed
  scene.clock.advance(60_000)
  await scene.poll()
  await scene.call(late.urls[0], callback('u5', 'FAILED'))
  await scene.follow()
  const { total } = await reported(scene)
  expect(total).toMatchObject({ failed: 2, cost: 0, leakage: 0.2, margin: -0.2 })
  expect(total.leaks).toEqual([
    { reason: 'extra_id', works: 2, cost: 0.2, unknown: 0 },
    { reason: 'late_accept', works: 1, cost: 0, unknown: 0 },
  ])
})

test('an order counts for the route that took it, from its charge on', async () => {
  const twoRoutes = yamlOf({ image: costOf }).replace(
    '  keevx:\n',
    '  second: { api_key: second-key }\n  keevx:\n',
  )
  const scene = await openScene({ yaml: twoRoutes })
  const caller = await scene.account(1_000)
  const created = await scene.order(caller)
  expect((await reported(scene, 'upstream')).rows.map(({ group, charged }) => [group, charged])).toEqual([
    ['keevx', 15],
  ])
  const [request] = await scene.ctx.db.read.select().from(scene.ctx.db.read.tables.requests)
  const to = { upstream: 'second', order: request?.order ?? {}, operation: 'image_generate', cost: 50_000 }
  await scene.ctx.db.transaction(async (tx) => await changeRoute(tx, created.requestId, to))
  const moved = await reported(scene, 'upstream')
  expect(moved.rows.map(({ group, tasks, charged }) => [group, tasks, charged])).toEqual([['second', 1, 15]])
  const second = scene.ctx.upstreams.get('second') ?? expect.fail('there is no second upstream')
  await scene.dispatchTo(second, accepted('u1'))
  scene.seen = () => succeeded
  scene.clock.advance(60_000)
  await scene.poll()
  const { rows } = await reported(scene, 'upstream')
  // The file names no such route: the cost stays that of the route that was taken.
  expect(rows).toMatchObject([{ group: 'second', tasks: 1, succeeded: 1, charged: 15, cost: 0.05 }])
})

test('a first frame is work of its own: sold with the first output, and leaked where that came back', async () => {
  const costs = yamlOf({ image: costOf, film: '{ per_second: 0.02 }' })
  const stage = await openStage(1_000, { yaml: costs })
  const film = { model_id: 'film', prompt: 'a heron', generate_count: 2 }
  const order = async () =>
    await createTasks(stage.ctx, {
      caller: stage.caller,
      body: film,
      requestId: newId('req', stage.clock.now()),
      idempotencyKey: null,
    })
  await order()
  const steps = async () => {
    await stage.dispatch()
    stage.clock.advance(60_000)
    await stage.poll()
  }
  await steps()
  // It is made, and nobody knows yet whether it is sold.
  expect((await reported(stage)).total).toMatchObject({ cost: 0, leakage: 0 })
  await steps()
  // Two films of 5 seconds, and one picture.
  const sold = await reported(stage)
  expect(sold.total).toMatchObject({
    tasks: 2,
    succeeded: 2,
    charged: 95,
    cost: 0.3,
    leakage: 0,
    unknownCosts: 0,
  })
  expect(sold.rows.map(({ group, charged, cost }) => [group, charged, cost])).toEqual([
    ['film', 95, 0.2],
    ['gpt-image-2', 0, 0.1],
  ])
  await order()
  await steps()
  stage.polls.image_to_video = failed
  await steps()
  const lost = await reported(stage)
  expect(lost.total).toMatchObject({ tasks: 4, succeeded: 2, failed: 2, net: 95, cost: 0.3, leakage: 0.1 })
  expect(lost.total.leaks).toEqual([{ reason: 'first_frame', works: 1, cost: 0.1, unknown: 0 }])
  await stage.sound()
})

test('the store lets nobody change the cost of what was ordered', async () => {
  const scene = await openScene({ yaml })
  const { tasks, orphans } = scene.ctx.db.read.tables
  await scene.ordered(1, accepted('u1', 'u2'))
  const change = async (table: typeof tasks | typeof orphans) =>
    await scene.ctx.db.transaction(async (tx) => void (await tx.update(table).set({ cost: 1 })))
  await expect(change(tasks)).rejects.toThrow('the cost of a task is fixed when it is ordered')
  await expect(change(orphans)).rejects.toThrow('the cost of an orphan is fixed')
})
