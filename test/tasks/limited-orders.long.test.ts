// An order that alone is answered 429 or 401 holds others up ever more rarely, and never for good.
import { expect, test } from 'vitest'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { bringBack } from '../../src/tasks/rescue/far-off.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import type { Observation, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { quickYaml } from '../support/gateway.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const never = new AbortController().signal
const after429Ms = 10_000
const yaml = quickYaml
  .replace('queue_for: 5m', 'queue_for: 30m')
  .replace('after_429: 100ms', 'after_429: 10s')
const turnMs = 500

const answers: Readonly<Record<string, SubmitOutcome>> = {
  '429': { kind: 'rate_limited', retryAfterMs: null, detail: 'HTTP 429' },
  '401': { kind: 'key_rejected', detail: 'HTTP 401: <html>', isForeign: true },
}

/** What is answered to an order by its first word. */
async function openScene(): Promise<DomainHarness & { readonly prompts: string[] }> {
  const scene = Object.assign(await openDomainHarness({ yaml }), { prompts: [] as string[] })
  let works = 0
  scene.submitted = (asked) => {
    const { prompt } = asked as { prompt: string }
    scene.prompts.push(prompt)
    const answer = answers[prompt.split(' ')[0] ?? '']
    return answer ?? { kind: 'accepted', taskIds: [`i2is-${(works += 1)}`] }
  }
  return scene
}

async function order(scene: DomainHarness, prompt: string) {
  const caller = await scene.account(100)
  const body = { model_id: 'gpt-image-2', prompt }
  return { caller, created: (await create(scene.ctx, caller, body)).created }
}

async function run({ ctx, clock, keevx }: DomainHarness, ms: number): Promise<void> {
  for (const endAt = clock.now() + ms; clock.now() < endAt; clock.advance(turnMs)) {
    // As each sweep does: a pause that may be so long is no slip of the clock.
    if (clock.now() % (20 * turnMs) === 0) expect(await bringBack(ctx, 0)).toBe(0)
    const claimed = await claimSubmissions(ctx, keevx, 256)
    await Promise.all(claimed.map((submission) => submit(ctx, submission, never)))
  }
}

test.each(['429', '401'])(
  'an order that is always answered %s: others are posted, and it comes ever more rarely',
  async (status) => {
    const scene = await openScene()
    await order(scene, `${status} heron`)
    await order(scene, 'a stork')
    await run(scene, 8 * after429Ms)
    expect(scene.prompts).toContain('a stork')
    let held = 0
    for (let at = 0; at < 60; at += 1) {
      const prompt = `a crane ${at}`
      await order(scene, prompt)
      await run(scene, 2 * turnMs)
      if (!scene.prompts.includes(prompt)) held += 1
      // A key that was answered 429 pauses once, whoever met it.
      await run(scene, after429Ms)
      expect(scene.prompts).toContain(prompt)
    }
    expect(held).toBeLessThan(8)
    expect(scene.prompts.filter((prompt) => prompt.startsWith(status)).length).toBeLessThan(16)
  },
)

test('an order that is always answered 429 lets those try that come while its key pauses', async () => {
  const scene = await openScene()
  await order(scene, '429 heron')
  await run(scene, turnMs)
  await order(scene, 'a stork')
  await run(scene, 8 * after429Ms)
  expect(scene.prompts).toContain('a stork')
})

test('an order that a page always answers 401 ends with its credits back, while others are made', async () => {
  const scene = await openScene()
  const { caller, created } = await order(scene, '401 heron')
  for (let at = 0; at < 30; at += 1) {
    await order(scene, 'a stork')
    await run(scene, after429Ms)
  }
  expect(await scene.tasks(created)).toMatchObject([{ state: 'failed', creditsRefunded: 15 }])
  expect(await scene.balance(caller)).toBe(100)
  expect(scene.keevx.keys.report(scene.clock.now())).toMatchObject([{ state: 'ready' }])
})

