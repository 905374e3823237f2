// A gateway's inside before an upstream that answers 429 to some, and customers who order meanwhile.
import type { Caller } from '../../src/accounts/callers.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { Order, SubmitOutcome } from '../../src/upstream/adapter.ts'
import { quickYaml } from '../support/gateway.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

export const never = new AbortController().signal
export const after429Ms = 30_000
export const turnMs = 500
const yaml = quickYaml
  .replace('queue_for: 5m', 'queue_for: 30m')
  .replace('after_429: 100ms', 'after_429: 30s')
  .replace('in_flight: 16', 'in_flight: auto')

export const limit: SubmitOutcome = {
  kind: 'rate_limited',
  retryAfterMs: null,
  detail: 'HTTP 429, code 100029',
}
export const limitPage: SubmitOutcome = {
  kind: 'rate_limited',
  retryAfterMs: null,
  detail: 'HTTP 429: <html>',
  isPage: true,
}

export interface Scene extends DomainHarness {
  /** When an order with these words was first posted, and how often. */
  readonly firstAt: Map<string, number>
  readonly times: Map<string, number>
  pausedTurns: number
}

/** What is answered to an order; null: it is taken. */
export async function openScene(
  answer: (order: Order) => SubmitOutcome | null,
  upstreamKeys = 'one',
): Promise<Scene> {
  const memory = { firstAt: new Map<string, number>(), times: new Map<string, number>(), pausedTurns: 0 }
  const scene = Object.assign(await openDomainHarness({ yaml, upstreamKeys }), memory)
  let works = 0
  scene.submitted = (asked) => {
    const posted = asked as Order
    const { prompt } = posted
    if (!scene.firstAt.has(prompt)) scene.firstAt.set(prompt, scene.clock.now())
    scene.times.set(prompt, (scene.times.get(prompt) ?? 0) + 1)
    return answer(posted) ?? { kind: 'accepted', taskIds: [`i2is-${(works += 1)}`] }
  }
  return scene
}

export async function order({ ctx }: DomainHarness, caller: Caller, prompt: string, model = 'gpt-image-2') {
  const images = model === 'gpt-image-2' ? {} : { image_urls: ['https://cdn.example.com/a.png'] }
  return (await create(ctx, caller, { model_id: model, prompt, ...images })).created
}

export async function run(scene: Scene, ms: number): Promise<void> {
  const { ctx, clock, keevx } = scene
  for (const endAt = clock.now() + ms; clock.now() < endAt; clock.advance(turnMs)) {
    // As the poll loop does: until nothing is claimed any more.
    for (let turn = 0; turn < 20; turn += 1) {
      const claimed = await claimSubmissions(ctx, keevx, 256)
      if (claimed.length === 0) break
      await Promise.all(claimed.map((submission) => submit(ctx, submission, never)))
    }
    if (keevx.keys.report(clock.now()).some(({ state }) => state === 'paused')) scene.pausedTurns += 1
  }
}

/** Somebody orders each two seconds; how long each of these waited to be posted, the longest first. */
export async function innocents(
  scene: Scene,
  count: number,
  between?: () => Promise<unknown>,
): Promise<number[]> {
  const caller = await scene.account(100_000)
  const sentAt = new Map<string, number>()
  for (let at = 0; at < count; at += 1) {
    const words = `a crane ${at}`
    sentAt.set(words, scene.clock.now())
    await order(scene, caller, words)
    await between?.()
    await run(scene, 2_000)
  }
  const waits = [...sentAt].map(([words, at]) => (scene.firstAt.get(words) ?? Infinity) - at)
  return waits.toSorted((one, other) => other - one)
}

/** A pause of the key, after which orders begin one by one: here one each turn. */
export const onePauseMs = after429Ms + 20 * turnMs

export const pausesIn = ({ pausedTurns }: Scene): number => (pausedTurns * turnMs) / after429Ms
export const isVideo = ({ operation }: Order): boolean => operation !== 'image_generate'
