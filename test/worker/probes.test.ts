// The store for results is probed at the start and in quiet times, and more often while it does not work, whoever found that out.
import { expect, test } from 'vitest'
import type { Context, ResultStoreState } from '../../src/context.ts'
import { startProbes } from '../../src/worker/probes.ts'
import { manualClock } from '../support/clock.ts'

const secondMs = 1_000

test('every minute while it works; ten seconds after a result found it down, and every ten seconds then', async () => {
  const clock = manualClock()
  let state: ResultStoreState = 'works'
  let probes = 0
  const resultStore = {
    state: () => state,
    report: () => ({ state, lastSuccessAtMs: null, lastError: null }),
    check: async () => void (probes += 1),
    recheck: async () => void (state = 'down'),
    use: async () => await Promise.reject(new Error('not here')),
  }
  const config = { publicUrl: 'https://gate.example', media: { store: 'disk' } }
  let isThere = true
  const mediaRoot = { isSame: async () => isThere }
  const running = startProbes({ clock, resultStore, config, mediaRoot } as unknown as Context)
  const passing = async (seconds: number) => {
    for (let at = 0; at < seconds; at += 1) {
      clock.advance(secondMs)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return probes
  }
  expect(await passing(0)).toBe(1)
  expect(await passing(55)).toBe(1)
  expect(await passing(6)).toBe(2)
  state = 'down'
  expect(await passing(12)).toBe(3)
  expect(await passing(30)).toBe(6)
  state = 'works'
  expect(await passing(50)).toBe(6)
  // The folder was moved away, and nobody has found that out yet.
  isThere = false
  await passing(25)
  expect(state).toBe('down')
  await running.stop()
})
