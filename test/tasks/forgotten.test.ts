// Callbacks of work that an older copy of the store does not know: written down with its price where their token can be known, else counted.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { carryAttempts } from '../../src/tasks/callbacks/forgotten.ts'
import { isUnknownAttempt } from '../../src/tasks/callbacks/url.ts'
import { createCleaning } from '../../src/tasks/rescue/cleanup.ts'
import { holdQueued } from '../../src/tasks/rescue/restored.ts'
import { stats } from '../../src/tasks/read/stats.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { newFolder } from '../support/folder.ts'
import { newStoreUrl, openTestStore } from '../support/test-store.ts'
import { accepted, callback, counted, noAnswer, openScene, succeeded } from './callback-scene.ts'
import type { Order, Scene } from './callback-scene.ts'

const dayMs = 24 * 60 * 60_000
const price = 15

interface Restored {
  /** On the copy. */
  readonly scene: Scene
  /** Waits in the copy, and was posted after it. */
  readonly waiting: Order
  /** Made after the copy. */
  readonly later: Order
}

async function restored(): Promise<Restored> {
  const before = await openScene()
  const caller = await before.account(1_000)
  const created = await before.order(caller)
  const copy = join(newFolder(), 'copy.db')
  await storeAt(before.store.databaseUrl).backUp(copy)
  const store = openTestStore(newStoreUrl())
  await storeAt(store.databaseUrl).restore(copy, async () => undefined)
  const waiting = { caller, created, urls: await before.dispatch(accepted('u-waiting')) }
  const later = await before.ordered(2, accepted('u-1', 'u-2'))
  const scene = await openScene({ store, clock: before.clock })
  const nowMs = before.clock.now()
  const carry = () =>
    storeAt(before.store.databaseUrl)
      .lookAt({ anyVersion: true })
      .snapshot((read) => carryAttempts(read, scene.ctx.db, nowMs))
  expect(await carry()).toBe(2)
  expect(await carry(), 'once').toBe(0)
  await holdQueued(scene.ctx.db, { config: scene.ctx.config, nowMs })
  return { scene, waiting, later }
}

test('an order that was made after the copy: its work is an orphan with its price, once, and nothing else moves', async () => {
  const { scene, later } = await restored()
  const [url] = later.urls
  expect(await scene.call(url, callback('u-1'))).toBe('forgotten')
  expect(await scene.call(url, callback('u-1'))).toBe('repeated')
  expect(await scene.call(url, callback('u-2'))).toBe('forgotten')
  const { forgottenWorks } = scene.ctx.db.read.tables
  expect(await scene.ctx.db.read.select().from(forgottenWorks)).toMatchObject([
    { upstream: 'keevx', upstreamTaskId: 'u-1', credits: price },
    { upstream: 'keevx', upstreamTaskId: 'u-2', credits: price },
  ])
  expect((await stats(scene.ctx.db.read)).orphans).toEqual({ forgotten: 2 })
  expect(await counted(scene, 'orphans_total', { reason: 'forgotten' })).toBe(2)
  await scene.ledgerAddsUp()
})

test('a wrong token, another operation, our own secret and more works than an order can have are none', async () => {
  const { scene, later } = await restored()
  const [url = ''] = later.urls
  expect(await scene.call(`${url}x`, callback('u-1'))).toBeNull()
  expect(await scene.call(url, { nonsense: true })).toBe('unreadable')
  expect(await scene.call(url, callback('u-1', 'SUCCEEDED', 'image_to_video'))).toBe('unreadable')
  expect(await scene.call(url, callback(url.split('/').at(-1) ?? ''))).toBe('unreadable')
  for (let at = 0; at < 32; at += 1) expect(await scene.call(url, callback(`w-${at}`))).toBe('forgotten')
  expect(await scene.call(url, callback('w-32'))).toBe('too_many')
})

test('an order that waited in the copy and was posted after it is waited for, and its customer has what was made', async () => {
  const { scene, waiting } = await restored()
  await rescue(scene.ctx)
  expect(await scene.states(waiting)).toEqual(['unknown'])
  scene.seen = () => succeeded
  await scene.call(waiting.urls[0], callback('u-waiting'))
  await scene.follow()
  await scene.poll()
  expect(await scene.states(waiting)).not.toContain('failed')
  expect(scene.posted).toEqual([])
  await scene.ledgerAddsUp()
})

test('an attempt that nobody knows is told from a wrong token, and tokens are forgotten in their time', async () => {
  const { scene, later, waiting } = await restored()
  const idOf = (order: Order) => order.urls[0]?.split('/').at(-2) ?? ''
  expect(await isUnknownAttempt(scene.ctx, 'att_000000000000000000000000000')).toBe(true)
  expect(await isUnknownAttempt(scene.ctx, idOf(later))).toBe(false)
  expect(await isUnknownAttempt(scene.ctx, idOf(waiting))).toBe(false)
  scene.clock.advance(7 * dayMs)
  expect(await scene.call(later.urls[0], callback('u-1'))).toBeNull()
  const forgetting = createCleaning(scene.ctx)
  while (await forgetting.turn());
  expect(await isUnknownAttempt(scene.ctx, idOf(later))).toBe(true)
})

test('a store from before there were callbacks has nothing to carry', async () => {
  const scene = await openScene()
  const before = await scene.ordered(1, noAnswer)
  const broken = { rows: async () => await Promise.reject(new Error('no such column')) } as any
  expect(await carryAttempts(broken, scene.ctx.db, scene.clock.now())).toBe(0)
  expect(await scene.states(before)).toEqual(['unknown'])
})
