// Roles of operators, and how much each may give back.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { commandLine } from '../../src/operators/act.ts'
import { admin, allows, operatorOf, requireRefundBound } from '../../src/operators/roles.ts'

const digest = (token: string) => createHash('sha256').update(token).digest()
const operators = {
  ann: { tokenHash: digest('of ann').toString('hex'), role: 'owner', refundsUpTo: 1 },
  ben: { tokenHash: digest('of ben').toString('hex'), role: 'support', refundsUpTo: 50 },
  cleo: { tokenHash: digest('of cleo').toString('hex'), role: 'support', refundsUpTo: null },
} as const

const operatorBy = (token: string) => {
  const operator = operatorOf({ operators }, digest(token))
  if (!operator) throw new Error('nobody has this token')
  return operator
}

test.each([
  ['owner', true, true, true],
  ['support', true, true, false],
  ['viewer', true, false, false],
] as const)('%s may look: %s, support: %s, and all else: %s', (role, looks, supports, owns) => {
  const may = (['viewer', 'support', 'owner'] as const).map((needed) => allows(role, needed))
  expect(may).toEqual([looks, supports, owns])
})

test('support gives back up to its bound, which is none where none is named; owners and commands any number', () => {
  expect(() => requireRefundBound(operatorBy('of ben'), 50)).not.toThrow()
  expect(() => requireRefundBound(operatorBy('of ben'), 51)).toThrow('ben may give back up to 50 credits')
  expect(() => requireRefundBound(operatorBy('of cleo'), 1)).toThrow('up to 0 credits')
  for (const unbounded of [operatorBy('of ann'), admin, commandLine])
    expect(() => requireRefundBound(unbounded, 1e12)).not.toThrow()
})

test('a token that is nobody’s is nobody', () => {
  expect(operatorOf({ operators }, digest('of nobody'))).toBeNull()
  expect(operatorOf({ operators: {} }, digest('of ann'))).toBeNull()
})
