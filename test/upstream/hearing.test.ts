// What is remembered of callbacks: never more looks than allowed, none forgotten, and no memory without end.
import { describe, expect, test } from 'vitest'
import { createCallbackHealth } from '../../src/upstream/callback-health.ts'

describe('callbacks', () => {
  test('count as arriving for ten minutes after the last', () => {
    const callbackHealth = createCallbackHealth()
    expect(callbackHealth.isGood(0)).toBe(false)
    callbackHealth.note(1_000)
    expect([
      callbackHealth.isGood(1_000),
      callbackHealth.isGood(600_999),
      callbackHealth.isGood(601_000),
    ]).toEqual([true, true, false])
    callbackHealth.note(700_000)
    // Heard by a clock that was set back.
    callbackHealth.note(5_000)
    expect(callbackHealth.isGood(701_000)).toBe(true)
  })
})

describe('a task that callbacks speak of', () => {
  test('is looked at now, then every two seconds, however many come', () => {
    const callbackHealth = createCallbackHealth()
    expect([0, 1, 500, 1_999].map((at) => callbackHealth.tell('t', at))).toEqual([0, 2_000, 2_000, 2_000])
    expect([2_000, 2_001, 3_999].map((at) => callbackHealth.tell('t', at))).toEqual([4_000, 4_000, 4_000])
    expect(callbackHealth.tell('t', 60_000)).toBe(60_000)
    expect(callbackHealth.tell('other', 60_000)).toBe(60_000)
  })

  test('while it is looked at is looked at again after that, and only if one came', () => {
    const callbackHealth = createCallbackHealth()
    callbackHealth.beginPoll('t')
    expect(callbackHealth.endPoll('t')).toBe(false)
    callbackHealth.beginPoll('t')
    expect([
      callbackHealth.tell('t', 5),
      callbackHealth.tell('t', 6),
      callbackHealth.tell('other', 6),
    ]).toEqual([null, null, 6])
    expect(callbackHealth.endPoll('t')).toBe(true)
    callbackHealth.beginPoll('t')
    expect(callbackHealth.endPoll('t')).toBe(false)
  })

  test('is remembered until it ends', () => {
    const callbackHealth = createCallbackHealth()
    expect(callbackHealth.wasTold('t')).toBe(false)
    callbackHealth.tell('t', 0)
    expect(callbackHealth.wasTold('t')).toBe(true)
    callbackHealth.forget('t')
    expect(callbackHealth.wasTold('t')).toBe(false)
  })
})

test('of more tasks than ten thousand those told of longest ago are forgotten', () => {
  const callbackHealth = createCallbackHealth()
  for (let at = 0; at < 10_001; at += 1) callbackHealth.tell(`t${at}`, at)
  expect([
    callbackHealth.wasTold('t0'),
    callbackHealth.wasTold('t1'),
    callbackHealth.wasTold('t10000'),
  ]).toEqual([false, true, true])
  callbackHealth.tell('t1', 20_000)
  callbackHealth.tell('new', 20_000)
  expect([callbackHealth.wasTold('t1'), callbackHealth.wasTold('t2')]).toEqual([true, false])
})
