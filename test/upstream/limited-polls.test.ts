// A poll that is answered 429: whether it speaks of its work alone, or of its key.
import { expect, test } from 'vitest'
import { fingerprintOf } from '../../src/upstream/keys/key-mark.ts'
import { KeyRing } from '../../src/upstream/keys/keyring.ts'
import { accepted, post } from './posted.ts'

const [one, two] = [fingerprintOf('one'), fingerprintOf('two')]

test('a work that meets it again is odd, once its own key has answered anything else meanwhile', () => {
  const ring = new KeyRing(['one'])
  expect(ring.limitedPoll(one, 'w')).toMatchObject({ times: 1, isOwn: false })
  expect(ring.limitedPoll(one, 'w'), 'nothing was answered').toMatchObject({ times: 2, isOwn: false })
  ring.polled(one, 'v')
  expect(ring.limitedPoll(one, 'w')).toMatchObject({ times: 3, isOwn: true })
})

test.each<[string, (ring: KeyRing) => void]>([
  ['a poll', (ring) => void ring.polled(two, 'v')],
  ['a poll with a key that is gone', (ring) => void ring.polled(fingerprintOf('three'), 'v')],
  ['a poll of work from before keys were named', (ring) => void ring.polled(null, 'v')],
  [
    'an order',
    (ring) => {
      const order = { accountId: 'a', modelId: 'm', requestId: 'a/1' }
      const lease = ring.take(2, 0).find(({ fingerprint }) => fingerprint === two)
      if (lease) ring.settle(lease, { outcome: accepted, order, nowMs: 0 })
    },
  ],
])('what another key is answered to %s says nothing of the limit of this one', (_, answer) => {
  const ring = new KeyRing(['one', 'two'])
  ring.limitedPoll(one, 'w')
  answer(ring)
  expect(ring.limitedPoll(one, 'w')).toMatchObject({ isOwn: false })
})

test('an order that its own key takes counts as an answer', () => {
  const ring = new KeyRing(['one'])
  ring.limitedPoll(one, 'w')
  post(ring, 'a/1', accepted)
  expect(ring.limitedPoll(one, 'w')).toMatchObject({ isOwn: true })
})

test('two works that meet it in a row speak of the key, two works of different keys do not', () => {
  const ring = new KeyRing(['one', 'two'])
  expect(ring.limitedPoll(one, 'w')).toMatchObject({ isShared: false })
  expect(ring.limitedPoll(two, 'v')).toMatchObject({ isShared: false })
  expect(ring.limitedPoll(one, 'u')).toMatchObject({ isShared: true })
})
