// While callbacks arrive polls are rare, and a lost callback still costs nothing but time.
import { describe, expect, test } from 'vitest'
import { pollsOf } from '../../src/tasks/poll/rows.ts'
import { bringPollsCloser } from '../../src/tasks/rescue/release-leases.ts'
import type { Observation } from '../../src/upstream/adapter.ts'
import {
  accepted,
  callback,
  giveUpAfterMs,
  noAnswer,
  openScene,
  pollEveryMs,
  succeeded,
} from './callback-scene.ts'
import type { Order, Scene } from './callback-scene.ts'

const slow = 6
const tenth = 0.1

/** Another order's callback, by which the upstream shows that it calls. */
async function heardOne(scene: Scene): Promise<void> {
  const other = await scene.ordered(1, accepted(`other-${scene.clock.now()}`))
  scene.seen = () => succeeded
  expect(await scene.call(other.urls[0], callback(`other-${scene.clock.now()}`))).toBe('due')
  await scene.poll()
  expect(await scene.states(other)).toEqual(['succeeded'])
  scene.seen = () => ({ kind: 'running' })
}

/** When each task of the order is to be looked at, from now. */
async function allDueIn({ ctx, clock, tasks }: Scene, { created }: Order): Promise<number[]> {
  const ids = (await tasks(created)).map(({ id }) => id)
  return [...(await pollsOf(ctx.db.read, ids)).values()].map(({ dueAt }) => dueAt - clock.now())
}

/** The same of its one task. */
async function dueIn(scene: Scene, order: Order): Promise<number> {
  const [ms = Number.NaN] = await allDueIn(scene, order)
  return ms
}

const around = (everyMs: number) => (ms: number) =>
  ms >= everyMs * (1 - tenth) - 1 && ms <= everyMs * (1 + tenth) + 1

/** Turns to the next look and takes it. */
async function nextLook(scene: Scene, order: Order): Promise<void> {
  scene.clock.advance(await dueIn(scene, order))
  expect(await scene.poll()).toBe(1)
}

describe('the pause between looks at a running task', () => {
  test("is Keevx's own as long as no callback has come", async () => {
    const scene = await openScene()
    const order = await scene.ordered()
    expect(await dueIn(scene, order)).toSatisfy(around(pollEveryMs))
    await nextLook(scene, order)
    expect(await dueIn(scene, order)).toSatisfy(around(pollEveryMs))
  })

  test('is six times that once one has come, from the first look on, and a callback still settles at once', async () => {
    const scene = await openScene()
    await heardOne(scene)
    const order = await scene.ordered()
    expect(await dueIn(scene, order)).toSatisfy(around(slow * pollEveryMs))
    await nextLook(scene, order)
    expect(await dueIn(scene, order)).toSatisfy(around(slow * pollEveryMs))
    scene.clock.advance(1_000)
    scene.seen = () => succeeded
    await scene.call(order.urls[0], callback('u1'))
    expect(await scene.poll()).toBe(1)
    expect(await scene.states(order)).toEqual(['succeeded'])
  })

  test('is six times that for tasks that ran already', async () => {
    const scene = await openScene()
    const order = await scene.ordered()
    await heardOne(scene)
    expect(await dueIn(scene, order)).toSatisfy(around(pollEveryMs))
    await nextLook(scene, order)
    expect(await dueIn(scene, order)).toSatisfy(around(slow * pollEveryMs))
  })

  test('is the common one again ten minutes after the last callback', async () => {
    const scene = await openScene()
    await heardOne(scene)
    scene.clock.advance(10 * 60_000 - 1)
    const before = await scene.ordered(1, accepted('before'))
    expect(await dueIn(scene, before)).toSatisfy(around(slow * pollEveryMs))
    scene.clock.advance(1)
    const after = await scene.ordered(1, accepted('after'))
    expect(await dueIn(scene, after)).toSatisfy(around(pollEveryMs))
  })

  test('is not made longer by callbacks that tell of no work of ours', async () => {
    const scene = await openScene()
    const [mine, theirs] = [await scene.ordered(1, accepted('a')), await scene.ordered(1, accepted('b'))]
    await scene.call(mine.urls[0], callback('b'))
    await scene.call(theirs.urls[0], { any: 'thing' })
    await scene.call('https://gate.example/callbacks/keevx/att_0/none', callback('a'))
    scene.seen = () => ({ kind: 'missing', detail: '' })
    const lost = await scene.ordered(1, noAnswer)
    await scene.call(lost.urls[0], callback('nothing-there'))
    await scene.follow()
    const order = await scene.ordered()
    expect(await dueIn(scene, order)).toSatisfy(around(pollEveryMs))
  })

  test('is the common one where callbacks are no longer asked for', async () => {
    const scene = await openScene()
    const old = await scene.ordered(1, accepted('old'))
    const next = await openScene({ after: scene, publicUrl: '' })
    expect(await next.call(old.urls[0], callback('old'))).toBe('due')
    await next.poll()
    const order = await next.ordered()
    expect(await dueIn(next, order)).toSatisfy(around(pollEveryMs))
  })

  test.each<[string, Observation]>([
    ['nobody could be asked', { kind: 'unclear', detail: 'HTTP 502' }],
    ['there was no such task', { kind: 'missing', detail: '110002' }],
    ['our key was not taken', { kind: 'key_rejected', detail: '401' }],
  ])('is the common one where the look decided nothing: %s', async (_name, seen) => {
    const scene = await openScene()
    await heardOne(scene)
    const order = await scene.ordered()
    scene.seen = () => seen
    await nextLook(scene, order)
    expect(await dueIn(scene, order)).toSatisfy(around(pollEveryMs))
  })

  test('is the common one for a task of which a callback spoke too soon', async () => {
    const scene = await openScene()
    await heardOne(scene)
    const order = await scene.ordered()
    await scene.call(order.urls[0], callback('u1'))
    await scene.poll()
    expect(await scene.states(order)).toEqual(['running'])
    expect(await dueIn(scene, order)).toSatisfy(around(pollEveryMs))
  })

  test('ends at the limit at the latest, where the last look is', async () => {
    const scene = await openScene()
    await heardOne(scene)
    const order = await scene.ordered()
    const begun = scene.clock.now()
    while ((await scene.states(order))[0] === 'running') {
      // Callbacks of others keep coming.
      scene.keevx.callbackHealth.note(scene.clock.now())
      await nextLook(scene, order)
    }
    expect(scene.clock.now() - begun).toBe(giveUpAfterMs)
    expect(scene.looked.filter((id) => id === 'u1').length).toBeLessThan(25)
    expect(await scene.balance(order.caller)).toBe(1_000)
  })
})

test('a task whose callback was lost is found by its next look', async () => {
  const scene = await openScene()
  await heardOne(scene)
  const order = await scene.ordered()
  scene.seen = () => succeeded
  await nextLook(scene, order)
  expect(await scene.states(order)).toEqual(['succeeded'])
})

test('a new process does not yet know that callbacks come: it looks soon, and not at all tasks at once', async () => {
  const scene = await openScene()
  await heardOne(scene)
  const order = await scene.ordered(8, accepted(...Array.from({ length: 8 }, (_, at) => `u${at}`)))
  const next = await openScene({ after: scene })
  await bringPollsCloser(next.ctx, { onTurn: () => undefined, signal: new AbortController().signal })
  const due = await allDueIn(next, order)
  for (const ms of due) expect(ms).toSatisfy(around(pollEveryMs))
  expect(new Set(due).size).toBeGreaterThan(2)
})
