// Taking away what is kept no longer has a tenth of the time, however much there is of it.
import { expect, onTestFinished, test } from 'vitest'
import { createWakeup } from '../../src/worker/wakeup.ts'
import { keepCleaning } from '../../src/worker/forgetting.ts'
import { createShare } from '../../src/worker/share.ts'
import { manualClock } from '../support/clock.ts'

function start(turn: (turns: number, clock: ReturnType<typeof manualClock>) => boolean) {
  const clock = manualClock()
  const wakeup = createWakeup()
  const stopping = new AbortController()
  const errors: unknown[] = []
  let turns = 0
  const ended = keepCleaning(
    {
      clock,
      wakeup: wakeup.listen(),
      onTurn: () => undefined,
      onError: (error) => void errors.push(error),
      turn: async () => turn((turns += 1), clock),
    },
    stopping.signal,
  )
  const stop = async () => {
    stopping.abort()
    wakeup.wakeAll()
    await ended
  }
  onTestFinished(stop)
  return {
    clock,
    errors,
    stop,
    after: async (ms: number): Promise<number> => {
      clock.advance(ms)
      for (let round = 0; round < 5; round += 1) await new Promise(setImmediate)
      return turns
    },
  }
}

test('a turn is followed by a rest of nine times as long, as long as there is more', async () => {
  const { after } = start((_turns, clock) => {
    clock.advance(20)
    return true
  })
  expect(await after(0)).toBe(1)
  expect(await after(179)).toBe(1)
  expect(await after(1)).toBe(2)
  expect(await after(179)).toBe(2)
  expect(await after(1)).toBe(3)
})

test('where it takes longer, because others write as well, it rests longer', async () => {
  const { after } = start((turns, clock) => {
    clock.advance(turns === 1 ? 500 : 1)
    return true
  })
  expect(await after(0)).toBe(1)
  expect(await after(4_499)).toBe(1)
  expect(await after(1)).toBe(2)
  expect(await after(9)).toBe(3)
})

test('where nothing is left it looks again in a second, and a failure is told and no reason to hurry', async () => {
  const { after, errors } = start((turns) => {
    if (turns === 2) throw new Error('the disk is slow')
    return false
  })
  expect(await after(0)).toBe(1)
  expect(await after(999)).toBe(1)
  expect(await after(1)).toBe(2)
  expect(errors).toHaveLength(1)
  expect(await after(999)).toBe(2)
  expect(await after(1)).toBe(3)
})

test('a stop waits for no rest', async () => {
  const { after, stop } = start((_turns, clock) => {
    clock.advance(60_000)
    return true
  })
  expect(await after(0)).toBe(1)
  await stop()
  expect(await after(0)).toBe(1)
})

test('what failed has taken its time as well', async () => {
  const clock = manualClock()
  const share = createShare(clock, 0.25)
  expect(share.restMs()).toBe(0)
  const failing = share.spend(async () => {
    clock.advance(10)
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(share.restMs()).toBe(30)
  clock.advance(30)
  expect(share.restMs()).toBe(0)
})
