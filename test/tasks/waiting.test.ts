// Those who wait: told of changes whoever made them, bounded for each account and for all, and gone when they leave.
import { describe, expect, onTestFinished, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { createWaiting } from '../../src/tasks/wait/wait.ts'
import { statusOf } from '../../src/tasks/state.ts'
import type { TaskRow } from '../../src/tasks/store.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import type { Woken } from '../../src/tasks/wait/waiters.ts'
import type { Place, Waiting } from '../../src/tasks/wait/wait.ts'
import type { Observation } from '../../src/upstream/adapter.ts'
import { shortLimitsYaml } from '../support/gateway.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import { brokenOff, callback, openScene } from './callback-scene.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const task = { id: 'task_1', requestId: 'req_1' }

async function openWaiting(given?: DomainHarness): Promise<{ domain: DomainHarness; waiting: Waiting }> {
  const domain = given ?? (await openDomainHarness())
  const waiting = createWaiting(domain.ctx)
  onTestFinished(() => waiting.stop())
  return { domain, waiting }
}

/** The first wait only says that the task is to be read. */
async function settled(waiting: Waiting, of = task, account = 'acc_1'): Promise<Place> {
  const place = waiting.take(of, account)
  expect(await place.wait(2, Infinity)).toBe('changed')
  return place
}

const refusal = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return error
  }
  return null
}

async function pass({ clock }: DomainHarness, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    clock.advance(250)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a change is told to those who wait for that request, and to nobody else', async () => {
  const { domain, waiting } = await openWaiting()
  const [mine, sibling, other] = [
    await settled(waiting),
    await settled(waiting, { ...task, id: 'task_2' }),
    await settled(waiting, { id: 'task_3', requestId: 'req_2' }),
  ]
  const heard: string[] = []
  const listen = (place: Place, name: string) =>
    place.wait(2, Infinity).then((why) => heard.push(`${name} ${why}`))
  const waits = [listen(mine, 'mine'), listen(sibling, 'sibling'), listen(other, 'other')]
  domain.ctx.changes.tell('req_1')
  await Promise.all(waits.slice(0, 2))
  expect(heard).toEqual(['mine changed', 'sibling changed'])
  other.leave()
  await Promise.all(waits)
  expect(heard.at(-1)).toBe('other left')
})

test('what is told between two waits is not missed', async () => {
  const { domain, waiting } = await openWaiting()
  const place = await settled(waiting)
  domain.ctx.changes.tell('req_1')
  expect(await place.wait(2, Infinity)).toBe('changed')
})

/** What a place hears without any turn of the clock. */
async function heardAfter(
  place: Place,
  row: TaskRow,
  act: () => Promise<unknown>,
): Promise<Woken | 'nothing'> {
  const wait = place.wait(statusOf(row), Infinity)
  await act()
  return await Promise.race([wait, new Promise<'nothing'>((resolve) => setImmediate(resolve, 'nothing'))])
}

async function take(domain: DomainHarness): Promise<void> {
  for (const submission of await claimSubmissions(domain.ctx, domain.keevx, 1)) {
    await submit(domain.ctx, submission, new AbortController().signal)
  }
}

async function look(domain: DomainHarness, seen: Observation): Promise<void> {
  domain.seen = () => seen
  domain.clock.advance(60_000)
  for (const due of await claimPolls(domain.ctx, 1))
    await pollTask(domain.ctx, due, new AbortController().signal)
}

const result = {
  imageUrl: 'https://a.example/b.png',
  videoUrl: null,
  thumbnailUrl: null,
  width: null,
  height: null,
}

