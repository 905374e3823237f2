// An order that makes its first frame first: one order and one price, each step posted once, all credits back if either fails.
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/errors.ts'
import { reasonIn, reasons } from '../../src/reasons.ts'
import { showTasks } from '../../src/tasks/read/view.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { accepted, forbidden, frameUrl, openStage, text } from './first-frame-scene.ts'
import type { Stage } from './first-frame-scene.ts'

const steps = async ({ ctx, clock, tasks }: Stage, created: Awaited<ReturnType<Stage['ordered']>>) =>
  (await showTasks(ctx.db.read, await tasks(created), clock.now())).map((view) =>
    'steps' in view ? view.steps?.map(({ status }) => status) : null,
  )

const typeOf = (error: unknown) => {
  if (error instanceof GatewayError) return error.type
  throw error
}

describe('a text alone to a model that needs an image', () => {
  test('is one order at one price: the image is posted first, and the video with that image', async () => {
    const stage = await openStage()
    const created = await stage.ordered()
    expect(created).toMatchObject({ credits: 50, steps: [{ step: 'first_frame' }, { step: 'video' }] })
    expect(await stage.balance(stage.caller)).toBe(950)
    expect(await stage.states(created)).toEqual({ order: 'waiting', tasks: ['queued'], frame: 'queued' })
    expect(await steps(stage, created)).toEqual([[1, 1]])
    await stage.sound()
    await stage.dispatch()
    expect(stage.posted).toMatchObject([
      { operation: 'image_generate', prompt: text.prompt, aspectRatio: '16:9', imageUrls: [], count: 1 },
    ])
    expect(await steps(stage, created)).toEqual([[2, 1]])
    await stage.sound()
    await stage.poll()
    expect(await stage.states(created)).toEqual({ order: 'queued', tasks: ['queued'], frame: 'succeeded' })
    expect(await steps(stage, created)).toEqual([[3, 1]])
    await stage.sound()
    await stage.dispatch()
    expect(stage.posted).toHaveLength(2)
    expect(stage.posted[1]).toMatchObject({
      operation: 'image_to_video',
      prompt: text.prompt,
      imageUrls: [frameUrl],
    })
    await stage.poll()
    expect(await stage.states(created)).toEqual({
      order: 'accepted',
      tasks: ['succeeded'],
      frame: 'succeeded',
    })
    expect(await steps(stage, created)).toEqual([[3, 3]])
    expect(await stage.balance(stage.caller)).toBe(950)
    await stage.sound()
  })

  test('with several outputs makes one first frame for all, and the first output bears its price', async () => {
    const stage = await openStage()
    const created = await stage.ordered({ generate_count: 3 })
    expect(created.credits).toBe(130)
    expect((await stage.tasks(created)).map(({ credits }) => credits)).toEqual([50, 40, 40])
    await stage.dispatch()
    await stage.poll()
    await stage.dispatch()
    expect(stage.postedOf('image_generate')).toHaveLength(1)
    expect(stage.postedOf('image_to_video')).toMatchObject([{ count: 3, imageUrls: [frameUrl] }])
    await stage.poll()
    expect((await stage.states(created)).tasks).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(await stage.balance(stage.caller)).toBe(870)
    await stage.sound()
  })

  test('is not ordered at all by an account that could pay one step but not both', async () => {
    const stage = await openStage(49)
    expect(await stage.ordered().catch(typeOf)).toBe('insufficient_credits')
    await stage.dispatch()
    expect(stage.posted).toEqual([])
    expect(await stage.balance(stage.caller)).toBe(49)
    await stage.sound()
  })

  test('is bounded by max_credits and by quotes as the sum of both steps', async () => {
    const stage = await openStage()
    expect(await stage.ordered({ max_credits: 49 }).catch(typeOf)).toBe('invalid_request')
    expect((await stage.ordered({ max_credits: 50 })).credits).toBe(50)
  })

  test('is one order for its Idempotency-Key, with the same answer; two without a key are two', async () => {
    const stage = await openStage()
    const first = await stage.ordered({}, 'key')
    await stage.dispatch()
    expect(await stage.ordered({}, 'key')).toEqual(first)
    await stage.ordered()
    await stage.dispatch()
    expect(stage.postedOf('image_generate')).toHaveLength(2)
    expect(await stage.balance(stage.caller)).toBe(900)
    await stage.sound()
  })
})

