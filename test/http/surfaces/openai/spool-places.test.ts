// Who may have pictures in the spool, and for how long while others wait.
import { expect, test } from 'vitest'
import { createSpoolPlaces } from '../../../../src/http/surfaces/openai/images/spool-places.ts'
import { manualClock } from '../../../support/clock.ts'

const settled = async () => await new Promise((resolve) => setImmediate(resolve))

function reading() {
  const clock = manualClock(0)
  const places = createSpoolPlaces(clock)
  const cut: string[] = []
  const enter = async (accountId: string, count: number, gone = new AbortController()) =>
    await places.enter({ accountId, count, gone: gone.signal, cut: () => void cut.push(accountId) })
  const turn = async (ms = 100) => {
    clock.advance(ms)
    await settled()
  }
  return { enter, cut, turn }
}

test('who reads slowly keeps its place while nobody waits, and is cut off when others do', async () => {
  const { enter, cut, turn } = reading()
  const [one, two] = [await enter('a', 16), await enter('b', 16)]
  one.read()
  two.read()
  await turn(600_000)
  expect(cut).toEqual([])
  let isIn = false
  const third = enter('c', 1).then((held) => {
    isIn = true
    return held
  })
  await turn()
  expect([cut[0], isIn]).toEqual(['a', false])
  one.leave()
  one.leave()
  await turn()
  expect(isIn).toBe(true)
  expect(cut).not.toContain('b')
  ;(await third).leave()
})

test('who has read for less than a minute, or whose pictures are being fetched, is waited for', async () => {
  const { enter, cut, turn } = reading()
  const [one] = [await enter('a', 16), await enter('b', 16)]
  await turn(600_000)
  one.read()
  void enter('c', 1)
  await turn(59_900)
  expect(cut).toEqual([])
  await turn()
  expect(cut).toEqual(['a'])
})

test('an account at its own bound waits for itself, and cuts off nobody else', async () => {
  const { enter, cut, turn } = reading()
  const own = await enter('a', 16)
  const other = await enter('b', 1)
  own.read()
  other.read()
  await turn(60_000)
  void enter('a', 2)
  await turn()
  expect(cut).toEqual(['a'])
})

test('an order of more pictures than an account may have gets all that it may have', async () => {
  const { enter } = reading()
  await enter('a', 40)
  expect((await enter('b', 16)).leave).toBeTypeOf('function')
})

test('a client that goes away while it waits takes no place', async () => {
  const { enter, turn } = reading()
  const [one] = [await enter('a', 16), await enter('b', 16)]
  const gone = new AbortController()
  const waits = enter('c', 16, gone)
  gone.abort()
  await Promise.all([expect(waits).rejects.toThrow(), turn()])
  one.leave()
  await enter('d', 16)
})
