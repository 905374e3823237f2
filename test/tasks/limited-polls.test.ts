// 429 to the polls of some works: the others are polled, and orders are posted.
import { expect, test } from 'vitest'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { never, after429Ms, turnMs, openScene, order, run, innocents, onePauseMs } from './limited-scene.ts'

test('429 to the polls of two works in a row keeps orders waiting too: it may be all calls that are too many', async () => {
  const scene = await openScene(() => null)
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

test('one work that asks for an hour of patience keeps the others unasked no longer than any 429 does', async () => {
  const scene = await openScene(() => null)
  scene.seen = (id) =>
    id === 'i2is-1'
      ? { kind: 'rate_limited', retryAfterMs: 3_600_000, detail: 'HTTP 429' }
      : { kind: 'running' }
  const look = async () => {
    const tasks = await claimPolls(scene.ctx, 2)
    await Promise.all(tasks.map((task) => pollTask(scene.ctx, task, never)))
  }
  const caller = await scene.account(100)
  await order(scene, caller, 'a stork 1')
  await order(scene, caller, 'a stork 2')
  await run(scene, 10_000)
  await look()
  const looks = scene.looked.filter((id) => id === 'i2is-2').length
  scene.clock.advance(2 * after429Ms)
  await look()
  expect(scene.looked.filter((id) => id === 'i2is-2').length).toBeGreaterThan(looks)
})

test('works whose polls alone are answered 429 keep no order waiting', async () => {
  const scene = await openScene(() => null)
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