describe('if the first frame', () => {
  test('fails, no video is ordered, all credits come back, and the reason says which step it was', async () => {
    const stage = await openStage()
    stage.polls.image_generate = forbidden
    const created = await stage.ordered({ generate_count: 2 })
    await stage.dispatch()
    await stage.poll()
    await stage.dispatch()
    expect(await stage.states(created)).toEqual({
      order: 'failed',
      tasks: ['failed', 'failed'],
      frame: 'failed',
    })
    expect(stage.postedOf('image_to_video')).toEqual([])
    expect(await stage.balance(stage.caller)).toBe(1_000)
    const [task] = await stage.tasks(created)
    expect(task?.errorMessage).toBe(
      'The first frame could not be made, so no video was ordered and all credits came back. It is not allowed.',
    )
    expect(reasonIn('zh', task?.errorMessage ?? '')).toBe(
      '首帧未能生成,因此未提交视频,积分已全部退还。It is not allowed.',
    )
    expect(reasonIn('en', task?.errorMessage ?? '')).toBe(task?.errorMessage)
    await stage.sound()
  })

  test.each<[string, SubmitOutcome]>([
    ['is refused', { kind: 'refused', reason: 'No.', detail: 'no' }],
    ['is accepted without an id', { kind: 'accepted', taskIds: [] }],
  ])('%s, the order fails with it at once', async (_how, outcome) => {
    const stage = await openStage()
    stage.submits.image_generate = () => outcome
    const created = await stage.ordered()
    await stage.dispatch()
    expect((await stage.states(created)).tasks).toEqual(['failed'])
    expect(await stage.balance(stage.caller)).toBe(1_000)
    await stage.sound()
  })

  test('is answered with 429s and 5xx, it is posted again as Keevx documents, and the order goes on', async () => {
    const stage = await openStage()
    const answers: SubmitOutcome[] = [
      { kind: 'rate_limited', retryAfterMs: null, detail: '429' },
      { kind: 'ambiguous', cause: 'server_error', detail: '502' },
    ]
    stage.submits.image_generate = () => answers.shift() ?? accepted()
    const created = await stage.ordered()
    for (let round = 0; round < 3; round += 1) {
      await stage.dispatch()
      stage.clock.advance(500)
    }
    await stage.poll()
    expect(stage.postedOf('image_generate')).toHaveLength(3)
    expect((await stage.states(created)).order).toBe('queued')
    await stage.sound()
  })

  test('was perhaps taken, it is never posted again, and given up at its limit with all credits back', async () => {
    const stage = await openStage()
    stage.submits.image_generate = () => ({ kind: 'unknown', detail: 'no answer' })
    const created = await stage.ordered()
    await stage.dispatch()
    await stage.dispatch()
    expect(await stage.states(created)).toEqual({ order: 'waiting', tasks: ['queued'], frame: 'unknown' })
    await stage.sound()
    stage.clock.advance(3_500)
    await rescue(stage.ctx)
    await stage.dispatch()
    expect((await stage.states(created)).tasks).toEqual(['failed'])
    expect(stage.posted).toHaveLength(1)
    expect(await stage.balance(stage.caller)).toBe(1_000)
    await stage.sound()
  })

  test('is not taken within queue_for, the order fails; if it was, the video has that time for itself', async () => {
    const stage = await openStage()
    const late = await stage.ordered()
    stage.clock.advance(19_000)
    expect((await stage.states(late)).frame).toBe('queued')
    await stage.dispatch()
    await stage.poll()
    // A 429 does not shorten that time.
    stage.submits.image_to_video = () => ({ kind: 'rate_limited', retryAfterMs: null, detail: '429' })
    await stage.dispatch()
    stage.clock.advance(15_000)
    await rescue(stage.ctx)
    // 35 seconds after it was ordered, and 15 after its video could be posted: queue_for is 20.
    expect((await stage.states(late)).tasks).toEqual(['queued'])
    await stage.sound()
    stage.clock.advance(6_000)
    await rescue(stage.ctx)
    expect((await stage.states(late)).tasks).toEqual(['failed'])
    expect(await stage.balance(stage.caller)).toBe(1_000)
    await stage.sound()
    const stuck = await stage.ordered()
    stage.clock.advance(21_000)
    await rescue(stage.ctx)
    expect((await stage.states(stuck)).tasks).toEqual(['failed'])
    await stage.sound()
  })

  test.each([
    [
      'has its result at an address that is not public',
      { imageUrl: 'http://169.254.169.254/secret', videoUrl: null },
    ],
    ['has a result that is no image', { imageUrl: null, videoUrl: 'https://made.example/film.mp4' }],
  ])('%s, it is no result', async (_how, urls) => {
    const stage = await openStage()
    stage.polls.image_generate = {
      kind: 'succeeded',
      result: {
        ...urls,
        thumbnailUrl: null,
        width: null,
        height: null,
        durationSeconds: null,
      },
    }
    const created = await stage.ordered()
    await stage.dispatch()
    await stage.poll()
    await stage.dispatch()
    expect(await stage.states(created)).toMatchObject({ order: 'waiting', frame: 'running' })
    expect(stage.postedOf('image_to_video')).toEqual([])
  })

  test('is still being made at its limit, it is given up, all credits come back and no video is ordered', async () => {
    const stage = await openStage()
    const created = await stage.ordered()
    stage.polls.image_generate = { kind: 'running' }
    await stage.dispatch()
    stage.clock.advance(3_500)
    await stage.poll()
    expect((await stage.states(created)).tasks).toEqual(['failed'])
    await stage.dispatch()
    expect(stage.postedOf('image_to_video')).toEqual([])
    expect(await stage.balance(stage.caller)).toBe(1_000)
    await stage.sound()
  })
})

