// Orders of several outputs, and of several attempts, some of which only callbacks know of.
import { describe, expect, test } from 'vitest'
import { recordOutcome } from '../../src/tasks/submit/outcome.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import type { Submission } from '../../src/tasks/submit/submission.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import {
  accepted,
  brokenOff,
  callback,
  failed,
  giveUpAfterMs,
  noAnswer,
  openScene,
  succeeded,
} from './callback-scene.ts'
import type { Scene } from './callback-scene.ts'

describe('of an order for several that was not answered', () => {
  test('each is taken up by its own callback, and those that none names are given back at the limit', async () => {
    const scene = await openScene()
    const order = await scene.ordered(3, noAnswer)
    scene.clock.advance(60_000)
    scene.seen = (id) => (id === 'u1' ? succeeded : { kind: 'running' })
    for (const id of ['u1', 'u2']) await scene.call(order.urls[0], callback(id))
    await scene.follow()
    await scene.poll()
    expect((await scene.states(order)).toSorted()).toEqual(['running', 'succeeded', 'unknown'])
    await scene.ledgerAddsUp()

    scene.clock.advance(giveUpAfterMs - 60_000 - 1)
    await rescue(scene.ctx)
    expect((await scene.states(order)).toSorted()).toEqual(['running', 'succeeded', 'unknown'])
    scene.clock.advance(1)
    await rescue(scene.ctx)
    // The one that runs has its last look still.
    expect((await scene.states(order)).toSorted()).toEqual(['failed', 'running', 'succeeded'])
    scene.seen = () => succeeded
    await scene.poll()
    expect((await scene.states(order)).toSorted()).toEqual(['failed', 'succeeded', 'succeeded'])
    expect(await scene.balance(order.caller)).toBe(970)
    expect(await rescue(scene.ctx)).toBe(false)
    await scene.ledgerAddsUp()
  })

  test('no task is taken up twice, and one too many is an orphan', async () => {
    const scene = await openScene()
    const order = await scene.ordered(2, noAnswer)
    scene.seen = () => succeeded
    for (const id of ['u1', 'u2', 'u3', 'u1', 'u2']) await scene.call(order.urls[0], callback(id))
    await scene.follow()
    await scene.poll()
    const tasks = await scene.tasks(order.created)
    const [first, second] = tasks.map(({ upstreamTaskId }) => upstreamTaskId)
    expect(tasks.map(({ state }) => state)).toEqual(['succeeded', 'succeeded'])
    expect(first).not.toBe(second)
    expect(await scene.orphans()).toMatchObject([{ reason: 'late_success', credits: 15 }])
    expect(await scene.balance(order.caller)).toBe(970)
  })
})

interface HalfKnown extends Scene {
  readonly url: string
  answer(outcome: SubmitOutcome): Promise<void>
  seenStates(): Promise<unknown>
}

