// Orders of several accounts that a firewall turns away for their words stop nobody else, and come to an end.
import { expect, test } from 'vitest'
import type { Caller } from '../../src/accounts/callers.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { pickProbe } from '../../src/tasks/queue/probe.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { quickYaml } from '../support/gateway.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const yaml = quickYaml.replace('queue_for: 5m', 'queue_for: 30m').replace('in_flight: 16', 'in_flight: auto')
const turnMs = 500
const waitMaxMs = 2_000

interface Scene extends DomainHarness {
  /** When an order with these words was first posted. */
  readonly postedAt: Map<string, number>
  /** Turns in which new orders were held on suspicion of the key or of the address. */
  suspectedTurns: number
}

const page = (status: number): SubmitOutcome =>
  status === 200
    ? { kind: 'unknown', detail: 'HTTP 200: <html>', isForeign: true }
    : { kind: 'order_trouble', status, detail: `HTTP ${status}: <html>` }

async function openScene(status: number, config = yaml): Promise<Scene> {
  const postedAt = new Map<string, number>()
  const scene = Object.assign(await openDomainHarness({ yaml: config }), { postedAt, suspectedTurns: 0 })
  let works = 0
  scene.submitted = (asked) => {
    const { prompt } = asked as { prompt: string }
    if (!postedAt.has(prompt)) postedAt.set(prompt, scene.clock.now())
    return prompt.includes('<script') ? page(status) : { kind: 'accepted', taskIds: [`i2is-${(works += 1)}`] }
  }
  return scene
}

const order = async ({ ctx }: DomainHarness, caller: Caller, prompt: string) =>
  (await create(ctx, caller, { model_id: 'gpt-image-2', prompt })).created

async function run(scene: Scene, ms: number, stepMs = turnMs): Promise<void> {
  const { ctx, clock, keevx } = scene
  for (const endAt = clock.now() + ms; clock.now() < endAt; clock.advance(stepMs)) {
    const claimed = await claimSubmissions(ctx, keevx, 256)
    await Promise.all(claimed.map((submission) => submit(ctx, submission, never)))
    const isSuspected = keevx.keys.report(clock.now()).some(({ state }) => state !== 'ready')
    if (isSuspected || keevx.recognition.isEstranged()) scene.suspectedTurns += 1
  }
}

/** Orders as somebody new does, and returns how long that waited to be posted. */
async function waitOfInnocent(scene: Scene, words: string): Promise<number> {
  const begun = scene.clock.now()
  await order(scene, await scene.account(100), words)
  await run(scene, waitMaxMs + turnMs)
  return (scene.postedAt.get(words) ?? Infinity) - begun
}

async function poison(scene: Scene, accounts: number, each: number) {
  const orders = []
  for (let at = 0; at < accounts; at += 1) {
    const caller = await scene.account(1_000)
    for (let of = 0; of < each; of += 1) {
      orders.push({ caller, created: await order(scene, caller, `<script>${at}-${of}`) })
    }
  }
  return orders
}

test.each([
  ...[200, 403, 404].map((status) => ({ status, accounts: 2 })),
  ...[200, 400, 402, 403, 404, 406, 451].map((status) => ({ status, accounts: 5 })),
])(
  '$status to orders of $accounts accounts: whoever is new is posted within two seconds',
  async ({ status, accounts }) => {
    const scene = await openScene(status)
    await poison(scene, accounts, 6)
    await run(scene, 20_000)
    for (const words of ['a heron', 'a stork']) {
      expect(await waitOfInnocent(scene, words)).toBeLessThanOrEqual(waitMaxMs)
      await poison(scene, accounts, 3)
      await run(scene, 3_000)
    }
  },
)

