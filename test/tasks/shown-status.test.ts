// What a client is shown of a task never goes back, whatever is answered late and in which order.
import { expect, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { listTasks } from '../../src/tasks/read/find.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls, pollTask } from '../../src/tasks/poll/poll.ts'
import { viewTask } from '../../src/tasks/read/view.ts'
import type { Created } from '../../src/tasks/create/create.ts'
import type { Observation, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { openWorkshop } from '../support/workshop.ts'
import type { Workshop } from '../support/workshop.ts'

const never = new AbortController().signal
const pending: Observation = { kind: 'pending' }
const running: Observation = { kind: 'running' }
const made: Observation = {
  kind: 'succeeded',
  result: {
    imageUrl: null,
    videoUrl: 'https://cdn.example/a.mp4',
    thumbnailUrl: null,
    width: 1920,
    height: 1080,
    durationSeconds: 6,
  },
}

async function shown(shop: Workshop, created: Created) {
  const [task] = await shop.tasks(created)
  const view = viewTask(task ?? expect.fail(), 0)
  const filter = { accountId: null, modelId: null, before: null, limit: 10 }
  for (const status of [1, 2, 3, 4] as const) {
    const listed = await listTasks(shop.ctx.db.read, { ...filter, status })
    expect(listed.rows.length, `listed under ${status}`).toBe(status === view.task_status ? 1 : 0)
  }
  return view
}

async function seen(shop: Workshop, created: Created, observation: Observation) {
  shop.seen = () => observation
  shop.clock.advance(200)
  for (const task of await claimPolls(shop.ctx, 1)) await pollTask(shop.ctx, task, never)
  return await shown(shop, created)
}

async function ordered(type: 'image' | 'video') {
  const shop = await openWorkshop()
  const created = await shop.order(await shop.account(1_000), 1, type)
  expect(await shown(shop, created)).toMatchObject({ task_status: 1 })
  const [submission] = await claimSubmissions(shop.ctx, shop.keevx, 1)
  expect(await shown(shop, created)).toMatchObject({ task_status: 1 })
  return { shop, created, submission: submission ?? expect.fail() }
}

test('a video is queued until Keevx says that it began, and its measures come with its result', async () => {
  const { shop, created, submission } = await ordered('video')
  await submit(shop.ctx, submission, never)
  const observations = [
    pending,
    pending,
    running,
    pending,
    { kind: 'unclear', detail: 'd' } as const,
    pending,
    made,
  ]
  const views = [await shown(shop, created)]
  for (const observation of observations) views.push(await seen(shop, created, observation))
  expect(views.map((view) => view.task_status)).toEqual([1, 1, 1, 2, 2, 2, 2, 3])
  expect(views.map((view) => view.duration)).toEqual([...Array(7).fill(null), 6])
  expect(views.map((view) => view.width)).toEqual([...Array(7).fill(null), 1920])
})

test('an image that was taken is being made, whatever is said later', async () => {
  const { shop, created, submission } = await ordered('image')
  await submit(shop.ctx, submission, never)
  expect(await shown(shop, created)).toMatchObject({ task_status: 2 })
  expect(await seen(shop, created, pending)).toMatchObject({ task_status: 2 })
})

test.each<[string, SubmitOutcome]>([
  ['taken', { kind: 'accepted', taskIds: ['i2v-1'] }],
  ['not taken', { kind: 'not_accepted', detail: 'd' }],
  ['limited', { kind: 'rate_limited', retryAfterMs: null, detail: 'd' }],
])('one of unknown outcome stays running when a late answer says that it was %s', async (_name, outcome) => {
  const { shop, created, submission } = await ordered('video')
  shop.clock.advance(17_000)
  await rescue(shop.ctx)
  expect(await shown(shop, created)).toMatchObject({ task_status: 2 })
  shop.submitted = () => outcome
  await submit(shop.ctx, submission, never)
  expect(await shown(shop, created)).toMatchObject({ task_status: 2 })
  shop.submitted = () => ({ kind: 'accepted', taskIds: ['i2v-2'] })
  shop.clock.advance(2_000)
  for (const again of await claimSubmissions(shop.ctx, shop.keevx, 1)) {
    expect(await shown(shop, created)).toMatchObject({ task_status: 2 })
    await submit(shop.ctx, again, never)
  }
  expect(await seen(shop, created, pending)).toMatchObject({ task_status: 2 })
})
