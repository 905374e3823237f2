// What a client is shown of a task never goes back, whatever is answered late and in which order.
import { expect, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { listTasks } from '../../src/tasks/read/find.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { viewTask } from '../../src/tasks/read/view.ts'
import type { Created } from '../../src/tasks/create/created.ts'
import type { Observation, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

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

async function shown(domain: DomainHarness, created: Created) {
  const [task] = await domain.tasks(created)
  const view = viewTask(task ?? expect.fail(), 0)
  const filter = { accountId: null, modelId: null, before: null, limit: 10 }
  for (const status of [1, 2, 3, 4] as const) {
    const listed = await listTasks(domain.ctx.db.read, { ...filter, status })
    expect(listed.rows.length, `listed under ${status}`).toBe(status === view.task_status ? 1 : 0)
  }
  return view
}

async function seen(domain: DomainHarness, created: Created, observation: Observation) {
  domain.seen = () => observation
  domain.clock.advance(200)
  for (const task of await claimPolls(domain.ctx, 1)) await pollTask(domain.ctx, task, never)
  return await shown(domain, created)
}

async function ordered(type: 'image' | 'video') {
  const domain = await openDomainHarness()
  const created = await domain.order(await domain.account(1_000), 1, type)
  expect(await shown(domain, created)).toMatchObject({ task_status: 1 })
  const [submission] = await claimSubmissions(domain.ctx, domain.keevx, 1)
  expect(await shown(domain, created)).toMatchObject({ task_status: 1 })
  return { domain, created, submission: submission ?? expect.fail() }
}

test('a video is queued until Keevx says that it began, and its measures come with its result', async () => {
  const { domain, created, submission } = await ordered('video')
  await submit(domain.ctx, submission, never)
  const observations = [
    pending,
    pending,
    running,
    pending,
    { kind: 'unclear', detail: 'd' } as const,
    pending,
    made,
  ]
  const views = [await shown(domain, created)]
  for (const observation of observations) views.push(await seen(domain, created, observation))
  expect(views.map((view) => view.task_status)).toEqual([1, 1, 1, 2, 2, 2, 2, 3])
  expect(views.map((view) => view.duration)).toEqual([...Array(7).fill(null), 6])
  expect(views.map((view) => view.width)).toEqual([...Array(7).fill(null), 1920])
})

test('an image that was taken is being made, whatever is said later', async () => {
  const { domain, created, submission } = await ordered('image')
  await submit(domain.ctx, submission, never)
  expect(await shown(domain, created)).toMatchObject({ task_status: 2 })
  expect(await seen(domain, created, pending)).toMatchObject({ task_status: 2 })
})

test.each<[string, SubmitOutcome]>([
  ['taken', { kind: 'accepted', taskIds: ['i2v-1'] }],
  ['not taken', { kind: 'not_accepted', detail: 'd' }],
  ['limited', { kind: 'rate_limited', retryAfterMs: null, detail: 'd' }],
])('one of unknown outcome stays running when a late answer says that it was %s', async (_name, outcome) => {
  const { domain, created, submission } = await ordered('video')
  domain.clock.advance(17_000)
  await rescue(domain.ctx)
  expect(await shown(domain, created)).toMatchObject({ task_status: 2 })
  domain.submitted = () => outcome
  await submit(domain.ctx, submission, never)
  expect(await shown(domain, created)).toMatchObject({ task_status: 2 })
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2v-2'] })
  domain.clock.advance(2_000)
  for (const again of await claimSubmissions(domain.ctx, domain.keevx, 1)) {
    expect(await shown(domain, created)).toMatchObject({ task_status: 2 })
    await submit(domain.ctx, again, never)
  }
  expect(await seen(domain, created, pending)).toMatchObject({ task_status: 2 })
})
