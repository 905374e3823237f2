// 429 that one order, one account or one model alone meets: the others are posted.
import { expect, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { Order } from '../../src/upstream/adapter.ts'
import {
  never,
  after429Ms,
  turnMs,
  limit,
  limitPage,
  openScene,
  order,
  run,
  innocents,
  onePauseMs,
  pausesIn,
  isVideo,
} from './limited-scene.ts'

test('one order that alone is answered 429 lowers for good neither the limit nor its ceiling', async () => {
  const scene = await openScene(({ prompt }) => (prompt === 'a heron' ? limit : null))
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
    const scene = await openScene((asked) => (isVideo(asked) ? limit : null))
    for (let at = 0; at < orders; at += 1) {
      await order(scene, await scene.account(100_000), `a heron ${at}`, 'keevx-v')
    }
    const waits = await innocents(scene, 50)
    expect(waits.at(0)).toBeLessThanOrEqual(onePauseMs)
    expect(pausesIn(scene)).toBeLessThanOrEqual(1.1)
    const herons = [...scene.times].filter(([prompt]) => prompt.startsWith('a heron'))
    expect(herons.reduce((sum, [, times]) => sum + times, 0)).toBeLessThan(25)
  },
)

test('all orders of a model that is limited are tried one at a time, and all are posted once one is taken', async () => {
  let isLimited = true
  const taken = new Map<string, number>()
  const scene = await openScene((asked) => {
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
  const scene = await openScene((asked) => (isVideo(asked) && isLimited ? limit : null))
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
  const scene = await openScene(({ prompt }) => (prompt.includes('<script') ? answer : null))
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
  const scene = await openScene(({ prompt }) => (prompt.includes('<script') ? limit : null))
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
  const scene = await openScene(() => answer)
  for (let at = 0; at < 6; at += 1) await order(scene, await scene.account(100), `a heron ${at}`)
  await run(scene, 10 * after429Ms)
  const posts = [...scene.times.values()].reduce((sum, times) => sum + times, 0)
  expect(posts, 'all six at first, and one after each pause').toBeLessThanOrEqual(6 + 10)
  expect(pausesIn(scene)).toBeGreaterThan(8)
  expect(scene.firstAt.size, 'each has had its try').toBe(6)
})

test('429 to the only customer pauses his orders, be it a page, and loses none', async () => {
  let isLimited = true
  const scene = await openScene(() => (isLimited ? limitPage : null))
  const caller = await scene.account(100_000)
  for (let at = 0; at < 5; at += 1) await order(scene, caller, `a heron ${at}`)
  await run(scene, 4 * after429Ms)
  expect([...scene.times.values()].reduce((sum, times) => sum + times, 0)).toBeLessThanOrEqual(10)
  isLimited = false
  await run(scene, 10 * 60_000)
  expect(scene.firstAt.size).toBe(5)
  expect(await scene.balance(caller)).toBe(100_000 - 75)
})

test('a model that one key is refused is posted with another at once', async () => {
  const scene = await openScene(() => null, 'one, two')
  const submitted = scene.submitted
  const keys = new Set<string>()
  scene.submitted = (asked, key) => {
    keys.add(key)
    return isVideo(asked as Order) && key === 'one' ? limit : submitted(asked, key)
  }
  const caller = await scene.account(100_000)
  const waits: number[] = []
  for (let at = 0; at < 30; at += 1) {
    const from = scene.clock.now()
    await order(scene, caller, `a heron ${at}`, 'keevx-v')
    await order(scene, caller, `a crane ${at}`)
    await run(scene, 4_000)
    waits.push((scene.firstAt.get(`a heron ${at}`) ?? Infinity) - from)
  }
  expect(keys).toEqual(new Set(['one', 'two']))
  expect(Math.max(...waits)).toBeLessThanOrEqual(4_000)
})

test('a limit of some seconds that a burst of orders meets holds them no longer than one pause and a little', async () => {
  let isLimited = true
  const scene = await openScene((asked) => (isVideo(asked) && isLimited ? limit : null))
  const caller = await scene.account(100_000)
  const other = await scene.account(100_000)
  const taken = () => [...scene.times].filter(([prompt]) => prompt.startsWith('a heron')).length
  for (let at = 0; at < 16; at += 1) await order(scene, caller, `a heron ${at}`, 'keevx-v')
  for (let at = 0; at < 80; at += 1) {
    await order(scene, other, `a crane ${at}`)
    await run(scene, 1_000)
    isLimited = at < 3
  }
  expect(taken()).toBe(16)
  const { requests } = scene.ctx.db.read.tables
  const rows = await scene.ctx.db.read.select({ state: requests.state }).from(requests)
  expect(rows.filter(({ state }) => state === 'queued')).toEqual([])
})