test('an order to which Keevx itself always answers 401 waits, while others are made: it is not its words', async () => {
  const scene = await openScene()
  const submitted = scene.submitted
  scene.submitted = (asked, key) =>
    (asked as { prompt: string }).prompt.startsWith('401')
      ? { kind: 'key_rejected', detail: 'HTTP 401, code 100004' }
      : submitted(asked, key)
  const { created } = await order(scene, '401 heron')
  for (let at = 0; at < 30; at += 1) {
    await order(scene, 'a stork')
    await run(scene, after429Ms)
  }
  expect(await scene.tasks(created)).toMatchObject([{ state: 'queued' }])
  expect(scene.prompts.filter((prompt) => prompt === 'a stork')).toHaveLength(30)
})

test('a key that is refused to all is no trouble of single orders: they wait', async () => {
  const scene = await openScene()
  const orders = [await order(scene, '401 heron'), await order(scene, '401 stork')]
  await run(scene, 10 * 60_000)
  for (const { created } of orders) expect(await scene.tasks(created)).toMatchObject([{ state: 'queued' }])
})

test('429 to all pauses the key each time, and costs no order its place but for others that wait', async () => {
  const scene = await openScene()
  for (const name of ['one', 'two', 'three']) await order(scene, `429 ${name}`)
  await run(scene, 12 * after429Ms)
  expect(scene.prompts.length).toBeLessThanOrEqual(15)
  for (const name of ['one', 'two', 'three']) expect(scene.prompts).toContain(`429 ${name}`)
})

const pollTurnMs = 2_000
const limitedPoll: Observation = { kind: 'rate_limited', retryAfterMs: null, detail: 'HTTP 429' }

/** Works that run, of which the polls of the odd ones are always answered 429. */
async function polled(
  { odd, good }: { readonly odd: number; readonly good: number },
  isLimited: (id: string) => boolean,
) {
  const scene = await openScene()
  const asked: { readonly id: string; readonly atMs: number }[] = []
  scene.seen = (id) => {
    asked.push({ id, atMs: scene.clock.now() })
    return isLimited(id) ? limitedPoll : { kind: 'running' }
  }
  for (let at = 0; at < odd; at += 1) await order(scene, `a heron ${at}`)
  for (let at = 0; at < good; at += 1) await order(scene, 'a stork')
  await run(scene, turnMs)
  const go = async (ms: number) => {
    for (const endAt = scene.clock.now() + ms; scene.clock.now() < endAt; scene.clock.advance(pollTurnMs)) {
      for (const task of await claimPolls(scene.ctx, 16)) await pollTask(scene.ctx, task, never)
      expect(await bringBack(scene.ctx, 0)).toBe(0)
    }
  }
  return { scene, asked, go }
}

test.each([1, 3])(
  '%i works whose polls alone are answered 429 are asked about ever more rarely, and others go on',
  async (odd) => {
    const isOdd = (id: string) => Number(id.slice(5)) <= odd
    const { scene, asked, go } = await polled({ odd, good: 4 }, isOdd)
    // Until each has met it twice, with an answer to another between.
    await go(odd * 60_000)
    const from = scene.clock.now()
    let pausedTurns = 0
    for (let at = 0; at < 60; at += 1) {
      await go(pollTurnMs)
      if (scene.keevx.keys.report(scene.clock.now()).some(({ state }) => state === 'paused')) pausedTurns += 1
    }
    for (let id = 1; id <= odd; id += 1) {
      const later = asked.filter((each) => each.id === `i2is-${id}` && each.atMs >= from)
      expect(later.length).toBeLessThanOrEqual(2)
    }
    expect(pausedTurns, 'of two minutes').toBeLessThanOrEqual(60 / 2)
    expect(asked.filter((each) => each.id === `i2is-${odd + 1}`).length).toBeGreaterThan(20)
  },
)

test('429 to the polls of all keeps their pace: it is no trouble of single works', async () => {
  const { asked, go } = await polled({ odd: 2, good: 0 }, () => true)
  await go(240_000)
  // One for each pause of the key, whichever work it is.
  expect(asked.length).toBeGreaterThanOrEqual(15)
})
