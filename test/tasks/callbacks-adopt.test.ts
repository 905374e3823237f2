// An order whose answer was lost: a callback names its work, our own look proves it, and only then is it taken up.
import { describe, expect, test } from 'vitest'
import { submitLeaseMs } from '../../src/tasks/submit/lease.ts'
import { recordOutcome } from '../../src/tasks/submit/outcome.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import type { Observation, SubmitOutcome } from '../../src/upstream/adapter.ts'
import {
  accepted,
  brokenOff,
  callback,
  failed,
  giveUpAfterMs,
  keevxYaml,
  missing,
  noAnswer,
  openScene,
  pollEveryMs,
  succeeded,
} from './callback-scene.ts'
import type { Order, Scene } from './callback-scene.ts'

/** What the upstream knows of; anything else it never had. */
const knowing =
  (seen: Record<string, Observation>) =>
  (id: string): Observation =>
    seen[id] ?? missing

/** Turns the clock until the hints are settled, or for a few minutes. */
async function settleHints(scene: Scene): Promise<void> {
  for (let at = 0; at < 20 && (await scene.hints()).length > 0; at += 1) {
    await scene.follow()
    scene.clock.advance(pollEveryMs)
  }
}

async function requestOf(scene: Scene, { created }: Order) {
  const { read } = scene.ctx.db
  const requests = await read.select().from(read.tables.requests)
  return requests.find(({ id }) => id === created.requestId)
}

describe('an order without an answer', () => {
  test('is taken up by its callback, and made, charged once and posted once', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    expect(await scene.states(order)).toEqual(['unknown'])
    scene.clock.advance(60_000)
    scene.seen = () => succeeded
    expect(await scene.call(order.urls[0], callback('u1'))).toBe('kept')
    expect(await scene.follow()).toBe(1)
    expect(await scene.tasks(order.created)).toMatchObject([{ state: 'running', upstreamTaskId: 'u1' }])
    expect(await requestOf(scene, order)).toMatchObject({ state: 'accepted', dueAt: null })
    expect(await scene.poll()).toBe(1)
    expect(await scene.states(order)).toEqual(['succeeded'])
    const { read } = scene.ctx.db
    expect(await read.select().from(read.tables.attempts)).toMatchObject([{ state: 'accepted' }])
    scene.clock.advance(giveUpAfterMs)
    await rescue(scene.ctx)
    expect(await scene.states(order)).toEqual(['succeeded'])
    expect(await scene.balance(order.caller)).toBe(985)
    expect(scene.posted).toHaveLength(1)
    expect([await scene.hints(), await scene.orphans()]).toEqual([[], []])
    await scene.ledgerAddsUp()
  })

  test('that failed upstream is given back at once, with the reason', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    scene.seen = () => failed
    await scene.call(order.urls[0], callback('u1', 'FAILED'))
    await scene.follow()
    await scene.poll()
    expect(await scene.tasks(order.created)).toMatchObject([
      { state: 'failed', errorMessage: 'It is not allowed.' },
    ])
    expect(await scene.balance(order.caller)).toBe(1_000)
  })

  test('keeps its limit when it is taken up: the last look is then', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    const limit = scene.clock.now() + giveUpAfterMs
    scene.clock.advance(giveUpAfterMs - 60_000)
    await scene.call(order.urls[0], callback('u1'))
    await scene.follow()
    expect(await scene.tasks(order.created)).toMatchObject([{ state: 'running', giveUpAt: limit }])
  })

  test('is looked for with the key that it was ordered with', async () => {
    const scene = await openScene({ upstreamKeys: 'one,two' })
    const orders = [await scene.ordered(1, noAnswer), await scene.ordered(1, noAnswer)]
    for (const [at, { urls }] of orders.entries()) await scene.call(urls[0], callback(`u${at}`))
    await scene.follow()
    const { read } = scene.ctx.db
    const attempts = await read.select().from(read.tables.attempts)
    const keys = await Promise.all(
      orders.map(async ({ created }) => (await scene.tasks(created))[0]?.upstreamKey),
    )
    expect(keys).toEqual(attempts.map(({ upstreamKey }) => upstreamKey))
    expect(new Set(keys).size).toBe(2)
  })

  test.each<[string, SubmitOutcome]>([
    ['a 5xx', brokenOff],
    ['a broken connection', { kind: 'ambiguous', cause: 'broken_connection', detail: 'reset' }],
  ])('where ambiguous is wait, after %s too', async (_name, outcome) => {
    const scene = await openScene({ yaml: keevxYaml.replace('ambiguous: retry', 'ambiguous: wait') })
    const order = await scene.ordered(1, outcome)
    expect(await scene.states(order)).toEqual(['unknown'])
    scene.clock.advance(5 * 60_000)
    expect(await scene.dispatch()).toEqual([])
    scene.seen = () => succeeded
    await scene.call(order.urls[0], callback('u1'))
    await scene.follow()
    await scene.poll()
    expect(await scene.states(order)).toEqual(['succeeded'])
    expect(scene.posted).toHaveLength(1)
  })

  test.each<[string, SubmitOutcome]>([
    ['a refusal', { kind: 'refused', reason: 'The prompt is too long.', detail: 'd' }],
    ['a lost answer', noAnswer],
    ['an answer that lets it go again', { kind: 'not_accepted', detail: 'd' }],
  ])('runs on once it is taken up, though %s comes after that', async (_name, outcome) => {
    const scene = await openScene()
    const caller = await scene.account(1_000)
    const created = await scene.order(caller)
    const submission = await scene.claim()
    scene.clock.advance(submitLeaseMs(scene.keevx) + 1)
    await rescue(scene.ctx)
    scene.seen = () => succeeded
    await scene.call(submission.callbackUrl ?? '', callback('u1'))
    await scene.follow()
    await recordOutcome(scene.ctx, submission, outcome)
    expect(await scene.tasks(created)).toMatchObject([{ state: 'running', upstreamTaskId: 'u1' }])
    expect(await scene.balance(caller)).toBe(985)
    expect(await scene.poll()).toBe(1)
    expect(await scene.tasks(created)).toMatchObject([{ state: 'succeeded' }])
    await scene.ledgerAddsUp()
  })

  test('because we died while asking is taken up by the process after us', async () => {
    const scene = await openScene()
    const caller = await scene.account(100)
    const created = await scene.order(caller)
    const { callbackUrl } = await scene.claim()
    expect(await scene.call(callbackUrl ?? '', callback('u1'))).toBe('kept')
    const next = await openScene({ after: scene })
    await releaseLeases(next.ctx)
    await rescue(next.ctx)
    expect(await next.follow()).toBe(1)
    expect(await next.tasks(created)).toMatchObject([{ state: 'running', upstreamTaskId: 'u1' }])
  })
})

