// An order between its two steps: a crash, a restored copy, late and repeated callbacks, and results that are kept.
import { expect, test } from 'vitest'
import { verifyLedger } from '../../src/ledger/verify.ts'
import { hearCallback } from '../../src/tasks/callbacks/receive.ts'
import { createFollowing } from '../../src/tasks/callbacks/resolve.ts'
import { admitCallback } from '../../src/tasks/callbacks/url.ts'
import { lateness, rescue } from '../../src/tasks/rescue/rescue.ts'
import { releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import { holdQueued } from '../../src/tasks/rescue/restored.ts'
import { claimSubmissions } from '../../src/tasks/submit/submit.ts'
import { unreachableTasks } from '../../src/tasks/unreachable/find.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import { frameUrl, openStage, stageOf } from './first-frame-scene.ts'
import type { Stage } from './first-frame-scene.ts'

const publicUrl = 'https://gate.example/sub'
const never = new AbortController().signal

/** The next process, on the same store, with the same customer. */
async function nextProcess(before: Stage): Promise<Stage> {
  const next = stageOf(await openDomainHarness({ after: before }), before.caller)
  await releaseLeases(next.ctx)
  await rescue(next.ctx)
  return next
}

const callbackOf = (id: string | null) => ({
  code: 0,
  msg: 'ok',
  task_type: 'image_generate',
  data: { task_id: id, status: 'SUCCEEDED', image_url: frameUrl, error_message: '' },
})

/** As the upstream calls; then whatever follows from it. */
async function callBack(stage: Stage, url: string | null | undefined, id: string | null): Promise<string> {
  const [attemptId = '', token = ''] = (url ?? '').split('/').slice(-2)
  const admitted = await admitCallback(stage.ctx, attemptId, token)
  if (!admitted) return 'not admitted'
  const heard = await hearCallback(stage.ctx, admitted, { body: callbackOf(id), secret: token })
  const following = createFollowing(stage.ctx)
  for (const each of await following.claim(10)) await following.run(each, never)
  return heard
}

test('a process that ends at any point between the steps is taken up by the next, and nothing is posted twice', async () => {
  const first = await openStage()
  const created = await first.ordered()
  const second = await nextProcess(first)
  await second.dispatch()
  const third = await nextProcess(second)
  // The stand-in of the next process knows no work of the one before: all it polls for here is the image.
  await third.poll()
  expect(await third.states(created)).toEqual({ order: 'queued', tasks: ['queued'], frame: 'succeeded' })
  const fourth = await nextProcess(third)
  await fourth.dispatch()
  expect(fourth.posted).toMatchObject([{ operation: 'image_to_video', imageUrls: [frameUrl] }])
  await fourth.poll()
  const fifth = await nextProcess(fourth)
  await fifth.dispatch()
  expect([second, third, fifth].map(({ posted }) => posted.length)).toEqual([1, 0, 0])
  expect((await fifth.states(created)).tasks).toEqual(['succeeded'])
  expect(await fifth.balance(first.caller)).toBe(950)
  await fifth.sound()
})

test('a process that dies while it posts the first frame leaves it unknown: it is not posted again, and all comes back', async () => {
  const first = await openStage()
  const created = await first.ordered()
  await claimSubmissions(first.ctx, first.keevx, 16)
  const next = await nextProcess(first)
  await next.dispatch()
  expect(await next.states(created)).toEqual({ order: 'waiting', tasks: ['queued'], frame: 'unknown' })
  expect(next.posted).toEqual([])
  next.clock.advance(3_500)
  await rescue(next.ctx)
  expect((await next.states(created)).tasks).toEqual(['failed'])
  expect(await next.balance(first.caller)).toBe(1_000)
  await next.sound()
})

test('a callback about the first frame that comes twice, and after the next step began, orders one video', async () => {
  const stage = await openStage(1_000, { publicUrl })
  const created = await stage.ordered()
  await stage.dispatch()
  const [url] = stage.callbackUrls
  const { upstreamTaskId } = (await stage.frame(created)).task
  for (let repeat = 0; repeat < 2; repeat += 1) expect(await callBack(stage, url, upstreamTaskId)).toBe('due')
  await stage.poll()
  expect(await callBack(stage, url, upstreamTaskId)).toBe('repeated')
  await stage.dispatch()
  expect(await callBack(stage, url, upstreamTaskId)).toBe('repeated')
  await stage.dispatch()
  await stage.poll()
  expect(stage.postedOf('image_to_video')).toHaveLength(1)
  expect((await stage.states(created)).tasks).toEqual(['succeeded'])
  await stage.sound()
})

test('a first frame whose answer was lost is found by its callback, and the order goes on', async () => {
  const stage = await openStage(1_000, { publicUrl })
  stage.submits.image_generate = () => ({ kind: 'unknown', detail: 'no answer' })
  const created = await stage.ordered()
  await stage.dispatch()
  expect(await callBack(stage, stage.callbackUrls[0], 'image-1')).toBe('kept')
  await stage.poll()
  expect((await stage.states(created)).order).toBe('queued')
  await stage.sound()
})

test('a first frame that is told of after it was given up is an orphan, and orders nothing', async () => {
  const stage = await openStage(1_000, { publicUrl })
  stage.submits.image_generate = () => ({ kind: 'unknown', detail: 'no answer' })
  const created = await stage.ordered()
  await stage.dispatch()
  stage.clock.advance(3_500)
  await rescue(stage.ctx)
  expect(await callBack(stage, stage.callbackUrls[0], 'image-1')).toBe('kept')
  await stage.dispatch()
  expect(stage.postedOf('image_to_video')).toEqual([])
  expect(await stage.states(created)).toEqual({ order: 'failed', tasks: ['failed'], frame: 'failed' })
  const { read } = stage.ctx.db
  expect(await read.select().from(read.tables.orphans)).toMatchObject([
    { reason: 'late_success', credits: 10 },
  ])
  expect(await stage.balance(stage.caller)).toBe(1_000)
  await stage.sound()
})

test('an order that waits in a restored copy may have been posted since: it is not posted from the copy', async () => {
  const stage = await openStage()
  const created = await stage.ordered()
  await stage.dispatch()
  const { ctx, clock } = stage
  const held = await holdQueued(ctx.db, { config: ctx.config, nowMs: clock.now() })
  expect(held).toEqual({ requests: 1, tasks: 1, credits: 50 })
  await stage.sound()
  await stage.poll()
  await stage.dispatch()
  expect(stage.postedOf('image_to_video')).toEqual([])
  clock.advance(1)
  await rescue(ctx)
  expect(await stage.states(created)).toMatchObject({ order: 'failed', tasks: ['failed'] })
  expect(await stage.balance(stage.caller)).toBe(1_000)
  await stage.sound()
})

test('an upstream that is removed while an order waits for its first frame is missed', async () => {
  const stage = await openStage()
  await stage.ordered({ generate_count: 2 })
  const { read } = stage.ctx.db
  // Its first frame is queued there too.
  expect(await unreachableTasks(read, { upstreams: {} })).toMatchObject([{ upstream: 'keevx', tasks: 3 }])
  await stage.dispatch()
  const found = await unreachableTasks(read, { upstreams: {} })
  expect(found.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(3)
})

test('a first frame is not kept for anybody: the video is ordered at once with the upstream’s own URL', async () => {
  const yaml = 'media: { store: disk }\nlimits: { requests_per_minute: off }\n'
  const stage = await openStage(1_000, { publicUrl, yaml })
  const created = await stage.ordered()
  await stage.dispatch()
  stage.clock.advance(20_000)
  await stage.poll()
  expect(await stage.states(created)).toEqual({ order: 'queued', tasks: ['queued'], frame: 'succeeded' })
  const { read } = stage.ctx.db
  expect(await read.select().from(read.tables.keeps)).toEqual([])
  await stage.sound()
})

test.each<[string, (ids: { order: string; frame: string; task: string }) => string[]]>([
  [
    'an order waits only while its first frame is being made',
    ({ order }) => [`UPDATE requests SET state = 'waiting' WHERE id = '${order}'`],
  ],
  [
    'an order is posted with the first frame that was made for it',
    ({ order }) => [`UPDATE requests SET first_frame_url = 'https://other.example/' WHERE id = '${order}'`],
  ],
  [
    'a first frame is made for an order of its account',
    ({ order }) => [`UPDATE requests SET first_frame_of = 'req_x' WHERE first_frame_of = '${order}'`],
  ],
  [
    'a first frame has no entries of its own, and no price',
    ({ frame }) => [
      `INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
        SELECT id, 'charge', 0, balance, '${frame}', 1 FROM accounts`,
    ],
  ],
  [
    'a task is the step that its request says',
    ({ task }) => [`UPDATE tasks SET step = NULL WHERE id = '${task}'`],
  ],
])('%s: the audit notices where it is not so', async (check, statements) => {
  const stage = await openStage()
  const created = await stage.ordered()
  await stage.dispatch()
  await stage.poll()
  const frame = (await stage.frame(created)).task.id
  const ids = { order: created.requestId, frame, task: created.taskIds[0] ?? '' }
  for (const statement of statements(ids)) await stage.store.spoil(statement, 'guards')
  const { ctx, clock } = stage
  const { drift } = await verifyLedger(ctx.db, clock.now(), lateness(ctx.config))
  expect(drift.map((each) => each.check)).toContain(check)
})

test.each<[string, string, (ids: { order: string; frame: string }) => string]>([
  [
    'an order does not wait again',
    'from the start, or not at all',
    ({ order }) => `UPDATE requests SET state = 'waiting' WHERE id = '${order}'`,
  ],
  [
    'a step stays a step',
    'a task is a step from the start',
    ({ frame }) => `UPDATE tasks SET step = NULL WHERE id = '${frame}'`,
  ],
  [
    'a first frame is not charged',
    'charged with the order that it is made for',
    ({ frame }) => `INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
      SELECT id, 'charge', 0, balance, '${frame}', 1 FROM accounts`,
  ],
])('the schema holds it: %s', async (_what, words, statement) => {
  const stage = await openStage()
  const created = await stage.ordered()
  await stage.dispatch()
  await stage.poll()
  const ids = { order: created.requestId, frame: (await stage.frame(created)).task.id }
  await expect(stage.store.write(statement(ids))).rejects.toThrow(words)
  await stage.sound()
})

test('the schema holds it: an order is not queued before its first frame is made, nor without it', async () => {
  const stage = await openStage()
  const { requestId } = await stage.ordered()
  const queued = (url: string) =>
    stage.store.write(
      `UPDATE requests SET state = 'queued', first_frame_url = ${url} WHERE id = '${requestId}'`,
    )
  await expect(queued("'https://a.example/'")).rejects.toThrow('once that is made')
  await expect(queued('NULL')).rejects.toThrow('once that is made')
  await stage.sound()
})
