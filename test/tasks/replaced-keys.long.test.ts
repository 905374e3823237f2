// Keys, addresses and names of upstreams change while work is under way: none of it is taken for lost, and what is given up is recorded with its price.
import { expect, test } from 'vitest'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import type { Observation } from '../../src/upstream/adapter.ts'
import { markOf } from '../../src/upstream/keys/key-mark.ts'
import { KeyRing } from '../../src/upstream/keys/keyring.ts'
import {
  accepted,
  callback,
  counted,
  failed,
  giveUpAfterMs,
  keevxYaml,
  missing,
  openScene,
  pollEveryMs,
  succeeded,
} from './callback-scene.ts'
import type { Order, Scene } from './callback-scene.ts'

/** Five works are under way when the gateway is started again with another configuration. */
async function restarted(
  change: { readonly keys?: string; readonly yaml?: string },
  before: { readonly keys?: string } = {},
): Promise<[Scene, Order]> {
  const first = await openScene({ upstreamKeys: before.keys ?? 'old-key' })
  const order = await first.ordered(5, accepted('u1', 'u2', 'u3', 'u4', 'u5'))
  expect(await first.states(order)).toEqual(Array(5).fill('running'))
  const scene = await openScene({
    after: first,
    upstreamKeys: change.keys ?? 'old-key',
    yaml: change.yaml ?? keevxYaml,
  })
  return [scene, order]
}

async function pollFor(scene: Scene, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += pollEveryMs * 2) {
    scene.clock.advance(pollEveryMs * 2)
    await scene.poll()
  }
}

const elsewhere = keevxYaml.replace(
  'adapter: keevx',
  'adapter: keevx\n    base_url: https://elsewhere.example/v1',
)

test.each<[string, { keys?: string; yaml?: string }]>([
  ['of another account, after the key was replaced', { keys: 'new-key' }],
  ['of several others, after the key was replaced', { keys: 'new-key,third-key' }],
  ['at another base URL', { yaml: elsewhere }],
])('"no such task" %s says nothing: the works are made', async (_name, change) => {
  const [scene, order] = await restarted(change)
  scene.seen = () => missing
  await pollFor(scene, giveUpAfterMs / 2)
  expect(scene.looked.length).toBeGreaterThan(5 * 3)
  expect(await scene.states(order)).toEqual(Array(5).fill('running'))
  expect(await scene.balance(order.caller)).toBe(1_000 - 5 * 15)
  scene.seen = () => succeeded
  await pollFor(scene, pollEveryMs * 8)
  expect(await scene.states(order)).toEqual(Array(5).fill('succeeded'))
  expect(await scene.orphans()).toEqual([])
  await scene.ledgerAddsUp()
})

test('what is given up without an answer under its own key is an orphan with its price, each once', async () => {
  const [scene, order] = await restarted({ keys: 'new-key' })
  scene.seen = () => missing
  await pollFor(scene, giveUpAfterMs * 1.5)
  expect(await scene.states(order)).toEqual(Array(5).fill('failed'))
  expect(await scene.balance(order.caller)).toBe(1_000)
  const orphans = await scene.orphans()
  expect(orphans).toHaveLength(5)
  for (const orphan of orphans) {
    expect(orphan).toMatchObject({ reason: 'unanswered', credits: 15, upstream: 'keevx' })
  }
  expect(await counted(scene, 'orphans_total', { reason: 'unanswered' })).toBe(5)
  // Told of afterwards, it is no second orphan.
  scene.seen = () => succeeded
  await scene.call(order.urls[0], callback('u1'))
  await scene.follow()
  expect(await scene.orphans()).toHaveLength(5)
  await scene.ledgerAddsUp()
})

test.each<[string, Observation]>([
  ['an outage', { kind: 'unclear', detail: 'HTTP 502' }],
  ['a key that is refused', { kind: 'key_rejected', detail: 'HTTP 401' }],
  ['a 429', { kind: 'rate_limited', retryAfterMs: 1, detail: 'HTTP 429' }],
])('%s until the limit is no answer: an orphan', async (_name, seen) => {
  const scene = await openScene()
  const order = await scene.ordered()
  scene.seen = () => seen
  await pollFor(scene, giveUpAfterMs * 1.5)
  expect(await scene.states(order)).toEqual(['failed'])
  expect(await scene.orphans()).toMatchObject([{ reason: 'unanswered', credits: 15, upstreamTaskId: 'u1' }])
  await scene.ledgerAddsUp()
})

const notPublic: Observation = {
  kind: 'succeeded',
  result: {
    imageUrl: 'http://10.0.0.1/a.png',
    videoUrl: null,
    thumbnailUrl: null,
    width: null,
    height: null,
    durationSeconds: null,
  },
}

test('what its own key answers for is no orphan: work that goes on at the limit, is missing, or has no result', async () => {
  for (const seen of [{ kind: 'running' } as const, missing, notPublic]) {
    const scene = await openScene()
    const order = await scene.ordered()
    scene.seen = () => seen
    await pollFor(scene, giveUpAfterMs * 1.5)
    expect(await scene.states(order)).toEqual(['failed'])
    expect(await scene.orphans()).toEqual([])
  }
})