describe('an id that is a lie', () => {
  test('moves nothing, is asked about three times, and does not stand in the way of the true one', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    scene.seen = knowing({ true: succeeded })
    await scene.call(order.urls[0], callback('lie'))
    await scene.follow()
    expect(await scene.tasks(order.created)).toMatchObject([{ state: 'unknown', upstreamTaskId: null }])
    await scene.call(order.urls[0], callback('true'))
    await settleHints(scene)
    await scene.poll()
    expect(await scene.tasks(order.created)).toMatchObject([{ state: 'succeeded', upstreamTaskId: 'true' }])
    expect(scene.looked.filter((id) => id === 'lie')).toHaveLength(3)
    expect(await scene.orphans()).toEqual([])
  })

  test('leaves its order to its limit, and that gives back', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    scene.seen = () => missing
    for (const id of ['lie', 'another']) await scene.call(order.urls[0], callback(id))
    await settleHints(scene)
    expect(await scene.hints()).toEqual([])
    scene.clock.advance(giveUpAfterMs)
    await rescue(scene.ctx)
    expect(await scene.states(order)).toEqual(['failed'])
    expect(await scene.balance(order.caller)).toBe(1_000)
  })

  test("settles nothing where it is the work of another's task", async () => {
    const scene = await openScene()
    const theirs = await scene.ordered(1, accepted('theirs'))
    const order = await scene.ordered(1, noAnswer)
    scene.seen = () => succeeded
    expect(await scene.call(order.urls[0], callback('theirs'))).toBe('foreign')
    expect(await scene.follow()).toBe(0)
    expect([await scene.states(order), await scene.states(theirs)]).toEqual([['unknown'], ['running']])
  })

  test('takes nothing from an order that was posted before and is not answered yet', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    const caller = await scene.account(100)
    const created = await scene.order(caller)
    const theirs = await scene.claim()
    scene.clock.advance(1_000)
    scene.seen = () => succeeded
    expect(await scene.call(order.urls[0], callback('theirs'))).toBe('kept')
    await scene.follow()
    expect([scene.looked, await scene.states(order)]).toEqual([[], ['unknown']])

    await recordOutcome(scene.ctx, theirs, accepted('theirs'))
    scene.clock.advance(1_000)
    await scene.follow()
    expect(await scene.hints()).toEqual([])
    expect(await scene.states(order)).toEqual(['unknown'])
    expect(await scene.tasks(created)).toMatchObject([{ state: 'running', upstreamTaskId: 'theirs' }])
  })

  test('but an order that is posted after the callback came holds nothing up', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    await scene.call(order.urls[0], callback('u1'))
    scene.clock.advance(1)
    await scene.order(await scene.account(100))
    await scene.claim()
    await scene.follow()
    expect(await scene.states(order)).toEqual(['running'])
  })
})

describe('while nothing can be learnt of the work', () => {
  test.each<[string, Observation]>([
    ['an outage', { kind: 'unclear', detail: 'HTTP 502' }],
    ['a key that is not taken', { kind: 'key_rejected', detail: '401' }],
    ['twice "no such task"', missing],
  ])('%s: nothing moves, and it is asked about again', async (_name, seen) => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    scene.seen = () => seen
    await scene.call(order.urls[0], callback('u1'))
    await scene.follow()
    // Not without a pause.
    expect(await scene.follow()).toBe(0)
    scene.clock.advance(1.1 * pollEveryMs)
    await scene.follow()
    expect(await scene.states(order)).toEqual(['unknown'])
    scene.seen = () => succeeded
    await settleHints(scene)
    expect(await scene.states(order)).toEqual(['running'])
    expect(scene.looked).toHaveLength(3)
  })

  test('a 429 stops us from asking for as long as it says', async () => {
    const scene = await openScene()
    const order = await scene.ordered(1, noAnswer)
    scene.seen = () => ({ kind: 'rate_limited', retryAfterMs: 45_000, detail: '429' })
    await scene.call(order.urls[0], callback('u1'))
    await scene.follow()
    scene.seen = () => succeeded
    scene.clock.advance(44_000)
    await scene.follow()
    expect(scene.looked).toHaveLength(1)
    scene.clock.advance(60_000)
    await scene.follow()
    expect(await scene.states(order)).toEqual(['running'])
  })
})
