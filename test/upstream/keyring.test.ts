// The keys of an upstream: what each answer says of its key, and what it says of one order alone.
import { describe, expect, test } from 'vitest'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import { KeyRing } from '../../src/upstream/keys/keyring.ts'
import { limitSettings } from '../../src/upstream/rate-limits/limit-settings.ts'
import { accepted, post, stateOf, trouble } from './posted.ts'

const unconnected: SubmitOutcome = { kind: 'not_accepted', detail: 'not connected: ECONNREFUSED' }
const rejected: SubmitOutcome = { kind: 'key_rejected', detail: 'HTTP 401' }

describe('while nothing connects', () => {
  test('three orders in a row make the key rest, and one probe goes at pauses that grow to a minute', () => {
    const ring = new KeyRing(['one'])
    for (const order of ['a/1', 'b/2', 'c/3']) post(ring, order, unconnected)
    expect(stateOf(ring)).toEqual(['unreachable'])
    const probedAt: number[] = []
    for (let nowMs = 0; nowMs < 600_000; nowMs += 100) {
      const leases = ring.take(16, nowMs)
      for (const lease of leases) {
        probedAt.push(nowMs)
        expect(ring.take(16, nowMs), 'one at a time').toEqual([])
        ring.settle(lease, {
          outcome: unconnected,
          order: { accountId: 'a', modelId: 'm', requestId: String(nowMs) },
          nowMs,
        })
      }
    }
    const pauses = probedAt.slice(1).map((at, index) => at - (probedAt[index] ?? 0))
    expect(probedAt[0]).toBe(1_000)
    expect(pauses.slice(0, 5)).toEqual([2_000, 4_000, 8_000, 16_000, 32_000])
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000)
    expect(probedAt.length).toBeLessThan(17)
  })

  test('one order that never connects stops nobody, and nor do two', () => {
    const ring = new KeyRing(['one'])
    for (let at = 0; at < 50; at += 1) post(ring, at % 2 === 0 ? 'a/1' : 'a/2', unconnected)
    expect(stateOf(ring)).toEqual(['ready'])
    expect(ring.room(0)).toBeGreaterThan(0)
  })

  test('any answer in between begins the count anew', () => {
    const ring = new KeyRing(['one'])
    for (let at = 0; at < 50; at += 1) {
      post(ring, `a/${at}`, unconnected)
      post(ring, `b/${at}`, unconnected)
      post(ring, `c/${at}`, at % 2 === 0 ? trouble() : { kind: 'unknown', detail: 'timed out' })
    }
    expect(stateOf(ring)).toEqual(['ready'])
  })

  test.each<[string, SubmitOutcome]>([
    ['accepted', accepted],
    ['refused', { kind: 'refused', reason: 'r', detail: 'd' }],
    ['429', { kind: 'rate_limited', retryAfterMs: null, detail: 'd' }],
    ['500', { kind: 'ambiguous', cause: 'server_error', detail: 'd' }],
    ['no answer in time', { kind: 'unknown', detail: 'd' }],
    ['turned away', trouble()],
  ])('a probe that connects ends it, whatever it is told: %s', (_name, outcome) => {
    const ring = new KeyRing(['one'])
    for (const order of ['a/1', 'b/2', 'c/3']) post(ring, order, unconnected)
    expect(post(ring, 'd/4', outcome, 1_000)).toMatchObject({
      change: 'works',
      restsUntil: null,
      makesRoom: true,
    })
    expect(stateOf(ring)).toEqual(['ready'])
  })

  test('what was under way when it ended tells nothing of the time after', () => {
    const ring = new KeyRing(['one'])
    const old = ring.take(4, 0)
    for (const [at, lease] of old.slice(0, 3).entries())
      ring.settle(lease, {
        outcome: unconnected,
        order: { accountId: 'a', modelId: 'm', requestId: String(at) },
        nowMs: 0,
      })
    post(ring, 'd/4', accepted, 1_000)
    for (const lease of old.slice(3))
      ring.settle(lease, {
        outcome: unconnected,
        order: { accountId: 'a', modelId: 'm', requestId: 'x' },
        nowMs: 9_000,
      })
    for (const order of ['a/5', 'a/6']) post(ring, order, unconnected, 9_000)
    expect(stateOf(ring, 9_000)).toEqual(['ready'])
  })

  test('a clock that is set back makes no pause longer', () => {
    const ring = new KeyRing(['one'])
    for (const order of ['a/1', 'b/2', 'c/3']) post(ring, order, unconnected, 3_600_000)
    expect(ring.take(1, 0)).toHaveLength(1)
    const paused = new KeyRing(['one'])
    const [{ fingerprint } = { fingerprint: '' }] = paused.report(0)
    paused.pause(fingerprint, 'all', { untilMs: 3_630_000, nowMs: 3_600_000 })
    expect(paused.room(3_600_001)).toBe(0)
    expect(paused.room(0)).toBeGreaterThan(0)
  })

  test('each key is probed for itself, and another one takes the orders', () => {
    const ring = new KeyRing(['one', 'two'])
    for (let at = 0; at < 12; at += 1) {
      const [lease] = ring.take(1, 0)
      if (!lease) continue
      const isFirst = lease.key === 'one'
      const order = { accountId: 'a', modelId: 'm', requestId: String(at) }
      const settled = ring.settle(lease, { outcome: isFirst ? unconnected : accepted, order, nowMs: 0 })
      expect(settled.restsUntil).toBeNull()
    }
    expect(stateOf(ring)).toEqual(['unreachable', 'ready'])
    expect(ring.take(3, 0).map(({ key }) => key)).toEqual(['two', 'two', 'two'])
  })
})

