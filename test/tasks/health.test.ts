// The health of an upstream: from the stored attempts of a day, the same for every gateway and after a restart.
import { expect, test } from 'vitest'
import { explained, standingOf } from '../../src/tasks/health/causes.ts'
import { upstreamHealth } from '../../src/tasks/health/health.ts'
import type { UpstreamHealth } from '../../src/tasks/health/health.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { submitOutcome } from '../../src/upstream/answers/submit.ts'
import type { CallResult } from '../../src/upstream/call.ts'
import { imageRules } from '../../src/upstream/keevx/errors.ts'
import { manualClock } from '../support/clock.ts'
import { accepted, failed, openScene, succeeded } from './callback-scene.ts'
import type { Scene } from './callback-scene.ts'

const minuteMs = 60_000

async function keevxHealth({ ctx }: Pick<Scene, 'ctx'>): Promise<UpstreamHealth> {
  const { upstreams } = await upstreamHealth(ctx)
  return upstreams.find(({ name }) => name === 'keevx') ?? expect.fail('keevx has no health')
}

/** Orders one work, whose order is answered so, and which ends so after some seconds. */
async function work(scene: Scene, answer: SubmitOutcome, ends: { seen?: typeof failed; seconds?: number }) {
  await scene.order(await scene.account(100))
  await scene.dispatch(answer)
  const { seen, seconds = 10 } = ends
  scene.clock.advance(seconds * 1_000)
  if (!seen) return
  scene.seen = () => seen
  await scene.poll()
}

test('answers and the time of works stand in their quarter of an hour; what left the day is counted no more', async () => {
  const scene = await openScene()
  expect(await keevxHealth(scene)).toMatchObject({ accepted: 0, medianSeconds: null, p95Seconds: null })
  await work(scene, accepted('u1'), { seen: succeeded, seconds: 20 })
  await work(scene, accepted('u2'), { seen: succeeded, seconds: 40 })
  await work(scene, accepted('u3'), { seen: failed, seconds: 90 })
  await work(scene, { kind: 'refused', reason: 'Not allowed.', detail: 'HTTP 200, code 100001' }, {})
  scene.clock.advance(20 * minuteMs)
  await work(scene, { kind: 'ambiguous', cause: 'server_error', detail: 'HTTP 502' }, {})
  const health = await keevxHealth(scene)
  expect(health).toMatchObject({
    accepted: 3,
    refused: 1,
    rateLimited: 0,
    failing: 1,
    succeeded: 2,
    failed: 1,
    medianSeconds: 20,
    p95Seconds: 40,
    troubles: [{ cause: 'server_error', orders: 1, detail: 'HTTP 502' }],
  })
  expect((await upstreamHealth(scene.ctx)).models).toEqual([
    { modelId: 'gpt-image-2', succeeded: 2, failed: 1, medianSeconds: 20, p95Seconds: 40 },
  ])
  expect(health.quarters).toHaveLength(96)
  expect(health.quarters.filter(({ accepted: taken }) => taken > 0)).toMatchObject([
    { accepted: 3, refused: 1, failing: 0, medianSeconds: 20 },
  ])
  // Another gateway on the store, or this one after a restart, has read nothing yet.
  const anew = { ...scene.ctx, db: Object.create(scene.ctx.db) as typeof scene.ctx.db }
  expect(await keevxHealth({ ctx: anew })).toEqual(health)
  scene.clock.advance(24 * 60 * minuteMs)
  expect(await keevxHealth(scene)).toMatchObject({ accepted: 0, failing: 0, troubles: [] })
})

test('a work that ends later is seen; quarters that are long over are not read each time', async () => {
  const scene = await openScene()
  // Ids of a process do not go back in time: this scene begins after the one before.
  scene.clock.advance(60 * minuteMs)
  await work(scene, accepted('u1'), {})
  expect(await keevxHealth(scene)).toMatchObject({ accepted: 1, succeeded: 0 })
  scene.clock.advance(10 * minuteMs)
  scene.seen = () => succeeded
  await scene.poll()
  expect(await keevxHealth(scene)).toMatchObject({ succeeded: 1 })
  scene.clock.advance(12 * 60 * minuteMs)
  await keevxHealth(scene)
  const { attempts } = scene.ctx.db.read.tables
  await scene.ctx.db.transaction(async (tx) => await tx.update(attempts).set({ state: 'refused' }))
  scene.clock.advance(minuteMs)
  expect(await keevxHealth(scene)).toMatchObject({ accepted: 1, refused: 0 })
  scene.clock.advance(60 * minuteMs)
  expect(await keevxHealth(scene)).toMatchObject({ accepted: 0, refused: 1 })
})

const answer = (status: number, body: string): CallResult => ({ kind: 'answer', status, headers: {}, body })
const cut = (kind: 'broken' | 'timed_out' | 'unreadable' | 'aborted'): CallResult => ({
  kind,
  head: null,
  detail: 'ECONNRESET',
})

test.each([
  ['accepted', answer(200, '{"code":0,"data":{"task_ids":["a-1"]}}')],
  ['rate_limited', answer(429, 'slow down')],
  ['server_error', answer(503, '<html>')],
  ['server_error', answer(500, '{"code":530003,"msg":"busy"}')],
  ['key_rejected', answer(401, '{"code":401,"msg":"no"}')],
  ['refused', answer(200, '{"code":100001,"msg":"parameter"}')],
  ['turned_away', answer(403, '<html>')],
  ['not_connected', { kind: 'not_connected', detail: 'ECONNREFUSED: no' }],
  ['no_answer', cut('timed_out')],
  ['no_answer', cut('broken')],
  ['unclear', cut('unreadable')],
  ['open', cut('aborted')],
  ['unclear', answer(200, '{"surprise":1}')],
] satisfies [string, CallResult][])('an order is %s by what the attempt keeps of it', (standing, result) => {
  const sent = { rules: imageRules, operation: 'image_generate', count: 1, sent: '', secrets: [] }
  const outcome = submitOutcome(result, { ...sent, clock: manualClock() })
  const states = {
    key_rejected: 'refused',
    rate_limited: 'not_accepted',
    order_trouble: 'not_accepted',
    retry_documented: 'not_accepted',
  } as const
  const state = states[outcome.kind as keyof typeof states] ?? outcome.kind
  const seen = 'detail' in outcome ? outcome.detail.slice(0, 8) : ''
  expect(standingOf(state, seen)).toBe(standing)
})

test('each trouble says in both languages what it means and what to do', () => {
  for (const { meaning, advice } of Object.values(explained)) {
    for (const { en, zh } of [meaning, advice]) {
      expect(en).toMatch(/\.$/)
      expect(zh).toMatch(/。$/)
    }
  }
})