describe('an answer that comes after a callback has taken up a part of its order', () => {
  /** Two tasks, whose lease has ended, and of which one has been taken up. */
  async function halfKnown(): Promise<HalfKnown> {
    const scene = await openScene()
    const created = await scene.order(await scene.account(1_000), 2)
    const submission = await scene.claim()
    scene.clock.advance(46_000)
    await rescue(scene.ctx)
    await scene.call(submission.callbackUrl ?? '', callback('u1'))
    await scene.follow()
    return Object.assign(scene, {
      url: submission.callbackUrl ?? '',
      answer: (outcome: SubmitOutcome) => recordOutcome(scene.ctx, submission, outcome),
      seenStates: async () =>
        (await scene.tasks(created)).map(({ state, upstreamTaskId }) => `${state} ${upstreamTaskId}`),
    })
  }

  test('while we look for the other is heard, and neither is an orphan', async () => {
    const scene = await halfKnown()
    await scene.call(scene.url, callback('u2'))
    scene.seen = async () => {
      await scene.answer(accepted('u1', 'u2'))
      return succeeded
    }
    await scene.follow()
    expect(await scene.seenStates()).toEqual(['running u1', 'running u2'])
    expect([await scene.hints(), await scene.orphans()]).toEqual([[], []])
  })

  test('gives the other its id, and the known one is no orphan', async () => {
    const scene = await halfKnown()
    expect(await scene.seenStates()).toEqual(['running u1', 'unknown null'])
    await scene.answer(accepted('u1', 'u2'))
    expect(await scene.seenStates()).toEqual(['running u1', 'running u2'])
    expect(await scene.orphans()).toEqual([])
    scene.clock.advance(giveUpAfterMs)
    await rescue(scene.ctx)
    expect(await scene.seenStates()).toEqual(['running u1', 'running u2'])
  })

  test('and names one too many is recorded', async () => {
    const scene = await halfKnown()
    await scene.answer(accepted('u1', 'u2', 'u3'))
    expect(await scene.seenStates()).toEqual(['running u1', 'running u2'])
    expect(await scene.orphans()).toMatchObject([
      { upstreamTaskId: 'u3', reason: 'late_accept', credits: 15 },
    ])
  })

  test('and names only the known one lets the other wait on', async () => {
    const scene = await halfKnown()
    await scene.answer(accepted('u1'))
    expect(await scene.seenStates()).toEqual(['running u1', 'unknown null'])
    scene.clock.advance(giveUpAfterMs)
    await rescue(scene.ctx)
    expect(await scene.seenStates()).toEqual(['running u1', 'failed null'])
  })

  test.each<SubmitOutcome>([
    { kind: 'refused', reason: 'No.', detail: 'd' },
    { kind: 'rate_limited', retryAfterMs: null, detail: 'd' },
    { kind: 'not_accepted', detail: 'd' },
    { kind: 'key_rejected', detail: 'd' },
    { kind: 'retry_documented', detail: 'd' },
    brokenOff,
    noAnswer,
  ])('and says $kind changes nothing: our own look has seen the work', async (outcome) => {
    const scene = await halfKnown()
    await scene.answer(outcome)
    expect(await scene.seenStates()).toEqual(['running u1', 'unknown null'])
    scene.clock.advance(60_000)
    expect(await scene.dispatch()).toEqual([])
    expect(scene.posted).toEqual([])
  })
})

describe('an order that is to be posted again, as Keevx documents,', () => {
  test('is not, once a callback has told that it was taken after all', async () => {
    const scene = await openScene()
    const order = await scene.ordered(2, brokenOff)
    expect(await scene.states(order)).toEqual(['queued', 'queued'])
    scene.seen = () => succeeded
    await scene.call(order.urls[0], callback('u1'))
    await scene.follow()
    expect((await scene.states(order)).toSorted()).toEqual(['running', 'unknown'])
    scene.clock.advance(10_000)
    expect(await scene.dispatch()).toEqual([])
    await scene.call(order.urls[0], callback('u2'))
    await scene.follow()
    await scene.poll()
    expect(await scene.states(order)).toEqual(['succeeded', 'succeeded'])
    expect(scene.posted).toHaveLength(1)
    expect(await scene.balance(order.caller)).toBe(970)
    await scene.ledgerAddsUp()
  })

  test('is, where the work that was taken has failed, or never was', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, brokenOff)
    scene.seen = (id) => (id === 'failed' ? failed : { kind: 'missing', detail: '' })
    for (const id of ['failed', 'lie']) await scene.call(order.urls[0], callback(id))
    for (let at = 0; at < 6; at += 1) {
      await scene.follow()
      scene.clock.advance(10_000)
    }
    expect(await scene.hints()).toEqual([])
    expect(await scene.states(order)).toEqual(['queued'])
    expect(await scene.dispatch()).toHaveLength(1)
    expect(await scene.tasks(order.created)).toMatchObject([{ state: 'running', upstreamTaskId: 'u1' }])
    expect(await scene.orphans()).toEqual([])
  })
})