describe('trouble before the upstream', () => {
  test('of one account alone rests no key, however much of it there is', () => {
    const ring = new KeyRing(['one'])
    for (let at = 0; at < 100; at += 1) post(ring, `attacker/${at}`, trouble())
    expect(stateOf(ring)).toEqual(['ready'])
    expect(ring.room(0)).toBeGreaterThan(0)
  })

  test.each([402, 403, 451, 400])(
    '%i to orders of three accounts in a row makes the key suspected',
    (status) => {
      const ring = new KeyRing(['one'])
      for (const order of ['a/1', 'a/2', 'b/1']) post(ring, order, trouble(status))
      expect(stateOf(ring)).toEqual(['ready'])
      expect(post(ring, 'c/1', trouble(status))).toMatchObject({ change: 'suspected', restsUntil: 1_000 })
      expect(ring.take(16, 999)).toEqual([])
      expect(ring.take(16, 1_000)).toHaveLength(1)
    },
  )

  test('of several accounts with a good answer between rests no key', () => {
    const ring = new KeyRing(['one'])
    for (let at = 0; at < 30; at += 1) post(ring, `${at % 7}/${at}`, at % 3 === 0 ? accepted : trouble())
    expect(stateOf(ring)).toEqual(['ready'])
  })

  test('is charged to the order, until it is shared', () => {
    const ring = new KeyRing(['one'])
    expect(post(ring, 'a/1', trouble())?.troubles).toMatchObject({ met: 1, own: 1 })
    expect(post(ring, 'a/1', trouble())?.troubles).toMatchObject({ met: 2, own: 2 })
    post(ring, 'b/1', trouble())
    expect(post(ring, 'c/1', trouble())?.troubles).toMatchObject({ met: 1, own: 0 })
    expect(post(ring, 'a/1', trouble(), 1_000)?.troubles).toMatchObject({ met: 3, own: 2 })
  })

  test.each([404, 405, 410])('%i is charged to an order only where the upstream answers others', (status) => {
    const ring = new KeyRing(['one'])
    for (let met = 1; met < 9; met += 1)
      expect(post(ring, 'a/1', trouble(status))?.troubles).toMatchObject({ met, own: 0 })
    post(ring, 'a/2', accepted)
    expect(post(ring, 'a/1', trouble(status))?.troubles).toMatchObject({ met: 9, own: 1 })
    expect(post(ring, 'a/1', trouble(status))?.troubles).toMatchObject({ met: 10, own: 1 })
  })

  test('while the key is suspected probes never wait longer than ten seconds', () => {
    const ring = new KeyRing(['one'])
    for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble())
    let last = 0
    for (let nowMs = 0; nowMs < 120_000; nowMs += 100) {
      if (!post(ring, `d/${nowMs}`, trouble(), nowMs)) continue
      expect(nowMs - last).toBeLessThanOrEqual(10_000)
      last = nowMs
    }
    expect(last).toBeGreaterThan(100_000)
    post(ring, 'e/1', accepted, 130_000)
    expect(stateOf(ring)).toEqual(['ready'])
  })
})

describe('a key that is refused', () => {
  test('rests at growing pauses, and the refusals of submits under way together count once', () => {
    const ring = new KeyRing(['one'])
    const leases = ring.take(16, 0)
    for (const lease of leases)
      ring.settle(lease, {
        outcome: rejected,
        order: { accountId: 'a', modelId: 'm', requestId: 'r' },
        nowMs: 0,
      })
    expect(ring.report(0)).toMatchObject([{ state: 'rejected', until: 1_000, detail: 'HTTP 401' }])
    expect(ring.pick(999)).toEqual({ waitUntil: 1_000 })
    expect(post(ring, 'a/1', rejected, 1_000)?.restsUntil).toBe(3_000)
  })
})

