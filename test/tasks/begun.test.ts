// That a task is running is told when its owner sees it so, whatever makes it so, and once.
import { expect, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { holdQueued } from '../../src/tasks/rescue/restored.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { viewTask } from '../../src/tasks/read/view.ts'
import type { Caller } from '../../src/accounts/callers.ts'
import type { Created } from '../../src/tasks/create/created.ts'
import type { Observation, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { eventTypes } from '../../src/db/tables.ts'
import { setEndpoint } from '../../src/webhooks/endpoint.ts'
import { shortLimitsYaml } from '../support/gateway.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness, DomainHarnessOptions } from '../support/domain-harness.ts'
import { brokenOff, callback, openScene } from './callback-scene.ts'

const never = new AbortController().signal
const pending: Observation = { kind: 'pending' }
const running: Observation = { kind: 'running' }
const result = { imageUrl: null, thumbnailUrl: null, width: 1920, height: 1080, durationSeconds: 6 }
const made: Observation = {
  kind: 'succeeded',
  result: { ...result, videoUrl: 'https://cdn.example/a.mp4' },
}

const chooseAll = async ({ ctx }: DomainHarness, { accountId }: Caller) =>
  await setEndpoint(ctx, accountId, { url: 'https://receiver.invalid/hook', types: eventTypes })

/** Type and `task_status` of what was written down, oldest first. */
async function told({ ctx }: DomainHarness): Promise<string[]> {
  const { webhookDeliveries: deliveries } = ctx.db.read.tables
  const rows = await ctx.db.read.select().from(deliveries).orderBy(deliveries.id)
  return rows.map(({ type, body }) => `${type} ${JSON.parse(body).data.task_status}`)
}

async function ordered(type: 'image' | 'video', options: DomainHarnessOptions = {}, count = 1) {
  const domain = await openDomainHarness(options)
  const wakes: string[] = []
  const ctx = { ...domain.ctx, wake: (name: string) => void wakes.push(name) }
  const caller = await domain.account(1_000)
  await chooseAll(domain, caller)
  const created = await domain.order(caller, count, type)
  const [submission] = await claimSubmissions(ctx, domain.keevx, 1)
  const look = async (observation: Observation) => {
    domain.seen = () => observation
    domain.clock.advance(200)
    for (const task of await claimPolls(ctx, 8)) await pollTask(ctx, task, never)
  }
  return { domain, ctx, created, submission: submission ?? expect.fail(), look, wakes }
}

const shown = async (domain: DomainHarness, created: Created): Promise<number[]> =>
  (await domain.tasks(created)).map((task) => viewTask(task, 0).task_status)

test('an image runs when it was taken: each of the order, in the commit that shows it', async () => {
  const { domain, ctx, created, submission, look, wakes } = await ordered('image', {}, 2)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1', 'i2is-2'] })
  expect(await told(domain)).toEqual([])
  await submit(ctx, submission, never)
  expect(await shown(domain, created)).toEqual([2, 2])
  expect(await told(domain)).toEqual(['task.running 2', 'task.running 2'])
  expect(wakes).toContain('deliver')
  await look(running)
  expect(await told(domain)).toHaveLength(2)
})

test('a video runs when a look says so, and not again with the next', async () => {
  const { domain, ctx, created, submission, look, wakes } = await ordered('video')
  await submit(ctx, submission, never)
  await look(pending)
  expect(await shown(domain, created)).toEqual([1])
  expect(await told(domain)).toEqual([])
  expect(wakes).not.toContain('deliver')
  await look(running)
  expect(await told(domain)).toEqual(['task.running 2'])
  expect(wakes).toContain('deliver')
  for (const observation of [running, pending, running, made]) await look(observation)
  expect(await told(domain)).toEqual(['task.running 2', 'task.succeeded 3'])
})

test('of two looks that both saw it begin, as after a lease that ended, one tells', async () => {
  const { domain, ctx, submission } = await ordered('video')
  await submit(ctx, submission, never)
  domain.clock.advance(200)
  const [task] = await claimPolls(ctx, 1)
  if (!task) throw new Error('its poll is due')
  await Promise.all([pollTask(ctx, task, never), pollTask(ctx, task, never)])
  expect(await told(domain)).toEqual(['task.running 2'])
})

test('one that was made before any look saw it run never shows as running, and is not told as such', async () => {
  const { domain, ctx, submission, look } = await ordered('video')
  await submit(ctx, submission, never)
  await look(made)
  expect(await told(domain)).toEqual(['task.succeeded 3'])
})

const kept = {
  publicUrl: 'https://gate.example',
  yaml: shortLimitsYaml.replace('media: { store: none }', ''),
}

test('but while its result is being kept, it does', async () => {
  const { domain, ctx, created, submission, look, wakes } = await ordered('video', kept)
  await submit(ctx, submission, never)
  await look(made)
  expect(await domain.tasks(created)).toMatchObject([{ state: 'storing', upstreamPending: false }])
  expect(await told(domain)).toEqual(['task.running 2'])
  expect(wakes).toContain('deliver')
})

test('and not where the result is passed on in the same commit', async () => {
  const { domain, ctx, created, submission } = await ordered('video', kept)
  await submit(ctx, submission, never)
  domain.seen = () => made
  domain.clock.advance(200)
  const broken = { ...ctx, resultStore: { ...ctx.resultStore, state: () => 'down' as const } }
  for (const task of await claimPolls(ctx, 1)) await pollTask(broken, task, never)
  expect(await shown(domain, created)).toEqual([3])
  expect(await told(domain)).toEqual(['task.succeeded 3'])
})

test.each<['image' | 'video', string, SubmitOutcome]>([
  ['video', 'taken', { kind: 'accepted', taskIds: ['i2v-1'] }],
  ['video', 'not taken', { kind: 'not_accepted', detail: 'd' }],
  ['image', 'taken', { kind: 'accepted', taskIds: ['i2is-1'] }],
])(
  '%s: one of unknown outcome shows as running; that it was %s tells nothing more',
  async (type, _what, outcome) => {
    const { domain, ctx, created, submission, look, wakes } = await ordered(type)
    domain.clock.advance(17_000)
    await rescue(ctx)
    expect(await shown(domain, created)).toEqual([2])
    expect(await told(domain)).toEqual(['task.running 2'])
    expect(wakes).toContain('deliver')
    domain.submitted = () => outcome
    await submit(ctx, submission, never)
    domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2v-2'] })
    domain.clock.advance(2_000)
    for (const again of await claimSubmissions(ctx, domain.keevx, 1)) await submit(ctx, again, never)
    await look(running)
    expect(await told(domain)).toEqual(['task.running 2'])
  },
)

test('an answer that says nothing of the order is one of unknown outcome', async () => {
  const { domain, ctx, submission, wakes } = await ordered('image', {}, 2)
  domain.submitted = () => ({ kind: 'unknown', detail: 'no answer' })
  await submit(ctx, submission, never)
  expect(await told(domain)).toEqual(['task.running 2', 'task.running 2'])
  expect(wakes).toContain('deliver')
})

test('an order that a callback found although it waited to be posted again runs from then on', async () => {
  const scene = await openScene()
  const order = await scene.ordered(2, brokenOff)
  await chooseAll(scene, order.caller)
  expect(await shown(scene, order.created)).toEqual([1, 1])
  scene.seen = () => running
  await scene.call(order.urls[0], callback('i2is-1', 'RUNNING'))
  await scene.follow()
  expect(await shown(scene, order.created)).toEqual([2, 2])
  expect(await told(scene)).toEqual(['task.running 2', 'task.running 2'])
})

test('a copy that was put in place of the store tells nobody what it only supposes', async () => {
  const domain = await openDomainHarness()
  const caller = await domain.account(1_000)
  await chooseAll(domain, caller)
  const created = await domain.order(caller)
  await holdQueued(domain.ctx.db, { config: domain.ctx.config, nowMs: domain.clock.now() })
  expect(await shown(domain, created)).toEqual([2])
  expect(await told(domain)).toEqual([])
})
