// Whose 429 it is: what is met before, what is answered since, and by whom.
import { expect, test } from 'vitest'
import { LimitBlame } from '../../src/upstream/rate-limits/blame.ts'
import type { Limited } from '../../src/upstream/rate-limits/blame.ts'

/** `a v 1`: account, model, request. */
function order(words: string) {
  const [accountId = '', modelId = '', requestId = ''] = words.split(' ')
  return { accountId, modelId, requestId: `${accountId} ${modelId} ${requestId}` }
}

/**
 * `+` before an answered order, `-` before one that met a 429, `<` before one that met a page; `=` before one that met a
 * 429 in the same burst as the one before.
 */
function play(...events: string[]): Limited[] {
  const blame = new LimitBlame()
  let begun = 0
  return events.flatMap((event) => {
    const asked = order(event.slice(1))
    if (event.startsWith('+')) {
      begun += 1
      blame.answered(asked)
      return []
    }
    // Those of a burst have all begun before the first of them is answered.
    const attempt = event.startsWith('=') ? begun : (begun += 10) - 9
    return [blame.met(asked, { isPage: event.startsWith('<'), attempt, begun })]
  })
}

const scopesOf = (...events: string[]): string[] => play(...events).map(({ scope }) => scope)
const turns = (count: number, turn: (at: number) => string[]): string[] =>
  Array.from({ length: count }, (_, at) => turn(at)).flat()

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
  ['both are explained by their model', ['-a v 1', '+b i 1', '-c v 1', '-a v 1'], ['key', 'model', 'order']],
  ['a page is of its account', ['<a v 1'], ['account']],
  [
    'a page that three accounts meet is of the key',
    ['<a v 1', '<b v 1', '<c i 1'],
    ['account', 'account', 'key'],
  ],
  ['a page after an answer to others', ['<a v 1', '+b i 1', '<c i 1'], ['account', 'account']],
  ['pages hold no model', ['<a v 1', '+b i 1', '<c v 1'], ['account', 'account']],
])('%s', (_name, events, scopes) => {
  expect(scopesOf(...events)).toEqual(scopes)
})

test('an account that meets it now and then, and nobody else does, is the cause in the end', () => {
  const odd = turns(8, (at) => [`-a v ${at}`, `+a v good${at}`, ...turns(6, (of) => [`+b v ${at}-${of}`])])
  expect(scopesOf(...odd)).toEqual(['key', ...Array(7).fill('account_model')])
})

test('nor are two accounts that take turns', () => {
  const odd = turns(12, (at) => {
    const one = at % 2 === 0 ? 'a' : 'c'
    return [`-${one} v ${at}`, `+${one} v good${at}`, ...turns(8, (of) => [`+b v ${at}-${of}`])]
  })
  expect(scopesOf(...odd).slice(6)).toEqual(Array(6).fill('account_model'))
})

test('nor are two that meet it together each time, while all others are answered', () => {
  const odd = turns(6, (at) => [
    `-a v ${at}`,
    `-c v ${at}`,
    `+a v good${at}`,
    `+c v good${at}`,
    ...turns(12, (of) => [`+b v ${at}-${of}`]),
  ])
  expect(scopesOf(...odd).slice(6)).not.toContain('key')
})

test('many accounts that are limited often hide neither each other nor a limit of all', () => {
  const names = ['a', 'c', 'd', 'e']
  const odd = turns(8, (at) => [
    ...names.flatMap((name) => [`-${name} v ${at}`, `+${name} v good${at}`]),
    ...turns(6, (of) => [`+b v ${at}-${of}`]),
  ])
  expect(scopesOf(...odd).slice(16)).not.toContain('key')
  const all = turns(20, (at) =>
    names.flatMap((name) => [`-${name} v ${at}`, `+${name} v good${at}`, `+${name} v more${at}`]),
  )
  expect(new Set(scopesOf(...all))).toEqual(new Set(['key']))
})

test('a model that is limited by rate is the cause in the end, though some of it is taken', () => {
  const partly = turns(8, (at) => [
    `-a v ${at}`,
    `+c v good${at}`,
    `+a v good${at}`,
    ...turns(6, (of) => [`+b i ${at}-${of}`, `+a i ${at}-${of}`, `+c i ${at}-${of}`]),
  ])
  expect(scopesOf(...partly).slice(3)).not.toContain('key')
})

test('the customer who has nearly all that is in flight is not the cause of what limits all', () => {
  const big = turns(30, (at) => [`-a v ${at}`, ...turns(15, (of) => [`+a v ${at}-${of}`]), `+b v ${at}`])
  expect(new Set(scopesOf(...big))).toEqual(new Set(['key']))
  const even = turns(30, (at) => [
    `-${at % 2 === 0 ? 'a' : 'b'} v ${at}`,
    ...turns(8, (of) => [`+a v ${at}-${of}`, `+b v ${at}-${of}`]),
  ])
  expect(new Set(scopesOf(...even))).toEqual(new Set(['key']))
})

test('who meets two in a row, with no answer between, is not the cause, however many were answered before', () => {
  const answered = turns(20, (at) => [`+b i ${at}`])
  expect(scopesOf(...answered, '-a v 1', '-a v 2', '-a v 3')).toEqual(['key', 'key', 'key'])
})

test('429s of one burst count once', () => {
  const times = (...events: string[]) => play(...events).map((each) => each.times)
  expect(times('-a v 1', '=a v 2', '=a v 3', '+b i 1', '-a v 4')).toEqual([1, 1, 1, 2])
  expect(times('-a v 1', '+b i 1', '-a v 1', '=a v 1')).toEqual([1, 2, 2])
})

test('a cause takes back what was laid to the key, where that was of its kind alone', () => {
  const revokes = (...events: string[]) => play(...events).at(-1)?.revokes
  expect(revokes('-a v 1', '+b i 1', '-a v 1')).toBe(true)
  expect(revokes('-a v 1', '-c v 1', '+b i 1', '-a v 2'), 'two accounts, and its pair alone').toBe(false)
  expect(revokes('-a v 1', '-c v 1', '+b i 1', '-d v 2'), 'all of the model').toBe(true)
  expect(revokes('-a v 1', '-b i 1', '+c i 1', '-a v 1')).toBe(false)
  expect(revokes('-a v 1', '+b i 1', '-a v 1', '-a v 1'), 'once').toBe(false)
})

test('it says which accounts and models have met the last that were laid to the key', () => {
  const blame = new LimitBlame()
  blame.met(order('a v 1'), { attempt: 1, begun: 1 })
  const seen = () => [
    blame.isOftenLimited('a'),
    blame.isOftenLimited('b'),
    blame.hasPausedFor('v'),
    blame.hasPausedFor('i'),
  ]
  expect(seen()).toEqual([true, false, true, false])
  blame.answered(order('b i 1'))
  blame.met(order('b i 2'), { attempt: 2, begun: 2 })
  expect(seen()).toEqual([true, true, false, true])
  for (let at = 0; at < 10; at += 1) blame.answered(order(`a i ${at}`))
  expect(seen(), 'one of eleven is not often').toEqual([false, true, false, true])
})

test('a stranger who is answered 429 with ever new orders takes no memory without end', () => {
  const blame = new LimitBlame()
  const meet = (words: string, attempt: number) => blame.met(order(words), { attempt, begun: attempt })
  for (let at = 0; at < 30_000; at += 1) meet(`a v ${at}`, at + 1)
  blame.answered(order('b i 1'))
  // The first are forgotten, the last are not.
  expect(meet('x y 0', 40_000).scope).toBe('key')
  expect(meet('a v 29999', 40_001).times).toBe(2)
})
