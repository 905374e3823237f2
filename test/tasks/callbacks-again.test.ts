// An order that was answered with a documented retry, while a callback says that its work was made all the same.
import { describe, expect, test } from 'vitest'
import {
  accepted,
  brokenOff,
  callback,
  failed,
  missing,
  openScene,
  pollEveryMs,
  succeeded,
} from './callback-scene.ts'
import type { Scene } from './callback-scene.ts'

describe('an order that is to be posted again', () => {
  const readyAgain = async (scene: Scene) => {
    const order = await scene.ordered(1, brokenOff)
    expect(await scene.call(order.urls[0], callback('u1'))).toBe('kept')
    scene.clock.advance(10_500)
    return order
  }

  test('waits while a callback has named work of it, and is taken up by that', async () => {
    const scene = await openScene()
    const order = await readyAgain(scene)
    for (let at = 0; at < 5; at += 1) {
      expect(await scene.dispatch(accepted('u2'))).toEqual([])
      scene.clock.advance(1_000)
    }
    scene.seen = () => succeeded
    await scene.follow()
    expect(await scene.dispatch(accepted('u2'))).toEqual([])
    expect(await scene.tasks(order.created)).toMatchObject([{ state: 'running', upstreamTaskId: 'u1' }])
    expect(scene.posted).toHaveLength(1)
  })

  test.each([
    ['never was', missing],
    ['has failed', failed],
  ])('is posted again once the work that was named %s', async (_words, seen) => {
    const scene = await openScene()
    const order = await readyAgain(scene)
    scene.seen = () => seen
    for (let at = 0; at < 20 && (await scene.hints()).length > 0; at += 1) {
      await scene.follow()
      scene.clock.advance(pollEveryMs)
    }
    await scene.dispatch(accepted('u2'))
    expect(scene.posted).toHaveLength(2)
    expect(await scene.tasks(order.created)).toMatchObject([{ upstreamTaskId: 'u2' }])
  })

  test('holds up nobody else meanwhile', async () => {
    const scene = await openScene()
    await readyAgain(scene)
    const other = await scene.ordered(1, accepted('u3'))
    expect(await scene.tasks(other.created)).toMatchObject([{ upstreamTaskId: 'u3' }])
  })
})
