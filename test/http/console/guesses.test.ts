// How many passwords may be tried: for one account, and from one address for many.
import { expect, test } from 'vitest'
import { GatewayError } from '../../../src/errors.ts'
import { createGuesses } from '../../../src/http/console/guesses.ts'

const refusal = async (counting: Promise<void>) =>
  await counting.then(
    () => null,
    (error: unknown) => (error instanceof GatewayError ? error.type : error),
  )

test('ten for one account from anywhere, and a hundred from one address for whatever accounts', async () => {
  const guesses = createGuesses()
  for (let at = 0; at < 10; at += 1) await guesses.count({ account: 'ann', address: `198.51.100.${at}` })
  expect(await refusal(guesses.count({ account: 'ann', address: '203.0.113.1' }))).toBe('rate_limited')
  for (let at = 0; at < 100; at += 1) await guesses.count({ account: `acc ${at}`, address: '192.0.2.7' })
  expect(await refusal(guesses.count({ account: 'bob', address: '192.0.2.7' }))).toBe('rate_limited')
  expect(await refusal(guesses.count({ account: 'bob', address: '192.0.2.8' }))).toBeNull()
})

test('a right password counts for nothing', async () => {
  const guesses = createGuesses()
  const ann = { account: 'ann', address: '192.0.2.7' }
  for (let at = 0; at < 200; at += 1) {
    await guesses.count(ann)
    await guesses.forgive(ann)
  }
  expect(await refusal(guesses.count(ann))).toBeNull()
})