test('work that goes on under another key at the limit is an orphan: its own key never said so', async () => {
  const [scene, order] = await restarted({ keys: 'new-key' })
  scene.seen = () => ({ kind: 'running' })
  await pollFor(scene, giveUpAfterMs * 1.5)
  expect(await scene.states(order)).toEqual(Array(5).fill('failed'))
  expect(await scene.orphans()).toHaveLength(5)
})

test('a plain failure is believed under any key', async () => {
  const [scene, order] = await restarted({ keys: 'new-key' })
  scene.seen = () => failed
  await pollFor(scene, pollEveryMs * 8)
  expect(await scene.states(order)).toEqual(Array(5).fill('failed'))
  expect(await scene.orphans()).toEqual([])
})

test('a key that stays as polls_only is asked as before, and its "no such task" is believed', async () => {
  const yaml = keevxYaml.replace('adapter: keevx', 'adapter: keevx\n    polls_only: [old-key]')
  const [scene, order] = await restarted({ keys: 'new-key', yaml })
  scene.seen = () => missing
  await pollFor(scene, pollEveryMs * 12)
  expect(await scene.states(order)).toEqual(Array(5).fill('failed'))
  expect(await scene.orphans()).toEqual([])
})

test('a row from before the address was written beside the key is of the key alone', async () => {
  const [scene, order] = await restarted({})
  await scene.ctx.db.transaction(async (tx) => {
    await tx.update(tx.tables.tasks).set({ upstreamKey: markOf('old-key', 'x').split('@')[0] ?? '' })
  })
  scene.seen = () => missing
  await pollFor(scene, pollEveryMs * 12)
  expect(await scene.states(order)).toEqual(Array(5).fill('failed'))
  expect(await scene.orphans()).toEqual([])
})

test('a callback that nothing could be learnt of within its week is an orphan with its price', async () => {
  const scene = await openScene()
  const order = await scene.ordered(1, { kind: 'refused', reason: 'No.', detail: 'd' })
  scene.seen = () => ({ kind: 'unclear', detail: 'HTTP 502' })
  await scene.call(order.urls[0], callback('u1'))
  await scene.follow()
  expect(await scene.hints()).toHaveLength(1)
  scene.clock.advance(7 * 24 * 60 * 60_000)
  await scene.follow()
  expect(await scene.hints()).toEqual([])
  expect(await scene.orphans()).toMatchObject([{ reason: 'unanswered', credits: 15, upstreamTaskId: 'u1' }])
})

test('an upstream under a new name goes on with what it has under its alias: running, queued, and called for', async () => {
  const first = await openScene({ upstreamKeys: 'old-key' })
  const running = await first.ordered()
  const caller = await first.account(1_000)
  const queued = { caller, created: await first.order(caller), urls: [] as string[] }
  const renamed = keevxYaml
    .replace('  keevx:', '  renamed:')
    .replace('adapter: keevx', 'adapter: keevx\n    aliases: [keevx]')
  const scene = await openScene({
    after: first,
    upstreamKeys: 'old-key',
    yaml: renamed,
  })
  expect(scene.keevx).toMatchObject({ name: 'keevx', aliasOf: 'renamed' })
  scene.seen = () => missing
  await scene.poll()
  queued.urls.push(...(await scene.dispatch(accepted('u2'))))
  expect(await scene.states(queued)).toEqual(['running'])
  scene.seen = () => succeeded
  expect(await scene.call(running.urls[0], callback('u1'))).toBe('due')
  await pollFor(scene, pollEveryMs * 8)
  expect([...(await scene.states(running)), ...(await scene.states(queued))]).toEqual([
    'succeeded',
    'succeeded',
  ])
  await rescue(scene.ctx)
  expect(await scene.orphans()).toEqual([])
  await scene.ledgerAddsUp()
})

test('keys that are polls_only order nothing, and are asked for what they ordered; unknown ones take turns', () => {
  const ring = new KeyRing(['one', 'two'], undefined, { pollsOnlyKeys: ['old'], place: 'here' })
  expect(ring.keyFor(markOf('old', 'here'))?.key).toBe('old')
  expect(ring.isOwn(markOf('old', 'here'))).toBe(true)
  expect(ring.isOwn(markOf('old', 'elsewhere'))).toBe(false)
  expect(ring.isOwn(markOf('gone', 'here'))).toBe(false)
  const asked = [1, 2, 3, 4].map(() => ring.keyFor(markOf('gone', 'here'))?.key)
  expect(new Set(asked)).toEqual(new Set(['one', 'two']))
  expect(ring.take(100, 0).map(({ key }) => key)).not.toContain('old')
  expect(ring.report(0)).toHaveLength(2)
  expect(ring.reportPollsOnly(0)).toHaveLength(1)
})
