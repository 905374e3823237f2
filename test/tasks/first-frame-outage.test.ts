// First frames of one upstream and videos of another that is out of order: no image is paid for that no video can be made of.
import { expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import type { Created } from '../../src/tasks/create/created.ts'
import { cancelTask } from '../../src/tasks/queue/cancel.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import { shortLimitsYaml } from '../support/gateway.ts'
import { stageOf } from './first-frame-scene.ts'
import type { Stage } from './first-frame-scene.ts'

const never = new AbortController().signal
const image = 'operation: image_generate, params: { module: std }'
const video = 'operation: image_to_video, params: { model: KL }'
const yamlWith = (routes: string): string =>
  `${shortLimitsYaml
    .replaceAll('queue_for: 20s', 'queue_for: 30m')
    .replace('upstreams:', 'upstreams:\n  films: { api_key: films-key }\n  others: { api_key: others-key }')}
models:
  painter: { name: P, price: { credits: 10 }, routes: [{ upstream: keevx, ${image} }] }
  etcher: { name: E, price: { credits: 10 }, routes: [{ upstream: films, ${image} }] }
  crossed: { name: X, price: { credits: 40 }, routes: [{ upstream: keevx, ${video} }], compose: { first_frame: etcher } }
  keevx-kl: { name: F, price: { credits: 40 }, routes: [${routes}], compose: first_frame }
`

interface Scene extends Stage {
  /** Whatever may be posted to an upstream now. */
  dispatchTo(name: string): Promise<void>
  turn(ms?: number): Promise<void>
}

async function openScene(routes = `{ upstream: films, ${video} }`): Promise<Scene> {
  const domain = await openDomainHarness({ yaml: yamlWith(routes) })
  const stage = stageOf(domain, await domain.account(10_000))
  const { ctx, clock } = stage
  const dispatchTo = async (name: string) => {
    for (const each of await claimSubmissions(ctx, upstreamOf(ctx, name), 16)) await submit(ctx, each, never)
  }
  return Object.assign(stage, {
    dispatchTo,
    turn: async (ms = 1_000) => {
      clock.advance(ms)
      for (const name of ['keevx', 'films', 'others']) await dispatchTo(name)
      await stage.poll()
    },
  })
}

function upstreamOf({ upstreams }: Context, name: string) {
  const upstream = upstreams.get(name)
  if (!upstream) throw new Error(`there is no upstream ${name}`)
  return upstream
}

const refusesOurKey = (): SubmitOutcome =>
  ({ kind: 'key_rejected', status: 401, detail: 'invalid token', isForeign: false }) as never

const images = (stage: Stage) => stage.postedOf('image_generate').length

/** The upstream of the videos has refused the key with the first of these orders. */
async function outage(stage: Scene, orders: number): Promise<Created[]> {
  stage.submits.image_to_video = refusesOurKey
  const created = [await stage.ordered()]
  await stage.turn()
  await stage.turn()
  expect(upstreamOf(stage.ctx, 'films').keys.isOutOfOrder()).toBe(true)
  for (let at = 1; at < orders; at += 1) created.push(await stage.ordered())
  return created
}

test('first frames wait while an order waits for an upstream that is out of order, and are made when it works again', async () => {
  const stage = await openScene()
  const created = await outage(stage, 4)
  for (let turns = 0; turns < 40; turns += 1) await stage.turn()
  expect(images(stage)).toBe(1)
  delete stage.submits.image_to_video
  for (let turns = 0; turns < 120; turns += 1) await stage.turn()
  for (const each of created) expect((await stage.states(each)).tasks).toEqual(['succeeded'])
  expect(images(stage)).toBe(4)
  expect(await stage.balance(stage.caller)).toBe(10_000 - 4 * 50)
  await stage.sound()
})

test('an order that waits so can be cancelled, and is given back whole when nothing has taken it', async () => {
  const stage = await openScene()
  const [, second, third] = await outage(stage, 3)
  if (!second || !third) throw new Error('there are three orders')
  await stage.turn()
  const { accountId } = stage.caller
  expect(await cancelTask(stage.ctx, accountId, third.taskIds[0] ?? '')).toMatchObject({
    creditsRefunded: 50,
  })
  stage.clock.advance(31 * 60_000)
  await rescue(stage.ctx)
  stage.clock.advance(1_000)
  await rescue(stage.ctx)
  expect(await stage.states(second)).toEqual({ order: 'failed', tasks: ['failed'], frame: 'failed' })
  expect(images(stage)).toBe(1)
  expect(await stage.balance(stage.caller)).toBe(10_000)
  await stage.sound()
})

test('one is made where no other order would find out whether the upstream works again', async () => {
  const stage = await openScene()
  const [first, second] = await outage(stage, 2)
  if (!first || !second) throw new Error('there are two orders')
  // The first one is given back at its limit, and the second was made just now.
  await stage.store.write(`UPDATE requests SET due_at = 1, ready_at = 1 WHERE id = '${first.requestId}'`)
  await rescue(stage.ctx)
  expect((await stage.states(first)).tasks).toEqual(['failed'])
  for (let turns = 0; turns < 20; turns += 1) await stage.turn()
  expect(images(stage)).toBe(2)
  await stage.sound()
})

test('other orders of the same account and upstream are not held up by first frames that wait', async () => {
  const stage = await openScene()
  await outage(stage, 20)
  const plain = (await create(stage.ctx, stage.caller, { model_id: 'painter', prompt: 'a crane' })).created
  for (let turns = 0; turns < 3; turns += 1) await stage.turn()
  expect((await stage.tasks(plain)).map(({ state }) => state)).toEqual(['succeeded'])
  expect(images(stage)).toBe(2)
})

test('they do not wait where another route makes the videos', async () => {
  const stage = await openScene(`{ upstream: films, ${video} }, { upstream: others, ${video} }`)
  await outage(stage, 3)
  for (let turns = 0; turns < 3; turns += 1) await stage.turn()
  expect(images(stage)).toBe(3)
})

test('first frames of two upstreams that wait for each other’s find out that both work again', async () => {
  const stage = await openScene()
  stage.submits.image_generate = refusesOurKey
  const created = [await stage.ordered(), await stage.ordered({ model_id: 'crossed' })]
  const both = ['keevx', 'films'].map((name) => upstreamOf(stage.ctx, name))
  const claimed = await Promise.all(both.map((each) => claimSubmissions(stage.ctx, each, 16)))
  for (const each of claimed.flat()) await submit(stage.ctx, each, never)
  expect(both.map(({ keys }) => keys.isOutOfOrder())).toEqual([true, true])
  delete stage.submits.image_generate
  for (let turns = 0; turns < 120; turns += 1) await stage.turn()
  for (const each of created) expect((await stage.states(each)).tasks).toEqual(['succeeded'])
  await stage.sound()
})
