// The table of answers to a submit: what each means for its order, for its place in the queue, and when it is posted again.
import { expect, test } from 'vitest'
import { reasons } from '../../src/reasons.ts'
import { decide } from '../../src/tasks/submit/retry-policy.ts'
import type { Decision } from '../../src/tasks/submit/retry-policy.ts'
import type { Submission } from '../../src/tasks/submit/submission.ts'
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import type { Settled } from '../../src/upstream/keys/settled.ts'

const nowMs = 1_000_000
const settings = { queueForMs: 3_600_000, attemptsMax: 3, after5xxMs: 30_000 }

interface Case {
  readonly retriesMade?: number
  readonly failuresInRow?: number
  readonly isProbe?: boolean
  readonly ambiguous?: 'retry' | 'wait'
  readonly heldUntil?: number | null
  readonly key?: Partial<Settled>
}

function decided(outcome: SubmitOutcome, given: Case = {}): Decision {
  const { retriesMade = 0, failuresInRow = 0, isProbe = false, ambiguous = 'retry', heldUntil = null } = given
  const submission = {
    upstream: { settings: { submit: { ...settings, ambiguous } } },
    request: { retriesMade, failuresInRow },
    key: { beginning: { isProbe } },
  } as unknown as Submission
  const key: Settled = {
    restsUntil: null,
    troubles: { met: 0, own: 0, isAlone: false },
    isProven: false,
    limited: { scope: 'key', times: 1, ofOrder: 1, revokes: false },
    change: null,
    makesRoom: false,
    ...given.key,
  }
  return decide(submission, outcome, { nowMs, key, heldUntil })
}

const detail = 'so it said'
const limited429: SubmitOutcome = { kind: 'rate_limited', retryAfterMs: null, detail }
const ofModel = (ofOrder: number): Partial<Settled> => ({
  limited: { scope: 'model', times: 2, ofOrder, revokes: false },
})
const troubles = (own: number, isAlone = false): Partial<Settled> => ({
  troubles: { met: own, own, isAlone },
})

test('ids start tasks, and an answer that was cut off says so', () => {
  expect(decided({ kind: 'accepted', taskIds: ['a'] })).toEqual({
    kind: 'run',
    upstreamTaskIds: ['a'],
    isCut: false,
  })
  expect(decided({ kind: 'accepted', taskIds: ['a'], isCut: true })).toMatchObject({ isCut: true })
})

test('a refusal ends the order with its reason', () => {
  expect(decided({ kind: 'refused', reason: 'the prompt', detail })).toEqual({
    kind: 'fail',
    failure: { reason: 'the prompt', detail },
  })
})

test('429 to a key pauses the key, and its order keeps its place and may go with another key at once', () => {
  expect(decided(limited429)).toEqual({
    kind: 'again',
    certain: true,
    dueAt: nowMs,
    keepsPlace: true,
    counts: null,
  })
})

test('429 to orders of one kind holds this one longer than those that have had none', () => {
  const heldUntil = nowMs + 10_000
  const held = decided(limited429, { heldUntil, key: ofModel(1) })
  expect(held).toMatchObject({ kind: 'again', keepsPlace: true })
  expect((held as { dueAt: number }).dueAt).toBeGreaterThan(heldUntil)
  expect(decided(limited429, { heldUntil: null, key: ofModel(1) })).toMatchObject({ dueAt: nowMs })
})

test('an order that was answered 429 five times lets others of its account go first', () => {
  expect(decided(limited429, { key: ofModel(4) })).toMatchObject({ keepsPlace: true })
  expect(decided(limited429, { key: ofModel(5) })).toMatchObject({ keepsPlace: false })
})

test('the probe of a resting key goes behind other orders: the next probe is one of those', () => {
  expect(decided(limited429, { isProbe: true })).toMatchObject({ keepsPlace: false })
  const restsUntil = nowMs + 5_000
  const probed = decided({ kind: 'key_rejected', detail }, { isProbe: true, key: { restsUntil } })
  expect((probed as { dueAt: number }).dueAt).toBeGreaterThan(restsUntil)
})