describe('it is told at once, when it is committed,', () => {
  const yaml = shortLimitsYaml.replace(/^ *image: .*$/m, '    image: { poll_every: 1s, give_up_after: 1h }')

  test.each<
    [string, (domain: DomainHarness) => Promise<unknown>, ((domain: DomainHarness) => Promise<unknown>)?]
  >([
    ['that an order was taken', take],
    [
      'that nobody is left to hear of an order',
      async (domain) => {
        await claimSubmissions(domain.ctx, domain.keevx, 1)
        domain.clock.advance(600_000)
        await rescue(domain.ctx)
      },
    ],
    [
      'that a task was made',
      (domain) => look(domain, { kind: 'succeeded', result: { ...result, durationSeconds: null } }),
      take,
    ],
    ['that a task failed', (domain) => look(domain, { kind: 'failed', reason: 'no', detail: 'no' }), take],
  ])('%s', async (_name, act, before) => {
    const { domain, waiting } = await openWaiting(await openDomainHarness({ yaml }))
    const created = await domain.order(await domain.account(100))
    await before?.(domain)
    const [row = expect.fail()] = await domain.tasks(created)
    const place = await settled(waiting, row)
    expect(await heardAfter(place, row, () => act(domain))).toBe('changed')
  })

  test('that a callback brought an order home whose answer was lost', async () => {
    const scene = await openScene()
    const { waiting } = await openWaiting(scene)
    const order = await scene.ordered(1, brokenOff)
    const [row = expect.fail()] = await scene.tasks(order.created)
    const place = await settled(waiting, row)
    scene.seen = () => ({ kind: 'running' })
    const heard = await heardAfter(place, row, async () => {
      await scene.call(order.urls[0], callback('u1'))
      await scene.follow()
    })
    expect(heard).toBe('changed')
    expect(await scene.states(order)).toEqual(['running'])
  })

  test('that the upstream has begun with a video', async () => {
    const { domain, waiting } = await openWaiting(await openDomainHarness({ yaml }))
    const created = await domain.order(await domain.account(10_000), 1, 'video')
    await take(domain)
    const [row = expect.fail()] = await domain.tasks(created)
    const place = await settled(waiting, row)
    expect(await heardAfter(place, row, () => look(domain, { kind: 'running' }))).toBe('changed')
  })

  test('and nothing is told of a look that found nothing new', async () => {
    const { domain, waiting } = await openWaiting(await openDomainHarness({ yaml }))
    const created = await domain.order(await domain.account(100))
    await take(domain)
    const [row = expect.fail()] = await domain.tasks(created)
    const place = await settled(waiting, row)
    expect(await heardAfter(place, row, () => look(domain, { kind: 'running' }))).toBe('nothing')
  })
})

test('a change that somebody else made in the store is seen within about a second', async () => {
  const domain = await openDomainHarness()
  const created = await domain.order(await domain.account(100))
  await take(domain)
  const [row = expect.fail()] = await domain.tasks(created)
  const { waiting } = await openWaiting(domain)
  const place = await settled(waiting, row)
  let woken: Woken | null = null
  const wait = place.wait(2, Infinity).then((why) => (woken = why))
  await pass(domain, 3_000)
  expect(woken).toBeNull()
  await domain.store.write('UPDATE tasks SET upstream_pending = true WHERE id = ?', [row.id])
  await pass(domain, 1_250)
  expect(await wait).toBe('changed')
})

test('one account has a thousand places, all together twenty thousand, and who leaves makes room', async () => {
  const { waiting } = await openWaiting()
  const places: Place[] = []
  for (let account = 0; account < 20; account += 1) {
    for (let at = 0; at < 1_000; at += 1) places.push(waiting.take(task, `acc_${account}`))
    if (account > 0) continue
    expect(refusal(() => waiting.take(task, 'acc_0'))).toMatchObject({
      type: 'rate_limited',
      retryAfterMs: 5_000,
    })
  }
  expect(waiting.count()).toBe(20_000)
  expect(refusal(() => waiting.take(task, 'acc_new'))).toMatchObject({
    type: 'rate_limited',
    retryAfterMs: 5_000,
  })
  places[0]?.leave()
  places[0]?.leave()
  expect(waiting.count()).toBe(19_999)
  // Room for all is left still, for this account no more.
  places[1_500]?.leave()
  waiting.take(task, 'acc_0')
  expect(refusal(() => waiting.take(task, 'acc_0'))).toMatchObject({ type: 'rate_limited' })
  waiting.take(task, 'acc_1')
  expect(waiting.count()).toBe(20_000)
})

test('after a stop nobody sleeps any more', async () => {
  const { waiting } = await openWaiting()
  const place = await settled(waiting)
  const wait = place.wait(2, Infinity)
  await waiting.stop()
  expect(await wait).toBe('stopped')
  expect(await waiting.take(task, 'acc_1').wait(2, Infinity)).toBe('stopped')
})
