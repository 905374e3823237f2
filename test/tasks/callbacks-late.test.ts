// Work that is told of too late is proven by one look of ours, recorded once with what it cost, and changes nothing.
import { describe, expect, test } from 'vitest'
import { recordOutcome } from '../../src/tasks/submit/outcome.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import type { Observation } from '../../src/upstream/adapter.ts'
import {
  accepted,
  brokenOff,
  callback,
  counted,
  failed,
  giveUpAfterMs,
  missing,
  never,
  noAnswer,
  openScene,
  succeeded,
} from './callback-scene.ts'
import type { Order, Scene } from './callback-scene.ts'

/** Calls, follows, and calls again: whatever there is to record is recorded by then, and only once. */
async function callTwice(scene: Scene, order: Order, id: string): Promise<void> {
  await scene.call(order.urls[0], callback(id))
  await scene.follow()
  expect(await scene.hints()).toEqual([])
  const looked = scene.looked.length
  scene.clock.advance(60_000)
  await scene.call(order.urls[0], callback(id))
  await scene.follow()
  scene.clock.advance(60_000)
  await scene.follow()
  if ((await scene.orphans()).length > 0) expect(scene.looked).toHaveLength(looked)
}

/** Nothing is charged, nothing given back a second time, and no state moves. */
async function expectUnmoved(scene: Scene, order: Order): Promise<void> {
  expect(await scene.states(order)).toEqual(['failed'])
  expect(await scene.balance(order.caller)).toBe(1_000)
  expect(await scene.poll()).toBe(0)
  await scene.ledgerAddsUp()
}

describe('an order that was given up without an answer', () => {
  async function givenUp(): Promise<[Scene, Order]> {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    scene.clock.advance(giveUpAfterMs)
    await rescue(scene.ctx)
    return [scene, order]
  }

  test.each<[string, Observation, string]>([
    ['was made', succeeded, 'late_success'],
    ['is being made', { kind: 'running' }, 'late_accept'],
    ['waits to be made', { kind: 'pending' }, 'late_accept'],
    ['was taken and has failed', failed, 'late_accept'],
  ])('and then %s', async (_name, seen, reason) => {
    const [scene, order] = await givenUp()
    scene.seen = () => seen
    await callTwice(scene, order, 'u1')
    expect(await scene.orphans()).toMatchObject([
      { reason, upstream: 'keevx', upstreamTaskId: 'u1', requestId: order.created.requestId, credits: 15 },
    ])
    expect(await counted(scene, 'orphans_total', { reason })).toBe(1)
    expect(await counted(scene, 'callback_hints_total', { finding: reason })).toBe(1)
    await expectUnmoved(scene, order)
  })

  test('and then is told of, though nothing is there: nothing is recorded', async () => {
    const [scene, order] = await givenUp()
    scene.seen = () => missing
    await scene.call(order.urls[0], callback('lie'))
    for (let at = 0; at < 5; at += 1) {
      await scene.follow()
      scene.clock.advance(60_000)
    }
    expect(scene.looked).toHaveLength(3)
    expect([await scene.hints(), await scene.orphans()]).toEqual([[], []])
    await expectUnmoved(scene, order)
  })
})

test('an order that was refused, and is told of as made all the same', async () => {
  const scene = await openScene()
  const order = await scene.ordered(1, { kind: 'refused', reason: 'No.', detail: 'd' })
  scene.seen = () => succeeded
  await callTwice(scene, order, 'u1')
  expect(await scene.orphans()).toMatchObject([{ reason: 'late_success', credits: 15 }])
  await expectUnmoved(scene, order)
})

test('an order that another attempt has made: the work of the first is recorded, and charged to nobody', async () => {
  const scene = await openScene()
  const order = await scene.ordered(1, brokenOff)
  scene.clock.advance(10_000)
  await scene.dispatch(accepted('second'))
  scene.seen = () => succeeded
  await callTwice(scene, order, 'first')
  expect(await scene.orphans()).toMatchObject([
    { reason: 'late_success', upstreamTaskId: 'first', credits: 15 },
  ])
  expect(await scene.balance(order.caller)).toBe(985)
})

