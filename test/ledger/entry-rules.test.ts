// Single entries, and those by which the operator corrected a task: each rule is shown a store that breaks it.
import { readFileSync } from 'node:fs'
import { beforeEach, expect, test } from 'vitest'
import { openAudited } from './audited.ts'
import type { Audited } from './audited.ts'

let audited: Audited
beforeEach(async () => {
  audited = await openAudited()
})

const task = (name: keyof Audited['ids']) => audited.ids[name]
const entryOf = (kind: string) => `id = (SELECT min(id) FROM entries WHERE kind = '${kind}')`
const sign = 'an entry has the sign of its kind, and a task where it is of one'
const debt = 'a debt grows by what was taken back and was not there, and shrinks by what was paid'
const corrected = 'a task that was corrected cost its account between nothing and its price'
const correction = (kind: string, amount: number, taskId: string) => [
  `UPDATE accounts SET balance = balance + ${amount}`,
  `INSERT INTO entries (account_id, kind, amount, balance_after, for_task_id, created_at)
    SELECT id, '${kind}', ${amount}, balance, '${taskId}', 1 FROM accounts`,
]

const trials: readonly [check: string, how: string, statements: () => string[]][] = [
  [sign, 'a charge gives', () => [`UPDATE entries SET amount = 15 WHERE ${entryOf('charge')}`]],
  [sign, 'a refund takes', () => [`UPDATE entries SET amount = -15 WHERE ${entryOf('refund')}`]],
  [sign, 'a grant takes', () => [`UPDATE entries SET amount = -1 WHERE ${entryOf('grant')}`]],
  [
    sign,
    'a grant is of a task',
    () => [`UPDATE entries SET task_id = '${task('queued')}' WHERE ${entryOf('grant')}`],
  ],
  [sign, 'a charge is of none', () => [`UPDATE entries SET task_id = NULL WHERE ${entryOf('charge')}`]],
  [
    sign,
    'a charge is corrected by itself',
    () => [`UPDATE entries SET for_task_id = task_id WHERE ${entryOf('charge')}`],
  ],
  [
    debt,
    'a grant says that something is owed',
    () => ['UPDATE entries SET owed_change = 5, owed_after = 5 WHERE id = 1'],
  ],
  [corrected, 'more came back than it cost', () => correction('manual_refund', 16, task('succeeded'))],
  [
    corrected,
    'it was charged again without having been refunded',
    () => correction('recharge', -15, task('succeeded')),
  ],
  [corrected, 'it was never charged', () => correction('manual_refund', 1, 'task_none')],
]

test.each(trials)('%s: noticed when %s', async (check, _how, statements) => {
  await audited.damage(...statements())
  const { ok, drift } = await audited.verify()
  expect(ok).toBe(false)
  expect(drift.map((line) => line.check)).toContain(check)
})

test('every rule is on trial', () => {
  const source = readFileSync(new URL('../../src/ledger/pass/entry-rules.ts', import.meta.url), 'utf8')
  const checks = [...source.matchAll(/check: '([^']+)'/g)].map(([, check]) => check)
  expect(new Set(trials.map(([check]) => check))).toEqual(new Set(checks))
})