describe('a callback of an earlier attempt, while a later one is under way, waits for that:', () => {
  /** The first attempt broke off, a callback of it has come, and the second is posted. */
  async function secondTry() {
    const scene = await openScene()
    const order = await scene.ordered(1, brokenOff)
    scene.clock.advance(10_000)
    const second = await scene.claim()
    expect(await scene.call(order.urls[0], callback('u1'))).toBe('kept')
    expect(await scene.follow()).toBe(0)
    scene.seen = () => succeeded
    return { scene, order, answer: (outcome: SubmitOutcome) => recordOutcome(scene.ctx, second, outcome) }
  }

  test('accepted, its work is an orphan, and the order is made once', async () => {
    const { scene, order, answer } = await secondTry()
    await answer(accepted('u2'))
    await scene.follow()
    expect(await scene.orphans()).toMatchObject([
      { reason: 'late_success', upstreamTaskId: 'u1', attemptId: expect.any(String), credits: 15 },
    ])
    expect(await scene.tasks(order.created)).toMatchObject([{ state: 'running', upstreamTaskId: 'u2' }])
    expect(await scene.balance(order.caller)).toBe(985)
  })

  test.each([noAnswer, brokenOff])('$kind, its work is taken up', async (outcome) => {
    const { scene, order, answer } = await secondTry()
    await answer(outcome)
    await scene.follow()
    expect(await scene.tasks(order.created)).toMatchObject([{ state: 'running', upstreamTaskId: 'u1' }])
    expect(await scene.orphans()).toEqual([])
    scene.clock.advance(60_000)
    expect(await scene.dispatch()).toEqual([])
  })

  test('also where the callback comes just after it was claimed', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, brokenOff)
    // Its pause is as good as over when the callback comes: it was read before that, and is claimed after it.
    scene.clock.advance(10_000)
    const claimed: Submission[] = [await scene.claim()]
    await scene.call(order.urls[0], callback('u1'))
    scene.seen = () => succeeded
    await scene.follow()
    expect(await scene.states(order)).toEqual(['submitting'])
    expect(await scene.hints()).toHaveLength(1)
    await recordOutcome(scene.ctx, claimed[0] ?? expect.fail(), accepted('u2'))
    scene.clock.advance(1_000)
    await scene.follow()
    expect(await scene.tasks(order.created)).toMatchObject([{ state: 'running', upstreamTaskId: 'u2' }])
    expect(await scene.orphans()).toMatchObject([{ reason: 'late_success', upstreamTaskId: 'u1' }])
  })

  test('refused, the order has failed, and its work is an orphan', async () => {
    const { scene, order, answer } = await secondTry()
    await answer({ kind: 'refused', reason: 'No.', detail: 'd' })
    await scene.follow()
    expect(await scene.states(order)).toEqual(['failed'])
    expect(await scene.orphans()).toMatchObject([{ reason: 'late_success', upstreamTaskId: 'u1' }])
    expect(await scene.balance(order.caller)).toBe(1_000)
  })
})

test('hundreds of ids that an upstream made up do not keep the work of others from being found', async () => {
  const scene = await openScene()
  const made = 'made-up'
  scene.seen = (id) => (id.startsWith(made) ? { kind: 'unclear', detail: 'nobody knows' } : succeeded)
  for (let at = 0; at < 17; at += 1) {
    const { urls } = await scene.ordered(1, noAnswer)
    for (let id = 0; id < 32; id += 1) await scene.call(urls[0], callback(`${made}-${at}-${id}`))
  }
  expect((await scene.hints()).length).toBeGreaterThan(500)
  const order = await scene.ordered(1, noAnswer)
  await scene.call(order.urls[0], callback('real'))
  // All that were made up are looked at once, and wait then.
  while ((await scene.follow()) > 0);
  for (let turn = 0; turn < 3; turn += 1) await scene.follow()
  expect(await scene.tasks(order.created)).toMatchObject([{ state: 'running', upstreamTaskId: 'real' }])
})
