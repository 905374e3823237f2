// A key that is only suspected: what ends that, what says nothing of it, and which orders may be tried meanwhile.
import { expect, test } from 'vitest'
import { KeyRing } from '../../src/upstream/keys/keyring.ts'
import { accepted, post, stateOf, trouble } from './posted.ts'

test("trouble that is proven to be an order's own says nothing of the key any more", () => {
  const ring = new KeyRing(['one'])
  for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble())
  post(ring, 'd/1', accepted, 1_000)
  for (let at = 0; at < 3; at += 1)
    for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble(), 2_000)
  expect(stateOf(ring, 2_000)).toEqual(['ready'])
  for (const order of ['a/2', 'b/2', 'c/2']) post(ring, order, trouble(), 2_000)
  expect(stateOf(ring, 2_000)).toEqual(['suspected'])
})

test.each<[number, string]>([
  [404, 'ready'],
  [400, 'ready'],
  [402, 'suspected'],
  [403, 'suspected'],
  [451, 'suspected'],
])('%i: when a poll is answered the key is %s', (status, state) => {
  const ring = new KeyRing(['one'])
  for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble(status))
  expect(stateOf(ring)).toEqual(['suspected'])
  expect(ring.polled(null, 'w')).toBe(state === 'ready')
  expect(stateOf(ring)).toEqual([state])
})

test('an answered poll charges an order with the page that it met again, but not with 402', () => {
  const ring = new KeyRing(['one'])
  for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble(404))
  ring.polled(null, 'w')
  expect(post(ring, 'a/1', trouble(404))?.troubles).toMatchObject({ met: 2, own: 1 })
  for (const order of ['d/1', 'e/1', 'f/1']) post(ring, order, trouble(402))
  ring.polled(null, 'w')
  expect(post(ring, 'd/1', trouble(402), 1_000)?.troubles).toMatchObject({ met: 2, own: 1 })
})

test('while the key only is suspected an order may soon be tried, whatever the pause and the probe', () => {
  const ring = new KeyRing(['one'])
  for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble())
  expect([ring.caution(249), ring.room(249), ring.takeToTry(249)]).toEqual([null, 0, []])
  expect([ring.caution(250), ring.room(250), ring.take(16, 250)]).toEqual(['try', 1, []])
  expect(ring.caution(1_000)).toBe('probe')
  expect([ring.isInTrouble('a/1'), ring.isInTrouble('a/2'), ring.isTroubled('a')]).toEqual([
    true,
    false,
    true,
  ])
  expect(ring.take(16, 1_000), 'a probe that hangs').toHaveLength(1)
  expect([ring.caution(1_249), ring.caution(1_250), ring.room(1_250)]).toEqual([null, 'try', 1])
  const [lease] = ring.takeToTry(1_250)
  if (!lease) throw new Error('one may be tried')
  const order = { accountId: 'd', modelId: 'm', requestId: 'd/1' }
  expect(ring.settle(lease, { outcome: accepted, order, nowMs: 1_300 })).toMatchObject({ change: 'works' })
  expect(ring.caution(1_300)).toBeNull()
})

test('while others are answered slowly, quick refusals of whatever number raise no suspicion', () => {
  const ring = new KeyRing(['one'])
  const begun: number[] = []
  const slow = ring.take(8, 0)
  for (let nowMs = 0; nowMs < 16_000; nowMs += 250) {
    for (const order of ['a', 'b', 'c']) post(ring, `${order}/${nowMs}`, trouble(), nowMs)
    expect(stateOf(ring, nowMs)).toEqual(['ready'])
    if (nowMs % 2_000 !== 0) continue
    // One of those that began before is answered, and the next begins.
    const [lease] = slow.splice(0, 1)
    if (!lease) throw new Error('one is under way')
    ring.settle(lease, {
      outcome: accepted,
      order: { accountId: 'v', modelId: 'm', requestId: `v/${nowMs}` },
      nowMs,
    })
    slow.push(...ring.take(1, nowMs))
    begun.push(nowMs)
  }
  expect(begun).toHaveLength(8)
})

test('where those that began before are refused too, the key is suspected with the last of them', () => {
  const ring = new KeyRing(['one'])
  const [first] = ring.take(1, 0)
  for (const order of ['a/1', 'b/1', 'c/1', 'd/1']) post(ring, order, trouble(402))
  expect(stateOf(ring)).toEqual(['ready'])
  if (first)
    ring.settle(first, {
      outcome: trouble(402),
      order: { accountId: 'v', modelId: 'm', requestId: 'v/1' },
      nowMs: 0,
    })
  expect(stateOf(ring)).toEqual(['suspected'])
})