describe('if the video', () => {
  test('fails, all credits come back, those of the first frame too', async () => {
    const stage = await openStage()
    stage.polls.image_to_video = forbidden
    const created = await stage.ordered()
    await stage.dispatch()
    await stage.poll()
    await stage.dispatch()
    await stage.poll()
    expect(await stage.states(created)).toEqual({ order: 'accepted', tasks: ['failed'], frame: 'succeeded' })
    expect(await steps(stage, created)).toEqual([[3, 4]])
    expect(await stage.balance(stage.caller)).toBe(1_000)
    await stage.sound()
  })

  test('cannot be made of its first frame, the reason says so, and not that the customer gave a bad image', async () => {
    const stage = await openStage()
    stage.submits.image_to_video = () => ({
      kind: 'refused',
      reason: reasons.imageUnreachable,
      detail: '100006',
    })
    const created = await stage.ordered()
    await stage.dispatch()
    await stage.poll()
    await stage.dispatch()
    const [task] = await stage.tasks(created)
    expect(task?.errorMessage).toMatch(/^The first frame was made, but the video service could not use it/)
    expect(await stage.balance(stage.caller)).toBe(1_000)
    await stage.sound()
  })

  test('is answered with a 5xx, it is posted again with the same first frame, which is not made anew', async () => {
    const stage = await openStage()
    const answers: SubmitOutcome[] = [{ kind: 'ambiguous', cause: 'server_error', detail: '502' }]
    stage.submits.image_to_video = () => answers.shift() ?? accepted()
    const created = await stage.ordered()
    await stage.dispatch()
    await stage.poll()
    await stage.dispatch()
    stage.clock.advance(500)
    await stage.dispatch()
    expect(stage.postedOf('image_generate')).toHaveLength(1)
    expect(stage.postedOf('image_to_video')).toMatchObject([
      { imageUrls: [frameUrl] },
      { imageUrls: [frameUrl] },
    ])
    expect((await stage.states(created)).tasks).toEqual(['running'])
    await stage.sound()
  })
})
