// A loop is stuck when it stands still while the process runs, not when the machine is busy or the clock was set.
import { expect, test } from 'vitest'
import { startTurns } from '../../src/worker/turns.ts'
import { manualClock } from '../support/clock.ts'

const loops = ['submit', 'poll'] as const

async function seconds(
  clock: ReturnType<typeof manualClock>,
  count: number,
  each: () => void = () => undefined,
) {
  for (let second = 0; second < count; second += 1) {
    clock.advance(1_000)
    await new Promise((resolve) => setImmediate(resolve))
    each()
  }
}

test('a loop that does not come round for thirty seconds of a running process is stuck until it does', async () => {
  const clock = manualClock()
  const stopping = new AbortController()
  const turns = startTurns(clock, loops, stopping.signal)
  await seconds(clock, 29, () => turns.turn('poll'))
  expect(turns.stuck()).toEqual([])
  await seconds(clock, 1, () => turns.turn('poll'))
  expect(turns.stuck()).toEqual(['submit'])
  turns.turn('submit')
  expect(turns.stuck()).toEqual([])
  stopping.abort()
})

test('a machine that was asleep and a clock that was set ahead make no loop stuck', async () => {
  const clock = manualClock()
  const stopping = new AbortController()
  const turns = startTurns(clock, loops, stopping.signal)
  clock.advance(3_600_000)
  await new Promise((resolve) => setImmediate(resolve))
  expect(turns.stuck()).toEqual([])
  stopping.abort()
})