test('an order that is taken ends a suspicion, be it posted before: what may be in flight stays as it was', () => {
  const ring = new KeyRing(['one'])
  post(ring, 'a/1', trouble())
  const [slow] = ring.take(1, 0)
  if (!slow) throw new Error('one is under way')
  for (const order of ['b/1', 'c/1']) post(ring, order, trouble())
  expect(stateOf(ring)).toEqual(['suspected'])
  expect(
    ring.settle(slow, {
      outcome: accepted,
      order: { accountId: 'v', modelId: 'm', requestId: 'v/1' },
      nowMs: 500,
    }),
  ).toMatchObject({
    change: 'works',
  })
  expect(ring.take(256, 500)).toHaveLength(16)
})

test('refusals by a firewall teach nothing of how much may be in flight', () => {
  const ring = new KeyRing(['one'])
  for (let at = 0; at < 100; at += 1) {
    const order = { accountId: 'a', modelId: 'm', requestId: `a/${at}` }
    const leases = ring.take(16, at * 1_000)
    // All of them are with the upstream together: as many answers would let the limit grow.
    for (const lease of leases) ring.posted(lease, at * 1_000)
    for (const lease of leases) ring.settle(lease, { outcome: trouble(), order, nowMs: at * 1_000 })
  }
  expect(ring.report(0)).toMatchObject([{ submits: { limit: 16, moved: null } }])
})

test('only an order of others that is taken proves that an order is turned away alone', () => {
  const ring = new KeyRing(['one'])
  post(ring, 'a/1', trouble(400))
  ring.polled(null, 'w')
  post(ring, 'b/1', { kind: 'refused', reason: 'r', detail: 'd' })
  expect(post(ring, 'a/1', trouble(400))?.troubles).toMatchObject({ isAlone: false })
  post(ring, 'b/2', accepted)
  expect(post(ring, 'a/1', trouble(400))?.troubles).toMatchObject({ isAlone: true })
  expect(post(ring, 'a/1', trouble(400))?.troubles).toMatchObject({ isAlone: false })
})

test.each<[number, string]>([
  [402, 'suspected'],
  [403, 'suspected'],
  [451, 'suspected'],
  [404, 'ready'],
  [400, 'ready'],
])(
  '%i to the orders of all: an order that is refused for its own words leaves the key %s',
  (status, state) => {
    const ring = new KeyRing(['one'])
    const before = post(ring, 'a/1', trouble(status))?.troubles.own ?? 0
    for (const order of ['b/1', 'c/1']) post(ring, order, trouble(status))
    const own = { kind: 'refused', reason: 'No.', detail: 'no' } as const
    post(ring, 'd/1', own, 1_000)
    expect(stateOf(ring, 1_000)).toEqual([state])
    // Nor does it prove what the others met to be their own.
    const { troubles } = post(ring, 'a/1', trouble(status), 2_000) ?? {}
    expect(troubles?.own).toBe(state === 'ready' ? before + 1 : before)
    post(ring, 'e/1', accepted, 120_000)
    expect(stateOf(ring, 120_000)).toEqual(['ready'])
  },
)

test('orders that another key takes do not make 402 under this one the own trouble of an order', () => {
  const ring = new KeyRing(['one', 'two'])
  const [one, two] = ring.take(2, 0)
  if (!one || !two) throw new Error('there are two places')
  const order = { accountId: 'a', modelId: 'm', requestId: 'a/1' }
  const { own } = ring.settle(one, { outcome: trouble(402), order, nowMs: 0 }).troubles
  ring.settle(two, { outcome: accepted, order: { accountId: 'a', modelId: 'm', requestId: 'a/2' }, nowMs: 0 })
  const again = ring.take(2, 1_000).find(({ fingerprint }) => fingerprint === one.fingerprint)
  if (!again) throw new Error('the key is open still')
  const settled = ring.settle(again, { outcome: trouble(402), order, nowMs: 1_000 })
  expect([settled.isProven, settled.troubles.isAlone]).toEqual([false, false])
  expect(settled.troubles.own).toBe(own + 1)
  const other = ring.take(2, 2_000).find(({ fingerprint }) => fingerprint === two.fingerprint)
  if (!other) throw new Error('the other key is open')
  expect(ring.settle(other, { outcome: trouble(402), order, nowMs: 2_000 }).troubles.isAlone).toBe(false)
})
