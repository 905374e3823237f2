// What the owner of an order with a first frame sees of it, and until when it can be cancelled.
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/errors.ts'
import { cancelTask } from '../../src/tasks/queue/cancel.ts'
import { findTask, listTasks } from '../../src/tasks/read/find.ts'
import { queueDepth, stats } from '../../src/tasks/read/stats.ts'
import { taskDetail } from '../../src/tasks/read/task-detail.ts'
import { showTasks } from '../../src/tasks/read/view.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import { openStage, stageOf, text } from './first-frame-scene.ts'
import type { Stage } from './first-frame-scene.ts'

const typeOf = (error: unknown) => {
  if (error instanceof GatewayError) return error.type
  throw error
}

describe('cancelling', () => {
  const cancel = async ({ ctx, caller }: Stage, id: string | undefined) =>
    await cancelTask(ctx, caller.accountId, id ?? '').catch(typeOf)

  test('before the first frame is posted brings everything back, and nothing is posted', async () => {
    const stage = await openStage()
    const created = await stage.ordered()
    const [id] = created.taskIds
    expect(await cancel(stage, id)).toEqual({ taskId: id, creditsRefunded: 50 })
    expect(await stage.states(created)).toEqual({ order: 'failed', tasks: ['failed'], frame: 'failed' })
    await stage.dispatch()
    expect(stage.posted).toEqual([])
    expect(await stage.balance(stage.caller)).toBe(1_000)
    expect(await cancel(stage, id)).toEqual({ taskId: id, creditsRefunded: 50 })
    await stage.sound()
  })

  test('one of several outputs leaves the others, and the first frame is made for them', async () => {
    const stage = await openStage()
    const created = await stage.ordered({ generate_count: 2 })
    expect(await cancel(stage, created.taskIds[1])).toMatchObject({ creditsRefunded: 40 })
    await stage.sound()
    await stage.dispatch()
    await stage.poll()
    await stage.dispatch()
    expect(stage.postedOf('image_to_video')).toMatchObject([{ count: 1 }])
    await stage.poll()
    expect((await stage.states(created)).tasks).toEqual(['succeeded', 'failed'])
    // As much as an order of one output costs.
    expect(await stage.balance(stage.caller)).toBe(950)
    await stage.sound()
  })

  test('the output that bears the price of the first frame is possible once no other is left to be made of it', async () => {
    const stage = await openStage()
    const [first, second, third] = (await stage.ordered({ generate_count: 3 })).taskIds
    expect(await cancel(stage, first)).toBe('too_late')
    expect(await stage.balance(stage.caller)).toBe(870)
    expect(await cancel(stage, second)).toMatchObject({ creditsRefunded: 40 })
    expect(await cancel(stage, first)).toBe('too_late')
    expect(await cancel(stage, third)).toMatchObject({ creditsRefunded: 40 })
    expect(await cancel(stage, first)).toMatchObject({ creditsRefunded: 50 })
    expect(await stage.balance(stage.caller)).toBe(1_000)
    await stage.dispatch()
    expect(stage.posted).toEqual([])
    await stage.sound()
  })

  test.each<[string, (stage: Stage) => Promise<void>]>([
    ['while the first frame is made', async (stage) => await stage.dispatch()],
    [
      'while nobody knows whether it was taken',
      async (stage) => {
        stage.submits.image_generate = () => ({ kind: 'unknown', detail: 'no answer' })
        await stage.dispatch()
      },
    ],
    [
      'while it may be posted again, but was perhaps taken',
      async (stage) => {
        stage.submits.image_generate = () => ({ kind: 'ambiguous', cause: 'server_error', detail: '502' })
        await stage.dispatch()
      },
    ],
    [
      'between the steps',
      async (stage) => {
        await stage.dispatch()
        await stage.poll()
      },
    ],
  ])('%s is too late: paid work of the order is under way, and it goes on', async (_when, until) => {
    const stage = await openStage()
    const created = await stage.ordered()
    await until(stage)
    const refusal = cancelTask(stage.ctx, stage.caller.accountId, created.taskIds[0] ?? '')
    await expect(refusal).rejects.toMatchObject({
      type: 'too_late',
      text: { en: expect.stringMatching(/^The first frame of this task has already been ordered/) },
    })
    expect((await stage.states(created)).tasks).toEqual(['queued'])
    expect(await stage.balance(stage.caller)).toBe(950)
    await stage.sound()
  })

  test('after a 429 on the first frame is not too late: nothing was taken', async () => {
    const stage = await openStage()
    stage.submits.image_generate = () => ({ kind: 'rate_limited', retryAfterMs: null, detail: '429' })
    const created = await stage.ordered()
    await stage.dispatch()
    expect(await cancel(stage, created.taskIds[0])).toMatchObject({ creditsRefunded: 50 })
    await stage.sound()
  })

  test('the first frame itself is as impossible as that of a task that never was', async () => {
    const stage = await openStage()
    const created = await stage.ordered()
    expect(await cancel(stage, (await stage.frame(created)).task.id)).toBe('not_found')
  })
})

