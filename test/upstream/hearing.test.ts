// What is remembered of callbacks: never more looks than allowed, none forgotten, and no memory without end.
import { describe, expect, test } from 'vitest'
import { createHearing } from '../../src/upstream/callback-health.ts'

describe('callbacks', () => {
  test('count as arriving for ten minutes after the last', () => {
    const hearing = createHearing()
    expect(hearing.isGood(0)).toBe(false)
    hearing.note(1_000)
    expect([hearing.isGood(1_000), hearing.isGood(600_999), hearing.isGood(601_000)]).toEqual([
      true,
      true,
      false,
    ])
    hearing.note(700_000)
    // Heard by a clock that was set back.
    hearing.note(5_000)
    expect(hearing.isGood(701_000)).toBe(true)
  })
})

describe('a task that callbacks speak of', () => {
  test('is looked at now, then every two seconds, however many come', () => {
    const hearing = createHearing()
    expect([0, 1, 500, 1_999].map((at) => hearing.tell('t', at))).toEqual([0, 2_000, 2_000, 2_000])
    expect([2_000, 2_001, 3_999].map((at) => hearing.tell('t', at))).toEqual([4_000, 4_000, 4_000])
    expect(hearing.tell('t', 60_000)).toBe(60_000)
    expect(hearing.tell('other', 60_000)).toBe(60_000)
  })

  test('while it is looked at is looked at again after that, and only if one came', () => {
    const hearing = createHearing()
    hearing.beginLook('t')
    expect(hearing.endLook('t')).toBe(false)
    hearing.beginLook('t')
    expect([hearing.tell('t', 5), hearing.tell('t', 6), hearing.tell('other', 6)]).toEqual([null, null, 6])
    expect(hearing.endLook('t')).toBe(true)
    hearing.beginLook('t')
    expect(hearing.endLook('t')).toBe(false)
  })

  test('is remembered until it ends', () => {
    const hearing = createHearing()
    expect(hearing.wasTold('t')).toBe(false)
    hearing.tell('t', 0)
    expect(hearing.wasTold('t')).toBe(true)
    hearing.forget('t')
    expect(hearing.wasTold('t')).toBe(false)
  })
})

test('of more tasks than ten thousand those told of longest ago are forgotten', () => {
  const hearing = createHearing()
  for (let at = 0; at < 10_001; at += 1) hearing.tell(`t${at}`, at)
  expect([hearing.wasTold('t0'), hearing.wasTold('t1'), hearing.wasTold('t10000')]).toEqual([
    false,
    true,
    true,
  ])
  hearing.tell('t1', 20_000)
  hearing.tell('new', 20_000)
  expect([hearing.wasTold('t1'), hearing.wasTold('t2')]).toEqual([true, false])
})
