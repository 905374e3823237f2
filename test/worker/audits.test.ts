// The ledger is audited by itself while the gateway serves: soon, then every ten minutes, and never for long.
import { expect, onTestFinished, test } from 'vitest'
import type { Auditor } from '../../src/ledger/auditor.ts'
import type { Verification } from '../../src/ledger/pass/pass.ts'
import { alone } from '../../src/instances/instances.ts'
import { startAudits } from '../../src/worker/audits.ts'
import { manualClock } from '../support/clock.ts'

const minuteMs = 60_000
const healthy: Verification = { ok: true, accounts: 0, entries: 0, drift: [] }

function start(run: () => Promise<Verification>) {
  const clock = manualClock()
  let audited = 0
  const auditor: Auditor = {
    verify: async () => {
      audited += 1
      return await run()
    },
    last: () => null,
    stop: async () => undefined,
  }
  const audits = startAudits({ clock, instances: alone }, auditor)
  onTestFinished(async () => await audits.stop())
  const turn = async () => await new Promise(setImmediate)
  return {
    clock,
    audits,
    after: async (ms: number): Promise<number> => {
      clock.advance(ms)
      await turn()
      return audited
    },
  }
}

test('the first comes half a minute after the start, the next ten minutes after that, also when one failed', async () => {
  let fails = true
  const { after } = start(async () => {
    if (fails) throw new Error('no')
    return healthy
  })
  expect(await after(120_000 - 1)).toBe(0)
  expect(await after(1)).toBe(1)
  fails = false
  expect(await after(10 * minuteMs - 1)).toBe(1)
  expect(await after(1)).toBe(2)
  expect(await after(10 * minuteMs)).toBe(3)
})

test('one that took long is followed by a pause of nineteen times as long: five hundredths of all time at most', async () => {
  let end = (_found: Verification): void => undefined
  const { after } = start(async () => await new Promise((resolve) => (end = resolve)))
  expect(await after(120_000)).toBe(1)
  // Another does not begin while one is under way.
  expect(await after(60 * minuteMs)).toBe(1)
  end(healthy)
  expect(await after(0)).toBe(1)
  expect(await after(19 * 60 * minuteMs - 1)).toBe(1)
  expect(await after(1)).toBe(2)
  end(healthy)
})

test('however long one takes, another begins a day after it began, or ten minutes after its end', async () => {
  const hourMs = 60 * minuteMs
  let end = (_found: Verification): void => undefined
  const { after } = start(async () => await new Promise((resolve) => (end = resolve)))
  expect(await after(120_000)).toBe(1)
  await after(5 * hourMs)
  end(healthy)
  expect(await after(0)).toBe(1)
  // Nineteen times five hours would be four days.
  expect(await after(19 * hourMs - 1)).toBe(1)
  expect(await after(1)).toBe(2)
  await after(30 * hourMs)
  end(healthy)
  expect(await after(0)).toBe(2)
  expect(await after(10 * minuteMs)).toBe(3)
  end(healthy)
})

test('after the stop there is none', async () => {
  const { after, audits } = start(async () => healthy)
  await audits.stop()
  expect(await after(60 * minuteMs)).toBe(0)
})