describe('its owner sees one task:', () => {
  test('lists, limits, counters and queries know nothing of the first frame', async () => {
    const stage = await openStage()
    const { ctx, caller } = stage
    const created = await stage.ordered()
    const { accountId } = caller
    const filter = { accountId, status: null, modelId: null, before: null, limit: 10 }
    const ids = async (of: object) =>
      (await listTasks(ctx.db.read, { ...filter, ...of })).rows.map(({ id }) => id)
    expect(await ids({})).toEqual(created.taskIds)
    expect(await ids({ status: 1 })).toEqual(created.taskIds)
    expect(await ids({ modelId: 'keevx-image-std' })).toEqual([])
    expect(await ids({ accountId: null })).toEqual(created.taskIds)
    const { task } = await stage.frame(created)
    expect(await findTask(ctx.db.read, accountId, task.id).catch(typeOf)).toBe('not_found')
    expect((await stats(ctx.db.read)).tasks).toEqual({ queued: 1 })
    const [account] = await ctx.db.read.select().from(ctx.db.read.tables.accounts)
    expect(account).toMatchObject({ tasksOpen: 1, creditsOpen: 50 })
    await stage.dispatch()
    await stage.poll()
    expect((await stats(ctx.db.read)).tasks).toEqual({ queued: 1 })
  })

  test('its place in the queue is that of the step that is ordered next', async () => {
    const stage = await openStage()
    const { ctx } = stage
    await stage.order(stage.caller)
    const created = await stage.ordered({ generate_count: 2 })
    const shown = async () => await showTasks(ctx.db.read, await stage.tasks(created), ctx.clock.now())
    expect(await shown()).toMatchObject([{ queue_position: 2 }, { queue_position: 2 }])
    await stage.dispatch()
    for (const view of await shown()) expect(view).not.toHaveProperty('queue_position')
    await stage.poll()
    expect(await shown()).toMatchObject([{ queue_position: 1 }, { queue_position: 1 }])
    await stage.dispatch()
    for (const view of await shown()) expect(view).not.toHaveProperty('queue_position')
  })

  test('a limit of one task in flight allows one such order', async () => {
    const yaml = 'limits: { tasks_in_flight: 1 }\nmedia: { store: none }\n'
    const domain = await openDomainHarness({ yaml })
    const stage = stageOf(domain, await domain.account(1_000))
    await stage.ordered()
    expect(await create(domain.ctx, stage.caller, text).catch(typeOf)).toBe('too_many_tasks')
  })
})

describe('its operator', () => {
  test('is not alarmed by the time that a first frame took: the video waits in the queue from then on', async () => {
    const stage = await openStage()
    const { ctx, clock } = stage
    await stage.ordered()
    await stage.dispatch()
    await stage.poll()
    const readyAt = clock.now()
    clock.advance(1_000)
    expect(await queueDepth(ctx.db.read)).toEqual({ waiting: 1, oldestSince: readyAt })
  })

  test('finds the order of a first frame by the id that the log has', async () => {
    const stage = await openStage()
    const { ctx, clock } = stage
    const created = await stage.ordered({ generate_count: 2 })
    const { task } = await stage.frame(created)
    const { requestId, taskIds } = created
    expect(await taskDetail(ctx.db.read, task.id, clock.now())).toMatchObject({
      credits: 0,
      first_frame_of: { request_id: requestId, task_ids: taskIds, credits: 10 },
    })
    const detail = await taskDetail(ctx.db.read, taskIds[0] ?? '', clock.now())
    expect(detail).not.toHaveProperty('first_frame_of')
  })
})
