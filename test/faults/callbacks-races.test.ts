// Callbacks, looks and sweeps at once, a thousand times: each task ends once, and gives back at most once.
import { expect, test } from 'vitest'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { callback, counted, failed, never, openScene, succeeded } from '../tasks/callback-scene.ts'
import type { Scene } from '../tasks/callback-scene.ts'

const orders = 125
const each = 8
const total = orders * each
const price = 15

/** Some time between now and a few turns of the event loop from now. */
async function soon(): Promise<void> {
  for (let turns = Math.floor(Math.random() * 4); turns > 0; turns -= 1) {
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Often enough to meet every callback halfway, and not so often that the test takes a minute. */
const nowAndThen = (): boolean => Math.random() < 0.05

const isMade = (upstreamTaskId: string): boolean => Number(upstreamTaskId.slice(1)) % 2 === 0

interface Placed {
  readonly url: string
  readonly ids: readonly string[]
}

/** A thousand tasks, every other of which will fail. `answer` may keep the ids from us. */
async function placed(
  scene: Scene,
  answer: (ids: string[]) => SubmitOutcome,
): Promise<{ placed: Placed[]; balance: () => Promise<number> }> {
  const caller = await scene.account(total * price)
  const all: Placed[] = []
  for (let at = 0; at < orders; at += 1) {
    const ids = Array.from({ length: each }, (_, index) => `u${at * each + index}`)
    await scene.order(caller, each)
    const [url = ''] = await scene.dispatch(answer(ids))
    all.push({ url, ids })
  }
  scene.seen = async (id) => {
    await soon()
    return isMade(id) ? succeeded : failed
  }
  return { placed: all, balance: () => scene.balance(caller) }
}

async function expectEachEndedOnce(scene: Scene, balance: number): Promise<void> {
  const { read } = scene.ctx.db
  const tasks = await read.select().from(read.tables.tasks)
  expect(tasks).toHaveLength(total)
  for (const { state, upstreamTaskId } of tasks) {
    expect(state).toBe(isMade(upstreamTaskId ?? '') ? 'succeeded' : 'failed')
  }
  const entries = await read.select().from(read.tables.entries)
  const refunds = entries.filter(({ kind }) => kind === 'refund')
  expect(refunds).toHaveLength(total / 2)
  expect(new Set(refunds.map(({ taskId }) => taskId)).size).toBe(total / 2)
  expect(balance).toBe((total / 2) * price)
  // Counted where a webhook would be written: with the end itself.
  expect(await counted(scene, 'tasks_ended_total', { state: 'succeeded' })).toBe(total / 2)
  expect(await counted(scene, 'tasks_ended_total', { state: 'failed' })).toBe(total / 2)
  expect(await scene.orphans()).toEqual([])
  await scene.ledgerAddsUp()
}

test('a thousand callbacks beside a thousand looks, twice each', async () => {
  const scene = await openScene()
  const { placed: all, balance } = await placed(scene, (taskIds) => ({ kind: 'accepted', taskIds }))
  scene.clock.advance(60_000)
  const held = await claimPolls(scene.ctx, total)
  expect(held).toHaveLength(total)
  await Promise.all([
    ...held.map(async (task) => {
      await soon()
      await pollTask(scene.ctx, task, never)
    }),
    ...all.flatMap(({ url, ids }) =>
      [...ids, ...ids].map(async (id) => {
        await soon()
        expect(['due', 'repeated']).toContain(
          await scene.call(url, callback(id, isMade(id) ? 'FAILED' : 'SUCCEEDED')),
        )
        if (nowAndThen()) await scene.poll()
      }),
    ),
  ])
  // What was told during a look is looked at once more, if it runs still.
  scene.clock.advance(60_000)
  while ((await scene.poll()) > 0) scene.clock.advance(60_000)
  await expectEachEndedOnce(scene, await balance())
})

test('a thousand tasks of unanswered orders, taken up while sweeps go by', async () => {
  const scene = await openScene()
  const { placed: all, balance } = await placed(scene, () => ({ kind: 'unknown', detail: 'no answer' }))
  await Promise.all(
    all.flatMap(({ url, ids }) =>
      [...ids, ...ids].map(async (id) => {
        await soon()
        expect(['kept', 'repeated', 'due']).toContain(await scene.call(url, callback(id)))
        if (nowAndThen()) await Promise.all([scene.follow(), scene.poll(), rescue(scene.ctx)])
      }),
    ),
  )
  while ((await scene.follow()) + (await scene.poll()) > 0) scene.clock.advance(1_000)
  expect(await scene.hints()).toEqual([])
  await expectEachEndedOnce(scene, await balance())
  expect(scene.posted).toHaveLength(orders)
})
