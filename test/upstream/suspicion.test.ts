// A key that is only suspected: what ends that, what says nothing of it, and which orders may be tried meanwhile.
import { expect, test } from 'vitest'
import { KeyRing } from '../../src/upstream/keyring.ts'
import { accepted, post, stateOf, trouble } from './posted.ts'

test("trouble that is proven to be an order's own says nothing of the key any more", () => {
  const ring = new KeyRing(['one'])
  for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble())
  post(ring, 'd/1', accepted, 1_000)
  for (let at = 0; at < 3; at += 1)
    for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble(), 2_000)
  expect(stateOf(ring, 2_000)).toEqual(['ready'])
  for (const order of ['a/2', 'b/2', 'c/2']) post(ring, order, trouble(), 2_000)
  expect(stateOf(ring, 2_000)).toEqual(['suspected'])
})

test.each<[number, string]>([
  [404, 'ready'],
  [400, 'ready'],
  [402, 'suspected'],
  [403, 'suspected'],
  [451, 'suspected'],
])('%i: when a poll is answered the key is %s', (status, state) => {
  const ring = new KeyRing(['one'])
  for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble(status))
  expect(stateOf(ring)).toEqual(['suspected'])
  expect(ring.polled()).toBe(state === 'ready')
  expect(stateOf(ring)).toEqual([state])
})

test('an answered poll charges an order with the page that it met again, but not with 402', () => {
  const ring = new KeyRing(['one'])
  for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble(404))
  ring.polled()
  expect(post(ring, 'a/1', trouble(404))?.troubles).toMatchObject({ met: 2, own: 1 })
  for (const order of ['d/1', 'e/1', 'f/1']) post(ring, order, trouble(402))
  ring.polled()
  expect(post(ring, 'd/1', trouble(402), 1_000)?.troubles).toMatchObject({ met: 2, own: 1 })
})

test('while the key only is suspected an order may soon be tried, whatever the pause and the probe', () => {
  const ring = new KeyRing(['one'])
  for (const order of ['a/1', 'b/1', 'c/1']) post(ring, order, trouble())
  expect([ring.caution(249), ring.room(249), ring.takeToTry(249)]).toEqual([null, 0, []])
  expect([ring.caution(250), ring.room(250), ring.take(16, 250)]).toEqual(['try', 1, []])
  expect(ring.caution(1_000)).toBe('probe')
  expect([ring.isInTrouble('a/1'), ring.isInTrouble('a/2'), ring.isTroubled('a')]).toEqual([
    true,
    false,
    true,
  ])
  expect(ring.take(16, 1_000), 'a probe that hangs').toHaveLength(1)
  expect([ring.caution(1_249), ring.caution(1_250), ring.room(1_250)]).toEqual([null, 'try', 1])
  const [lease] = ring.takeToTry(1_250)
  if (!lease) throw new Error('one may be tried')
  const order = { accountId: 'd', requestId: 'd/1' }
  expect(ring.settle(lease, accepted, order, 1_300)).toMatchObject({ change: 'works' })
  expect(ring.caution(1_300)).toBeNull()
})