describe('a task that was given up', () => {
  /** At its limit, or because the upstream knew nothing of it. */
  async function givenUp(seen: Observation): Promise<[Scene, Order]> {
    const scene = await openScene()
    const order = await scene.ordered()
    scene.seen = () => seen
    // "No such task" has to be said three times.
    for (let looks = 0; looks < 3 && (await scene.states(order))[0] === 'running'; looks += 1) {
      scene.clock.advance(seen.kind === 'running' ? giveUpAfterMs : 60_000)
      await scene.poll()
    }
    await expectUnmoved(scene, order)
    return [scene, order]
  }

  test.each<[string, Observation]>([
    ['at its limit', { kind: 'running' }],
    ['as lost', missing],
  ])('%s, and was made all the same', async (_name, before) => {
    const [scene, order] = await givenUp(before)
    scene.seen = () => succeeded
    await callTwice(scene, order, 'u1')
    const [taskId] = order.created.taskIds
    expect(await scene.orphans()).toMatchObject([{ reason: 'late_success', taskId, credits: 15 }])
    expect(await counted(scene, 'orphans_total', { reason: 'late_success' })).toBe(1)
    await expectUnmoved(scene, order)
  })

  test.each<[string, Observation]>([
    ['failed', failed],
    ['is at it still', { kind: 'running' }],
  ])('at its limit, and %s in the end: nothing was made for nobody', async (_name, seen) => {
    const [scene, order] = await givenUp({ kind: 'running' })
    scene.seen = () => seen
    await scene.call(order.urls[0], callback('u1'))
    await scene.follow()
    expect([await scene.hints(), await scene.orphans()]).toEqual([[], []])
    await expectUnmoved(scene, order)
  })

  test('by the word of the upstream is asked about no more', async () => {
    const [scene, order] = await givenUp(failed)
    const looked = scene.looked.length
    scene.seen = () => succeeded
    expect(await scene.call(order.urls[0], callback('u1'))).toBe('repeated')
    expect([await scene.follow(), scene.looked.length]).toEqual([0, looked])
  })

  test('while a look was under way that then finds it made', async () => {
    const scene = await openScene()
    const order = await scene.ordered()
    scene.clock.advance(giveUpAfterMs - 1)
    const [slow] = await claimPolls(scene.ctx, 1)
    const answer = Promise.withResolvers<Observation>()
    scene.seen = () => answer.promise
    const look = pollTask(scene.ctx, slow ?? expect.fail(), never)
    scene.clock.advance(60_001)
    scene.seen = () => ({ kind: 'running' })
    expect(await scene.poll()).toBe(1)
    await expectUnmoved(scene, order)
    answer.resolve(succeeded)
    await look
    const [taskId] = order.created.taskIds
    expect(await scene.orphans()).toMatchObject([{ reason: 'late_success', taskId, credits: 15 }])
    expect(await counted(scene, 'orphans_total', { reason: 'late_success' })).toBe(1)
    expect(await scene.call(order.urls[0], callback('u1'))).toBe('repeated')
    expect(await scene.orphans()).toHaveLength(1)
    await expectUnmoved(scene, order)
  })
})

describe('work that is recorded already is not recorded again', () => {
  test('where it was one id too many', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, accepted('u1', 'extra'))
    scene.seen = () => succeeded
    expect(await scene.call(order.urls[0], callback('extra'))).toBe('repeated')
    expect([await scene.follow(), scene.looked]).toEqual([0, []])
    expect(await scene.orphans()).toMatchObject([{ reason: 'extra_id' }])
  })

  test('where an answer brought it before its callback, or after', async () => {
    const scene = await openScene()
    const created = await scene.order(await scene.account(1_000))
    const submission = await scene.claim()
    scene.clock.advance(46_000)
    await rescue(scene.ctx)
    scene.clock.advance(giveUpAfterMs)
    await rescue(scene.ctx)
    scene.seen = () => succeeded
    const url = submission.callbackUrl ?? ''
    await scene.call(url, callback('first'))
    await scene.follow()
    await recordOutcome(scene.ctx, submission, accepted('first', 'second'))
    expect(await scene.call(url, callback('second'))).toBe('repeated')
    expect(await scene.orphans()).toMatchObject([
      { reason: 'late_success', upstreamTaskId: 'first', credits: 15 },
      { reason: 'late_accept', upstreamTaskId: 'second', credits: 15 },
    ])
    expect((await scene.tasks(created)).map(({ state }) => state)).toEqual(['failed'])
  })
})

test('a token is good for seven days from the start of its attempt, and not a moment longer', async () => {
  const scene = await openScene()
  const order = await scene.ordered(1, accepted('u1', 'extra'))
  scene.clock.advance(7 * 24 * 3_600_000 - 1)
  expect(await scene.call(order.urls[0], callback('extra'))).toBe('repeated')
  scene.clock.advance(1)
  expect(await scene.call(order.urls[0], callback('extra'))).toBeNull()
})

test('what nobody could be asked about for seven days is let go', async () => {
  const scene = await openScene()
  const order = await scene.ordered(1, noAnswer)
  scene.seen = () => ({ kind: 'unclear', detail: 'HTTP 502' })
  await scene.call(order.urls[0], callback('u1'))
  let looks = 0
  for (let at = 0; at < 7 * 24 * 6; at += 1) {
    looks += await scene.follow()
    scene.clock.advance(600_000)
  }
  expect(await scene.hints()).toHaveLength(1)
  // At growing pauses, of ten minutes and a little in the end.
  expect(looks).toBeGreaterThan(400)
  expect(looks).toBeLessThan(1_100)
  scene.clock.advance(660_000)
  await scene.follow()
  expect(await scene.hints()).toEqual([])
})
