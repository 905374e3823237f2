// Whose 429 it is: what is met before, what is answered since, and by whom.
import { expect, test } from 'vitest'
import { LimitBlame } from '../../src/upstream/rate-limits/blame.ts'

/** `a v 1`: account, model, request. */
function order(words: string) {
  const [accountId = '', modelId = '', requestId = ''] = words.split(' ')
  return { accountId, modelId, requestId: `${accountId} ${modelId} ${requestId}` }
}

/** `+` before an answered order, `-` before one that met a 429, `<` before one that met a page; the scopes of the 429s. */
function scopesOf(...events: string[]): string[] {
  const blame = new LimitBlame()
  return events.flatMap((event) => {
    const asked = order(event.slice(1))
    if (event.startsWith('+')) {
      blame.answered(asked)
      return []
    }
    return [blame.met(asked, { isPage: event.startsWith('<') }).scope]
  })
}

test.each([
  ['the first is of the key', ['-a v 1'], ['key']],
  [
    'met again by the same order, with answers to others between',
    ['-a v 1', '+b i 1', '-a v 1'],
    ['key', 'order'],
  ],
  ['met again, and nothing was answered between', ['-a v 1', '-a v 1'], ['key', 'key']],
  [
    'met by another order of the account for the model',
    ['-a v 1', '+b i 1', '-a v 2'],
    ['key', 'account_model'],
  ],
  ['met by another model of the account', ['-a v 1', '+b i 1', '-a i 2'], ['key', 'account']],
  ['met by another account for the model', ['-a v 1', '+b i 1', '-c v 2'], ['key', 'model']],
  ['of its own kind one was answered since', ['-a v 1', '+b i 1', '+a v 2', '-a v 3'], ['key', 'key']],
  ['of its account one was answered since', ['-a v 1', '+b i 1', '+a i 2', '-a i 3'], ['key', 'key']],
  [
    'of its account for another model one was',
    ['-a v 1', '+b i 1', '+a i 2', '-a v 3'],
    ['key', 'account_model'],
  ],
  ['others met it just before', ['-a v 1', '+b i 1', '-c i 1', '-a v 1'], ['key', 'key', 'key']],
  [
    'and both are explained by their model',
    ['-a v 1', '+b i 1', '-c v 1', '-a v 1'],
    ['key', 'model', 'model'],
  ],
  ['a page is of its account', ['<a v 1'], ['account']],
  ['a page that two accounts meet is of the key', ['<a v 1', '<b v 1'], ['account', 'key']],
  ['a page after an answer to others', ['<a v 1', '+b i 1', '<c i 1'], ['account', 'account']],
])('%s', (_name, events, scopes) => {
  expect(scopesOf(...events)).toEqual(scopes)
})

test('one account that meets it now and then, while others are answered, speaks of itself from the fourth time on', () => {
  const turns = [1, 2, 3, 4, 5].flatMap((at) => [`-a v ${at}`, `+a v good${at}`, `+b v ${at}`])
  expect(scopesOf(...turns)).toEqual(['key', 'key', 'key', 'account', 'account'])
  const alone = [1, 2, 3, 4, 5].flatMap((at) => [`-a v ${at}`, `+a v good${at}`])
  expect(scopesOf(...alone), 'nobody else was answered').toEqual(['key', 'key', 'key', 'key', 'key'])
  const two = [1, 2, 3, 4, 5].flatMap((at) => [`-a v ${at}`, `+b v ${at}`, `-b v bad${at}`, `+a v good${at}`])
  expect(new Set(scopesOf(...two)), 'others meet it too').toEqual(new Set(['key']))
})

test('it counts how often the scope has met it, and the order', () => {
  const blame = new LimitBlame()
  blame.met(order('a v 1'))
  blame.answered(order('b i 1'))
  expect(blame.met(order('a v 2'))).toMatchObject({ scope: 'account_model', times: 2, ofOrder: 1 })
  expect(blame.met(order('a v 2'))).toMatchObject({ scope: 'account_model', times: 3, ofOrder: 2 })
})

test('a cause takes back what was laid to the key, where that was of its kind alone', () => {
  const revokes = (...events: string[]) => {
    const blame = new LimitBlame()
    let last = false
    for (const event of events) {
      if (event.startsWith('+')) blame.answered(order(event.slice(1)))
      else last = blame.met(order(event.slice(1))).revokes
    }
    return last
  }
  expect(revokes('-a v 1', '+b i 1', '-a v 1')).toBe(true)
  expect(revokes('-a v 1', '-c v 1', '+b i 1', '-a v 2'), 'two accounts, and its pair alone').toBe(false)
  expect(revokes('-a v 1', '-c v 1', '+b i 1', '-d v 2'), 'all of the model').toBe(true)
  expect(revokes('-a v 1', '-b i 1', '+c i 1', '-a v 1')).toBe(false)
  expect(revokes('-a v 1', '+b i 1', '-a v 1', '-a v 1'), 'once').toBe(false)
})

test('after the last answer it says which accounts and models have met one', () => {
  const blame = new LimitBlame()
  blame.met(order('a v 1'))
  const seen = () => [
    blame.isRecent({ accountId: 'a' }),
    blame.isRecent({ accountId: 'b' }),
    blame.isRecent({ modelId: 'v' }),
    blame.isRecent({ modelId: 'i' }),
  ]
  expect(seen()).toEqual([true, false, true, false])
  blame.answered(order('b i 1'))
  expect(seen()).toEqual([false, false, false, false])
})

test('a stranger who is answered 429 with ever new orders takes no memory without end', () => {
  const blame = new LimitBlame()
  for (let at = 0; at < 30_000; at += 1) blame.met(order(`a v ${at}`))
  blame.answered(order('b i 1'))
  // The first are forgotten, the last are not.
  expect(blame.met(order('x y 0')).scope).toBe('key')
  expect(blame.met(order('a v 29999')).times).toBe(2)
})
