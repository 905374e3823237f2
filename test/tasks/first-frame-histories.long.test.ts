// Random histories of orders with a first frame: either step fails, is lost or repeated, processes end, orders are cancelled.
import { expect, test } from 'vitest'
import type { Created } from '../../src/tasks/create/created.ts'
import { frameOf } from '../../src/tasks/first-frame/rows.ts'
import { cancelTask } from '../../src/tasks/queue/cancel.ts'
import { releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { requestById, tasksOfRequest } from '../../src/tasks/store.ts'
import { claimSubmissions } from '../../src/tasks/submit/submit.ts'
import type { Observation, Order, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { chanceOf } from '../simulation/chance.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { dispatchAll, drift, pollAll, result } from './archive/scene.ts'

const stepsMax = 150
const credits = 1_000_000
const film: Observation = {
  kind: 'succeeded',
  result: { ...result, imageUrl: null, videoUrl: 'https://example.com/a.mp4' },
}

/** What was posted and may have been made, by the upstream's own books. */
interface Paid {
  readonly order: Order
  readonly prompt: string
}

test.each([1, 2, 3, 4, 5, 6])('history %i', async (seed) => {
  const chance = chanceOf(seed)
  let domain = await openDomainHarness()
  const caller = await domain.account(credits)
  const paid: Paid[] = []
  const images = new Set<string>()
  const orders: { readonly created: Created; readonly prompt: string; readonly key: string }[] = []
  const take = (order: Order): string[] => {
    paid.push({ order, prompt: order.prompt })
    return Array.from({ length: order.count }, () => {
      const id = `work-${paid.length}-${chance.seed()}`
      if (order.operation === 'image_generate') images.add(id)
      return id
    })
  }
  const upstream = (each: DomainHarness) => {
    each.submitted = (posted): SubmitOutcome => {
      const order = posted as Order
      return chance.weigh<() => SubmitOutcome>([
        [6, () => ({ kind: 'accepted', taskIds: take(order) })],
        [1, () => ({ kind: 'refused', reason: 'No.', detail: 'no' })],
        [1, () => (take(order), { kind: 'unknown', detail: 'its answer was lost' })],
        [1, () => ({ kind: 'not_accepted', detail: 'busy' })],
        [1, () => ({ kind: 'rate_limited', retryAfterMs: null, detail: '429' })],
        [1, () => ({ kind: 'accepted', taskIds: [] })],
      ])()
    }
    each.seen = (id) =>
      chance.weigh<Observation>([
        [2, { kind: 'running' }],
        [4, images.has(id) ? { kind: 'succeeded', result } : film],
        [1, { kind: 'failed', reason: 'No.', detail: 'no' }],
        [1, { kind: 'unclear', detail: 'garbage' }],
      ])
  }
  upstream(domain)

  const order = async () => {
    const prompt = `a heron ${orders.length}`
    const key = `key ${orders.length}`
    const body = {
      model_id: chance.pick(['keevx-kl', 'keevx-s']),
      prompt,
      generate_count: chance.pick([1, 1, 3]),
    }
    const { created } = await create(domain.ctx, caller, body, key)
    // A client that repeats it gets the same order.
    if (chance.oneIn(3)) {
      expect((await create(domain.ctx, caller, body, key)).created).toEqual(created)
    }
    orders.push({ created, prompt, key })
  }
  const cancel = async () => {
    const { created } = chance.pick(orders)
    await cancelTask(domain.ctx, caller.accountId, chance.pick(created.taskIds)).catch(() => null)
  }
  /** The process ends, perhaps with orders claimed that it never posted. */
  const crash = async () => {
    if (chance.oneIn(2)) await claimSubmissions(domain.ctx, domain.keevx, chance.pick([1, 16]))
    domain = await openDomainHarness({ after: domain })
    upstream(domain)
    await releaseLeases(domain.ctx)
    await rescue(domain.ctx)
  }
  const wait = () => domain.clock.advance(chance.pick([100, 1_000, 5_000]))
  const loops = [() => dispatchAll(domain), () => pollAll(domain), () => rescue(domain.ctx)]
  await order()
  for (let step = 0; step < stepsMax; step += 1) {
    const steps = step < stepsMax - 60 ? [order, order, cancel, crash] : []
    await chance.pick<() => unknown>([...steps, wait, ...loops, ...loops, ...loops])()
    if (step % 10 === 0) expect(await drift(domain)).toEqual([])
  }
  // Whatever is still open reaches its limit.
  for (let round = 0; round < 20; round += 1) {
    domain.clock.advance(5_000)
    for (const loop of loops) await loop()
  }
  expect(await drift(domain)).toEqual([])

  let spent = 0
  const ends = { succeeded: 0, withoutFrame: 0 }
  const { read } = domain.ctx.db
  for (const { created, prompt } of orders) {
    const tasks = await tasksOfRequest(read, created)
    expect(tasks.every(({ state }) => state === 'succeeded' || state === 'failed')).toBe(true)
    spent += tasks.reduce((sum, task) => sum + task.credits - task.creditsRefunded, 0)
    const works = paid.filter((each) => each.prompt === prompt).map((each) => each.order)
    const made = (operation: string) => works.filter((each) => each.operation === operation)
    // Each step was paid for at most once, and the video only of the frame that was made.
    expect(made('image_generate').length).toBeLessThanOrEqual(1)
    expect(made('image_to_video').length).toBeLessThanOrEqual(1)
    expect(made('image_to_video').every(({ imageUrls }) => imageUrls[0] === result.imageUrl)).toBe(true)
    const frame = await frameOf(read, created.requestId)
    const [request] = await requestById(read, { id: created.requestId })
    if (made('image_to_video').length > 0) expect(frame?.task.state).toBe('succeeded')
    if (frame?.task.state === 'failed')
      expect([request?.state, made('image_to_video')]).toEqual(['failed', []])
    if (frame?.task.state === 'failed') ends.withoutFrame += 1
    if (tasks.some(({ state }) => state === 'succeeded')) {
      ends.succeeded += 1
      expect([made('image_generate').length, made('image_to_video').length]).toEqual([1, 1])
    }
  }
  expect(await domain.balance(caller)).toBe(credits - spent)
  expect(Math.min(ends.succeeded, ends.withoutFrame)).toBeGreaterThan(0)
})
