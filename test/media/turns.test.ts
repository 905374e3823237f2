// Operations on files of media take a bounded number of threads, also when the volume never answers.
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createFileTurns, VolumeStalled } from '../../src/media/volume/turns.ts'
import { until } from '../support/gateway.ts'

const mayDelay = { readsMax: 2, writesMax: 2, max: 3, readTimeoutMs: 60_000, writeTimeoutMs: 60_000 }
const quick = { ...mayDelay, readTimeoutMs: 20, writeTimeoutMs: 20 }

/** A volume whose operations end when a test says so. */
function standIn() {
  const ends: (() => void)[] = []
  const state = { underWay: 0, most: 0, begun: 0 }
  const work = async () => {
    state.begun += 1
    state.underWay += 1
    state.most = Math.max(state.most, state.underWay)
    await new Promise<void>((resolve) => ends.push(resolve))
    state.underWay -= 1
    return 'done'
  }
  return { state, work, endOne: () => ends.shift()?.(), endAll: () => ends.splice(0).forEach((end) => end()) }
}

test.each([
  ['reads', ['read'], 2],
  ['writes', ['write'], 2],
  ['both', ['read', 'write'], 3],
] as const)('of many %s at once so many are under way, and all are done', async (_what, kinds, most) => {
  const turns = createFileTurns(mayDelay)
  const { state, work, endOne } = standIn()
  const all = Array.from({ length: 40 }, (_, at) => turns.run(kinds[at % kinds.length] ?? 'read', work))
  for (let ended = 0; ended < all.length; ended += 1) {
    await until(
      () => state.begun,
      (begun) => begun > ended,
    )
    endOne()
    await setImmediate()
  }
  expect(await Promise.all(all)).toEqual(all.map(() => 'done'))
  expect(state.most).toBe(most)
})

test('who waits for too long is told so, and so is at once who comes while all turns are held too long', async () => {
  const turns = createFileTurns(quick)
  const { state, work, endAll } = standIn()
  const held = [turns.run('read', work), turns.run('read', work), turns.run('read', work)]
  for (const each of held) await expect(each).rejects.toThrow(VolumeStalled)
  let isOver = false
  const next = turns.run('read', work).catch((error: unknown) => {
    isOver = true
    return error
  })
  await setImmediate()
  expect(isOver).toBe(true)
  expect(await next).toBeInstanceOf(VolumeStalled)
  // The third had no turn by then, and has none later.
  expect(state.begun).toBe(2)
  endAll()
  await setImmediate()
  const again = turns.run('read', work)
  await until(
    () => state.begun,
    (begun) => begun === 3,
  )
  endAll()
  expect(await again).toBe('done')
})

test('reads that hang leave turns for writes', async () => {
  const turns = createFileTurns(mayDelay)
  const { work, endAll } = standIn()
  const hung = Array.from({ length: 5 }, () => turns.run('read', work))
  expect(await turns.run('write', async () => 'written')).toBe('written')
  endAll()
  await setImmediate()
  endAll()
  await setImmediate()
  endAll()
  await Promise.all(hung)
})

test('what comes too late is given back, and what cleans up is done in the end', async () => {
  const turns = createFileTurns(quick)
  const { work, endAll } = standIn()
  const late: string[] = []
  const held = [1, 2].map(async () => await turns.run('read', work, (result) => late.push(result)))
  for (const each of held) await expect(each).rejects.toThrow(VolumeStalled)
  let isClean = false
  await turns.cleanUp('read', async () => void (isClean = true))
  expect(isClean).toBe(false)
  endAll()
  await until(
    () => isClean,
    (clean) => clean,
  )
  expect(late).toEqual(['done', 'done'])
})

test('work that fails gives its turn back', async () => {
  const turns = createFileTurns(mayDelay)
  for (let each = 0; each < 10; each += 1) {
    await expect(turns.run('write', async () => await Promise.reject(new Error('full')))).rejects.toThrow(
      'full',
    )
    await turns.cleanUp('read', async () => await Promise.reject(new Error('full')))
  }
  expect(await turns.run('read', async () => 'read')).toBe('read')
})