test('a place is free as soon as the answer is there, once, and given back where nothing was posted', () => {
  const ring = new KeyRing(['one'], limitSettings(2))
  const [first, second] = ring.take(5, 0)
  if (!first || !second) throw new Error('two may begin')
  expect(ring.room(0)).toBe(0)
  expect(
    ring.settle(first, {
      outcome: accepted,
      order: { accountId: 'a', modelId: 'm', requestId: 'r' },
      nowMs: 10,
    }).makesRoom,
  ).toBe(true)
  expect(
    ring.settle(first, {
      outcome: accepted,
      order: { accountId: 'a', modelId: 'm', requestId: 'r' },
      nowMs: 10,
    }).makesRoom,
  ).toBe(false)
  expect(ring.room(10)).toBe(1)
  ring.giveBack(second, 10)
  ring.giveBack(second, 10)
  expect(ring.report(10)).toMatchObject([{ submits: { inFlight: 0 } }])
})

test('however many keys there are, no more are in flight than connections', () => {
  const ring = new KeyRing(Array.from({ length: 40 }, (_, at) => `key-${at}`))
  expect(ring.take(1_000, 0)).toHaveLength(256)
})

test('the report tells of calls in words without names, addresses or what was said', () => {
  const ring = new KeyRing(['one'])
  const detail = 'ENOTFOUND: getaddrinfo ENOTFOUND api.secret-host.example'
  ring.noteCall('one', { kind: 'answer', status: 200, headers: {}, body: '{}' }, 5)
  expect(ring.report(10)).toMatchObject([{ state: 'ready', calls: { lastSuccessAt: 5, lastError: null } }])
  ring.noteCall('one', { kind: 'answer', status: 403, headers: {}, body: '<html>' }, 6)
  ring.noteCall('one', { kind: 'not_connected', detail }, 7)
  ring.noteCall('one', { kind: 'not_connected', detail }, 8)
  expect(ring.report(10), 'one may have been unlucky').toMatchObject([{ state: 'ready' }])
  ring.noteCall('one', { kind: 'not_connected', detail }, 9)
  const words = 'the name of its host is not found (DNS): ENOTFOUND'
  expect(ring.report(10)).toMatchObject([
    { state: 'unreachable', detail: words, calls: { lastSuccessAt: 5, lastError: { atMs: 9, words } } },
  ])
  ring.noteCall('one', { kind: 'aborted', head: null, detail: 'given up by us' }, 10)
  expect(ring.report(10)).toMatchObject([{ state: 'unreachable' }])
  ring.noteCall('one', { kind: 'answer', status: 500, headers: {}, body: '' }, 11)
  expect(ring.report(11)).toMatchObject([
    { state: 'ready', calls: { lastError: { words: 'it answered HTTP 500' } } },
  ])
})

test.each([
  ['ECONNREFUSED: connect ECONNREFUSED 10.0.0.7:443', 'it refuses connections: ECONNREFUSED'],
  ['EAI_AGAIN: getaddrinfo', 'the name of its host is not found (DNS): EAI_AGAIN'],
  [
    'DEPTH_ZERO_SELF_SIGNED_CERT: self-signed',
    'no secure connection came about (TLS): DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID: host',
    'no secure connection came about (TLS): ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  [
    'UND_ERR_CONNECT_TIMEOUT: Connect Timeout Error',
    'no connection came about in time: UND_ERR_CONNECT_TIMEOUT',
  ],
  ['no answer in 300 ms', 'no connection came about'],
])('%s is told as "%s"', (detail, words) => {
  const ring = new KeyRing(['one'])
  ring.noteCall('one', { kind: 'not_connected', detail }, 1)
  expect(ring.report(1)).toMatchObject([{ calls: { lastError: { words } } }])
})

test('where time is moved, what is to wait waits as long as it had left', () => {
  const ring = new KeyRing(['one', 'two'])
  for (let at = 0; at < 6; at += 1) post(ring, `${at}/${at}`, unconnected)
  const [, second] = ring.report(0)
  ring.pause(second?.fingerprint ?? '', 'all', { untilMs: 30_000, nowMs: 0 })
  ring.shift(3_600_000)
  expect(ring.report(3_600_000)).toMatchObject([{ state: 'unreachable', until: 3_601_000 }, {}])
  expect(ring.room(3_600_999)).toBe(0)
  expect(ring.room(3_601_000)).toBe(1)
  expect(ring.room(3_630_000)).toBe(2)
})

test('places that are taken and given back leave the limit as it was', () => {
  const ring = new KeyRing(['one'], limitSettings('auto'))
  for (let at = 0; at < 100; at += 1) {
    const [lease, ...rest] = ring.take(16, at * 1_000)
    if (!lease) throw new Error('there is room')
    ring.posted(lease, at * 1_000)
    for (const each of rest) ring.giveBack(each, at * 1_000)
    ring.settle(lease, {
      outcome: accepted,
      order: { accountId: 'a', modelId: 'm', requestId: String(at) },
      nowMs: at * 1_000 + 300,
    })
  }
  expect(ring.report(0)).toMatchObject([{ submits: { limit: 16, inFlight: 0 } }])
})