test('a key that the upstream itself rejects never ends an order; a page that does it five times does', () => {
  const rejected: SubmitOutcome = { kind: 'key_rejected', detail }
  expect(decided(rejected, { key: troubles(50) })).toMatchObject({ kind: 'again', dueAt: nowMs })
  const byPage: SubmitOutcome = { ...rejected, isForeign: true }
  expect(decided(byPage, { key: troubles(4) })).toMatchObject({ kind: 'again' })
  expect(decided(byPage, { key: troubles(5) })).toEqual({
    kind: 'fail',
    failure: { reason: reasons.turnedAway, detail },
  })
})

test.each<[string, SubmitOutcome, boolean]>([
  ['a refusal that may be a firewall’s', { kind: 'order_trouble', status: 403, detail }, true],
  ['a redirect', { kind: 'ambiguous', cause: 'redirect', detail }, false],
])('%s loses the order its place, and ends it at the fifth time', (_name, outcome, certain) => {
  expect(decided(outcome, { key: troubles(4) })).toMatchObject({ kind: 'again', certain, keepsPlace: false })
  expect(decided(outcome, { key: troubles(5) })).toMatchObject({
    kind: 'fail',
    failure: { reason: reasons.turnedAway },
  })
})

test('while no other order is taken, pauses between its troubles span minutes; alone it comes sooner', () => {
  const trouble: SubmitOutcome = { kind: 'order_trouble', status: 402, detail }
  const pauses = [1, 2, 3, 4].map((own) => dueIn(decided(trouble, { key: troubles(own) })))
  expect(pauses.toSorted((one, other) => one - other)).toEqual(pauses)
  expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBeGreaterThan(8 * 60_000)
  for (const own of [1, 2, 3, 4]) {
    expect(dueIn(decided(trouble, { key: troubles(own, true) }))).toBeLessThanOrEqual(60_000)
  }
})

test('a submit that never reached the upstream is made again at once, then after growing pauses', () => {
  const pauses = Array.from({ length: 12 }, (_, failuresInRow) => {
    const decision = decided({ kind: 'not_accepted', detail }, { failuresInRow })
    expect(decision).toMatchObject({
      kind: 'again',
      certain: true,
      keepsPlace: true,
      counts: 'failuresInRow',
    })
    return dueIn(decision)
  })
  expect(pauses.slice(0, 5)).toEqual([0, 0, 0, 1_000, 2_000])
  expect(Math.max(...pauses)).toBe(60_000)
})

test('a retry that Keevx documents is counted, and ends the order when its attempts are used up', () => {
  const outcome: SubmitOutcome = { kind: 'retry_documented', detail }
  expect(decided(outcome)).toMatchObject({ kind: 'again', certain: true, counts: 'retriesMade' })
  expect(dueIn(decided(outcome))).toBe(1_000)
  expect(decided(outcome, { retriesMade: 2 })).toEqual({
    kind: 'fail',
    failure: { reason: reasons.unavailable, detail },
  })
})

test('an answer that does not say whether the order was taken is retried only where the operator wants it', () => {
  const broken: SubmitOutcome = { kind: 'ambiguous', cause: 'broken_connection', detail }
  const failed: SubmitOutcome = { kind: 'ambiguous', cause: 'server_error', detail }
  expect(decided(broken)).toMatchObject({ kind: 'again', certain: false, counts: 'retriesMade' })
  expect([dueIn(decided(broken)), dueIn(decided(failed))]).toEqual([0, settings.after5xxMs])
  for (const outcome of [broken, failed, { ...broken, cause: 'redirect' as const }]) {
    expect(decided(outcome, { ambiguous: 'wait' })).toEqual({ kind: 'wait' })
  }
  expect(decided(broken, { retriesMade: 2 })).toMatchObject({ kind: 'fail' })
})

test('an unknown outcome is never posted again', () => {
  expect(decided({ kind: 'unknown', detail })).toEqual({ kind: 'wait' })
  expect(decided({ kind: 'unknown', detail, isForeign: true })).toEqual({ kind: 'wait' })
})

function dueIn(decision: Decision): number {
  return decision.kind === 'again' ? decision.dueAt - nowMs : expect.fail('it is not posted again')
}
