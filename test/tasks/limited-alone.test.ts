// 429 that one order, one account or one model alone meets: the others are posted.
import { expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/keys.ts'
import { newId } from '../../src/ids.ts'
import { createTasks } from '../../src/tasks/create/create.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { claimPolls, pollTask } from '../../src/tasks/poll/poll.ts'
import type { Order, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { quickYaml } from '../support/gateway.ts'
import { openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const never = new AbortController().signal
const after429Ms = 30_000
const turnMs = 500
const yaml = quickYaml
  .replace('queue_for: 5m', 'queue_for: 30m')
  .replace('after_429: 100ms', 'after_429: 30s')
  .replace('in_flight: 16', 'in_flight: auto')

const limit: SubmitOutcome = { kind: 'rate_limited', retryAfterMs: null, detail: 'HTTP 429, code 100029' }
const limitPage: SubmitOutcome = {
  kind: 'rate_limited',
  retryAfterMs: null,
  detail: 'HTTP 429: <html>',
  isPage: true,
}

interface Scene extends Workshop {
  /** When an order with these words was first posted, and how often. */
  readonly firstAt: Map<string, number>
  readonly times: Map<string, number>
  pausedTurns: number
}

/** What is answered to an order; null: it is taken. */
function openScene(answer: (order: Order) => SubmitOutcome | null): Scene {
  const memory = { firstAt: new Map<string, number>(), times: new Map<string, number>(), pausedTurns: 0 }
  const scene = Object.assign(openWorkshop({ yaml }), memory)
  let works = 0
  scene.submitted = (asked) => {
    const posted = asked as Order
    const { prompt } = posted
    if (!scene.firstAt.has(prompt)) scene.firstAt.set(prompt, scene.clock.now())
    scene.times.set(prompt, (scene.times.get(prompt) ?? 0) + 1)
    return answer(posted) ?? { kind: 'accepted', taskIds: [`i2is-${(works += 1)}`] }
  }
  return scene
}

async function order({ ctx, clock }: Workshop, caller: Caller, prompt: string, model = 'gpt-image-2') {
  const images = model === 'gpt-image-2' ? {} : { image_urls: ['https://cdn.example.com/a.png'] }
  return await createTasks(ctx, caller, { model_id: model, prompt, ...images }, newId('req', clock.now()))
}

async function run(scene: Scene, ms: number): Promise<void> {
  const { ctx, clock, keevx } = scene
  for (const endAt = clock.now() + ms; clock.now() < endAt; clock.advance(turnMs)) {
    // As the poll loop does: until nothing is claimed any more.
    for (let turn = 0; turn < 20; turn += 1) {
      const claimed = await claimSubmissions(ctx, keevx, 256)
      if (claimed.length === 0) break
      await Promise.all(claimed.map((submission) => submit(ctx, submission, never)))
    }
    if (keevx.keys.report(clock.now()).some(({ state }) => state === 'paused')) scene.pausedTurns += 1
  }
}

/** Somebody orders each two seconds; how long each of these waited to be posted, the longest first. */
async function innocents(scene: Scene, count: number, between?: () => Promise<unknown>): Promise<number[]> {
  const caller = await scene.account(100_000)
  const sentAt = new Map<string, number>()
  for (let at = 0; at < count; at += 1) {
    const words = `a crane ${at}`
    sentAt.set(words, scene.clock.now())
    await order(scene, caller, words)
    await between?.()
    await run(scene, 2_000)
  }
  const waits = [...sentAt].map(([words, at]) => (scene.firstAt.get(words) ?? Infinity) - at)
  return waits.toSorted((one, other) => other - one)
}

/** A pause of the key, after which orders begin one by one: here one each turn. */
const onePauseMs = after429Ms + 20 * turnMs

const pausesIn = ({ pausedTurns }: Scene): number => (pausedTurns * turnMs) / after429Ms
const isVideo = ({ operation }: Order): boolean => operation !== 'image_generate'

test('one order that alone is answered 429 lowers for good neither the limit nor its ceiling', async () => {
  const scene = openScene(({ prompt }) => (prompt === 'a heron' ? limit : null))
  const caller = await scene.account(100_000)
  // Posted together with others, it is one 429 of three in flight.
  for (const words of ['a stork', 'a heron', 'a crane']) await order(scene, caller, words)
  await run(scene, turnMs)
  const seen = () => scene.keevx.keys.report(scene.clock.now())[0]?.submits
  expect(seen()).toMatchObject({ ceiling: 2 })
  await innocents(scene, 20)
  expect(seen()).toMatchObject({ ceiling: null, limit: 16, moved: { reason: 'revoked' } })
})

test.each([1, 5])(
  '%i orders of one model are always answered 429: the key pauses once, and then the other model goes on',
  async (orders) => {
    const scene = openScene((asked) => (isVideo(asked) ? limit : null))
    for (let at = 0; at < orders; at += 1) {
      await order(scene, await scene.account(100_000), `a heron ${at}`, 'keevx-v')
    }
    const waits = await innocents(scene, 50)
    expect(waits.at(0)).toBeLessThanOrEqual(onePauseMs)
    expect(pausesIn(scene)).toBeLessThanOrEqual(1.1)
    const herons = [...scene.times].filter(([prompt]) => prompt.startsWith('a heron'))
    expect(herons.reduce((sum, [, times]) => sum + times, 0)).toBeLessThan(12)
  },
)

test('all orders of a model that is limited are tried one at a time, and all are posted once one is taken', async () => {
  let isLimited = true
  const taken = new Map<string, number>()
  const scene = openScene((asked) => {
    if (isVideo(asked) && isLimited) return limit
    if (isVideo(asked)) taken.set(asked.prompt, scene.clock.now())
    return null
  })
  for (let at = 0; at < 40; at += 1) {
    await order(scene, await scene.account(100_000), `a heron ${at}`, 'keevx-v')
  }
  const waits = await innocents(scene, 50)
  expect(waits.at(0)).toBeLessThanOrEqual(onePauseMs)
  const posts = [...scene.times].filter(([prompt]) => prompt.startsWith('a heron'))
  expect(posts.reduce((sum, [, times]) => sum + times, 0)).toBeLessThan(100)
  expect(posts.length, 'the others are not even tried').toBeLessThanOrEqual(20)
  isLimited = false
  // The next try is at most ten minutes away; those that were never tried come back with it.
  for (let at = 0; at < 1_200 && taken.size < 24; at += 1) await run(scene, turnMs)
  const takenAt = [...taken.values()]
  expect(takenAt.length).toBeGreaterThanOrEqual(24)
  expect(Math.max(...takenAt) - Math.min(...takenAt)).toBeLessThanOrEqual(4 * turnMs)
  for (let at = 0; at < 1_200 && taken.size < 40; at += 1) await run(scene, turnMs)
  expect(taken.size).toBe(40)
})

test('while one of a limited model tries the others wait, and they come back with its answer', async () => {
  let isLimited = true
  const scene = openScene((asked) => (isVideo(asked) && isLimited ? limit : null))
  const video = async (words: string) => await order(scene, await scene.account(100_000), words, 'keevx-v')
  await video('a heron 1')
  await innocents(scene, 20)
  await video('a heron 2')
  await run(scene, turnMs)
  await video('a heron 3')
  await video('a heron 4')
  await run(scene, turnMs)
  expect(scene.firstAt.has('a heron 3'), 'it is not even tried').toBe(false)
  isLimited = false
  const { ctx, clock, keevx } = scene
  const claim = async () => await claimSubmissions(ctx, keevx, 256)
  let trial = await claim()
  for (let at = 0; at < 1_300 && trial.length === 0; at += 1) {
    clock.advance(turnMs)
    trial = await claim()
  }
  expect(trial).toHaveLength(1)
  for (let at = 0; at < 4; at += 1) {
    clock.advance(turnMs)
    expect(await claim()).toEqual([])
  }
  for (const submission of trial) await submit(ctx, submission, never)
  await run(scene, turnMs)
  expect(scene.firstAt.size).toBe(20 + 4)
})

test.each([
  ['an answer of an API, after which the key pauses once', limit, 1.1],
  ['a page, after which no key pauses', limitPage, 0],
])('orders of one account are answered 429 with %s: others go on', async (_case, answer, pausesMax) => {
  const scene = openScene(({ prompt }) => (prompt.includes('<script') ? answer : null))
  const attacker = await scene.account(100_000)
  let made = 0
  const waits = await innocents(
    scene,
    120,
    async () => await order(scene, attacker, `<script>${(made += 1)}`),
  )
  expect(pausesIn(scene)).toBeLessThanOrEqual(pausesMax)
  expect(waits.at(0)).toBeLessThanOrEqual(pausesMax === 0 ? turnMs : onePauseMs)
  const attacks = [...scene.times].filter(([prompt]) => prompt.includes('<script'))
  expect(attacks.reduce((sum, [, times]) => sum + times, 0)).toBeLessThan(20)
})

test('an account whose orders are answered 429 now and then, and nobody else, pauses the key three times at most', async () => {
  const scene = openScene(({ prompt }) => (prompt.includes('<script') ? limit : null))
  const attacker = await scene.account(100_000)
  let made = 0
  await innocents(scene, 70, async () => {
    await order(scene, attacker, `a heron ${(made += 1)}`)
    await order(scene, attacker, `<script>${made}`)
  })
  expect(pausesIn(scene)).toBeLessThanOrEqual(3.1)
})

test.each([
  ['in an answer of an API', limit],
  ['in a page', limitPage],
])('429 to everybody %s pauses the key, and nobody is tried meanwhile', async (_case, answer) => {
  const scene = openScene(() => answer)
  for (let at = 0; at < 6; at += 1) await order(scene, await scene.account(100), `a heron ${at}`)
  await run(scene, 10 * after429Ms)
  const posts = [...scene.times.values()].reduce((sum, times) => sum + times, 0)
  expect(posts, 'all six at first, and one after each pause').toBeLessThanOrEqual(6 + 10)
  expect(pausesIn(scene)).toBeGreaterThan(8)
  expect(scene.firstAt.size, 'each has had its try').toBe(6)
})

test('429 to the only customer pauses his orders, be it a page, and loses none', async () => {
  let isLimited = true
  const scene = openScene(() => (isLimited ? limitPage : null))
  const caller = await scene.account(100_000)
  for (let at = 0; at < 5; at += 1) await order(scene, caller, `a heron ${at}`)
  await run(scene, 4 * after429Ms)
  expect([...scene.times.values()].reduce((sum, times) => sum + times, 0)).toBeLessThanOrEqual(5)
  isLimited = false
  await run(scene, 10 * 60_000)
  expect(scene.firstAt.size).toBe(5)
  expect(await scene.balance(caller)).toBe(100_000 - 75)
})

test('429 to the polls of two works in a row keeps orders waiting too: it may be all calls that are too many', async () => {
  const scene = openScene(() => null)
  scene.seen = () => ({ kind: 'rate_limited', retryAfterMs: null, detail: 'HTTP 429' })
  const caller = await scene.account(100)
  await order(scene, caller, 'a stork 1')
  await order(scene, caller, 'a stork 2')
  await run(scene, 10_000)
  expect(scene.pausedTurns).toBe(0)
  const tasks = await claimPolls(scene.ctx, 2)
  expect(tasks).toHaveLength(2)
  await Promise.all(tasks.map((task) => pollTask(scene.ctx, task, never)))
  await order(scene, caller, 'a crane')
  await run(scene, after429Ms - turnMs)
  expect(scene.firstAt.has('a crane')).toBe(false)
  await run(scene, 2 * turnMs)
  expect(scene.firstAt.has('a crane')).toBe(true)
})

test('works whose polls alone are answered 429 keep no order waiting', async () => {
  const scene = openScene(() => null)
  const isOdd = (id: string) => Number(id.slice(5)) <= 10
  scene.seen = (id) =>
    isOdd(id) ? { kind: 'rate_limited', retryAfterMs: null, detail: 'HTTP 429' } : { kind: 'running' }
  for (let at = 0; at < 20; at += 1) await order(scene, await scene.account(100), `a stork ${at}`)
  await run(scene, turnMs)
  const waits = await innocents(scene, 30, async () => {
    for (const task of await claimPolls(scene.ctx, 1)) await pollTask(scene.ctx, task, never)
  })
  expect(waits.at(0)).toBeLessThanOrEqual(onePauseMs)
  expect(waits[Math.floor(waits.length / 2)]).toBeLessThanOrEqual(turnMs)
})