test.each([{ status: 404, accounts: 2 }, ...[400, 402, 404].map((status) => ({ status, accounts: 5 }))])(
  '$status to orders of $accounts accounts: they end with their credits back after few posts, and are soon no suspicion',
  async ({ status, accounts }) => {
    const scene = await openScene(status)
    const poisoned = await poison(scene, accounts, 2)
    await run(scene, 10_000)
    const innocent = await scene.account(10_000)
    const orderOn = async (times: number) => {
      for (let at = 0; at < times; at += 1) {
        await order(scene, innocent, 'a heron')
        await run(scene, 10_000, 1_000)
      }
    }
    await orderOn(2)
    scene.suspectedTurns = 0
    await orderOn(38)
    expect(scene.suspectedTurns).toBe(0)
    for (const { caller, created } of poisoned) {
      expect(await scene.tasks(created)).toMatchObject([
        { state: 'failed', creditsRefunded: 15, errorMessage: expect.stringContaining('turned away') },
      ])
      expect(await scene.balance(caller)).toBe(1_000)
    }
    expect(scene.posted.length).toBeLessThanOrEqual(40 + 10 * poisoned.length)
  },
)

test('pages that orders alone meet are their own trouble while polls are answered', async () => {
  const scene = await openScene(404)
  const running = await scene.account(10_000)
  await order(scene, running, 'a heron')
  await run(scene, turnMs)
  scene.seen = () => ({ kind: 'running' })
  const poisoned = await poison(scene, 5, 2)
  for (let at = 0; at < 60; at += 1) {
    // Those that are taken prove that it is not all orders that are turned away.
    if (at % 2 === 0) await order(scene, running, 'a heron')
    await run(scene, 1_000)
    for (const task of await claimPolls(scene.ctx, 16)) await pollTask(scene.ctx, task, never)
  }
  expect(scene.suspectedTurns).toBeLessThanOrEqual(4)
  for (const { created } of poisoned) expect(await scene.tasks(created)).toMatchObject([{ state: 'failed' }])
  expect(scene.posted.length).toBeLessThanOrEqual(31 + 6 * poisoned.length)
})

test('402 stays suspected while polls are answered: they say nothing of what the account may order', async () => {
  const scene = await openScene(402)
  await order(scene, await scene.account(100), 'a heron')
  await run(scene, turnMs)
  scene.seen = () => ({ kind: 'running' })
  const orders = await poison(scene, 5, 1)
  for (let at = 0; at < 60; at += 1) {
    await run(scene, 1_000)
    for (const task of await claimPolls(scene.ctx, 16)) await pollTask(scene.ctx, task, never)
  }
  expect(scene.keevx.keys.report(scene.clock.now())).toMatchObject([{ state: 'suspected' }])
  for (const { created } of orders) expect(await scene.tasks(created)).toMatchObject([{ state: 'queued' }])
})

test('orders of accounts that are in trouble are not tried ahead of their time', async () => {
  const scene = await openScene(403)
  await poison(scene, 5, 30)
  await run(scene, 1_000)
  const before = scene.posted.length
  await run(scene, 20_000)
  expect(scene.posted.length - before).toBeLessThan(8)
})

test('of orders that wait, one that has met trouble is not the probe', async () => {
  const scene = await openScene(403)
  const [first, second] = await poison(scene, 1, 2)
  const keys = {
    isInTrouble: (id: string) => id === first?.created.requestId,
    isTroubled: () => true,
    isLimitedModel: () => false,
  }
  const sought = { upstream: 'keevx', free: 16, slots: scene.keevx.slots, caution: 'probe', keys } as const
  expect(await pickProbe(scene.ctx.db.read, sought)).toMatchObject({ id: second?.created.requestId })
  expect(await pickProbe(scene.ctx.db.read, { ...sought, caution: 'try' })).toBeNull()
})

test.each([
  { status: 402, accounts: 1 },
  { status: 400, accounts: 2 },
  { status: 421, accounts: 2 },
  { status: 403, accounts: 2 },
])(
  '$status for a minute to all orders of $accounts accounts costs none of them, though polls are answered',
  async ({ status, accounts }) => {
    const scene = await openScene(status)
    await order(scene, await scene.account(100), 'a heron')
    await run(scene, turnMs)
    scene.seen = () => ({ kind: 'running' })
    const orders = await poison(scene, accounts, 3)
    for (let at = 0; at < 12; at += 1) {
      await run(scene, 5_000)
      for (const task of await claimPolls(scene.ctx, 16)) await pollTask(scene.ctx, task, never)
    }
    for (const { created } of orders) expect(await scene.tasks(created)).toMatchObject([{ state: 'queued' }])
    scene.submitted = () => ({ kind: 'accepted', taskIds: [`i2is-${scene.posted.length}`] })
    await run(scene, 3 * 60_000, 5_000)
    for (const { created } of orders) expect(await scene.tasks(created)).toMatchObject([{ state: 'running' }])
  },
)

test('what is paused for minutes because nothing was taken comes back as soon as something is, one by one', async () => {
  const scene = await openScene(402)
  const orders = await poison(scene, 1, 3)
  await run(scene, 150_000, 1_000)
  for (const { created } of orders) expect(await scene.tasks(created)).toMatchObject([{ state: 'queued' }])
  scene.submitted = () => ({ kind: 'accepted', taskIds: [`i2is-${scene.posted.length}`] })
  const before = scene.posted.length
  await order(scene, await scene.account(100), 'a heron')
  await run(scene, 2_000)
  expect(scene.posted.length).toBe(before + 4)
  for (const { created } of orders) expect(await scene.tasks(created)).toMatchObject([{ state: 'running' }])
})

const elsewhere: SubmitOutcome = { kind: 'ambiguous', cause: 'redirect', detail: 'HTTP 302' }

test('a redirect to a page for a minute costs no order: it is neither believed nor asked again and again', async () => {
  const scene = await openScene(404)
  const orders = await poison(scene, 2, 4)
  scene.submitted = () => elsewhere
  await run(scene, 60_000)
  expect(scene.posted.length).toBeLessThanOrEqual(8 * 3)
  for (const { created } of orders) expect(await scene.tasks(created)).toMatchObject([{ state: 'queued' }])
  scene.submitted = () => ({ kind: 'accepted', taskIds: [`i2is-${scene.posted.length}`] })
  await run(scene, 3 * 60_000, 5_000)
  for (const { created } of orders) expect(await scene.tasks(created)).toMatchObject([{ state: 'running' }])
})

test('an order that alone is always redirected ends with its credits back', async () => {
  const scene = await openScene(404)
  scene.submitted = (asked) =>
    (asked as { prompt: string }).prompt.includes('<script')
      ? elsewhere
      : { kind: 'accepted', taskIds: [`i2is-${scene.posted.length}`] }
  const [poisoned] = await poison(scene, 1, 1)
  if (!poisoned) throw new Error('one was made')
  for (let at = 0; at < 30; at += 1) await waitOfInnocent(scene, `a heron ${at}`)
  expect(await scene.tasks(poisoned.created)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
})

test('where what is ambiguous is waited for, a redirect is not posted again', async () => {
  const scene = await openScene(404, yaml.replace('ambiguous: retry', 'ambiguous: wait'))
  scene.submitted = () => elsewhere
  const orders = await poison(scene, 1, 1)
  await run(scene, 60_000)
  expect(scene.posted).toHaveLength(1)
  for (const { created } of orders) expect(await scene.tasks(created)).toMatchObject([{ state: 'unknown' }])
})

test('an order that is turned away all the time, and with it all others, ends after about ten minutes', async () => {
  const scene = await openScene(402)
  const [poisoned] = await poison(scene, 1, 1)
  if (!poisoned) throw new Error('one was made')
  await run(scene, 9 * 60_000, 5_000)
  expect(await scene.tasks(poisoned.created)).toMatchObject([{ state: 'queued' }])
  await run(scene, 2 * 60_000, 5_000)
  expect(await scene.tasks(poisoned.created)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
  expect(scene.posted).toHaveLength(5)
})
