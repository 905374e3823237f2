// The auditor notices: each of its checks is shown a store that breaks it, and a healthy one that only looks odd.
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { openAudited, setTask } from './audited.ts'
import type { Audited } from './audited.ts'

let domain: Audited['domain']
let ids: Audited['ids']
let verify: Audited['verify']
let brokenChecks: Audited['brokenChecks']
let damage: Audited['damage']
beforeEach(async () => {
  ;({ domain, ids, verify, brokenChecks, damage } = await openAudited())
})

/** With the balance kept right, so that nothing but the entry itself is wrong. */
const addEntry = (kind: string, amount: number, taskId: string) => `
  UPDATE accounts SET balance = balance + ${amount};
  INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
  SELECT id, '${kind}', ${amount}, balance, '${taskId}', 1 FROM accounts`

const keyOf = (taskId: string) => `INSERT INTO idempotency
  SELECT account_id, 'k', 'hash', request_id, 1 FROM tasks WHERE id = '${taskId}'`

test('a healthy store has no drift, and is counted', async () => {
  await damage(keyOf(ids.failed), keyOf(ids.running).replace("'k'", "'another'"))
  expect(await verify()).toEqual({ ok: true, accounts: 1, entries: 6, drift: [] })
})

const trials: readonly [check: string, how: string, statements: () => string[]][] = [
  [
    'an account holds the sum of its entries',
    'a credit appears',
    () => ['UPDATE accounts SET balance = balance + 1'],
  ],
  [
    'an account holds the sum of its entries',
    'a credit is lost',
    () => ['UPDATE accounts SET balance = balance - 1'],
  ],
  [
    'an account holds the sum of its entries',
    'an account has credits and no entry',
    () => [
      "INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_x', 'x', 'active', 5, 0, 1)",
    ],
  ],
  ['an account owes what its entries say', 'a debt appears', () => ['UPDATE accounts SET owed = owed + 1']],
  [
    'every entry carries what the account owed after it',
    'a debt is written wrongly',
    () => ['UPDATE accounts SET owed = 5', 'UPDATE entries SET owed_change = 5, owed_after = 6 WHERE id = 1'],
  ],
  [
    'a task shows what the operator has given back of it',
    'it shows something',
    () => [setTask(ids.succeeded, 'credits_returned = 5')],
  ],
  ['no balance is below zero', 'a balance is negative', () => ['UPDATE accounts SET balance = -1']],
  [
    'every entry carries the balance that it led to',
    'a balance is written wrongly',
    () => ['UPDATE entries SET balance_after = balance_after + 1 WHERE id = 1'],
  ],
  [
    'every entry carries the balance that it led to',
    'an entry vanishes, and its amount from the balance',
    () => ['UPDATE accounts SET balance = balance - 1000', 'DELETE FROM entries WHERE id = 1'],
  ],
  [
    'an account counts its open tasks rightly',
    'the count is off',
    () => ['UPDATE accounts SET tasks_open = tasks_open + 1'],
  ],
  [
    'an account counts the price of its open tasks rightly',
    'the sum is off',
    () => ['UPDATE accounts SET credits_open = credits_open + 1'],
  ],
  [
    'a task is charged once, by its price, to its account',
    'a second charge',
    () => [addEntry('charge', -15, ids.succeeded)],
  ],
  [
    'a task is charged once, by its price, to its account',
    'a price that grew after the charge',
    () => [setTask(ids.succeeded, 'credits = 20')],
  ],
  [
    'a task is charged once, by its price, to its account',
    'no charge at all',
    () => [
      `UPDATE entries SET kind = 'adjust', task_id = NULL WHERE task_id = '${ids.succeeded}' AND kind = 'charge'`,
    ],
  ],
  [
    'a task is charged once, by its price, to its account',
    'a charge to a stranger',
    () => [
      "INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_x', 'x', 'active', 0, 0, 1)",
      setTask(ids.succeeded, "account_id = 'acc_x'"),
    ],
  ],
  [
    'a failed task is refunded once, by what it was charged',
    'a second refund',
    () => [addEntry('refund', 15, ids.failed)],
  ],
  [
    'a failed task is refunded once, by what it was charged',
    'a refund of less',
    () => [`UPDATE entries SET amount = 14 WHERE kind = 'refund'`],
  ],
  [
    'a failed task is refunded once, by what it was charged',
    'no refund',
    () => [
      setTask(ids.running, "state = 'failed', credits_refunded = 15, error_message = 'x', finished_at = 1"),
    ],
  ],
  [
    'a failed task is refunded once, by what it was charged',
    'a refund that the task does not show',
    () => [setTask(ids.failed, 'credits_refunded = 0')],
  ],
  [
    'only a failed task is refunded, unless it was charged again',
    'a success is refunded',
    () => [addEntry('refund', 15, ids.succeeded)],
  ],
  [
    'only a failed task is refunded, unless it was charged again',
    'a running task is refunded',
    () => [addEntry('refund', 15, ids.running)],
  ],
  ['a succeeded task has a result', 'the result is gone', () => [setTask(ids.succeeded, 'image_url = NULL')]],
  [
    'an ended task says when it ended, an open one does not',
    'an end without a time',
    () => [setTask(ids.succeeded, 'finished_at = NULL')],
  ],
  [
    'an ended task says when it ended, an open one does not',
    'a time without an end',
    () => [setTask(ids.running, 'finished_at = 1')],
  ],
  [
    'an upstream task belongs to one task',
    'two tasks share one piece of work',
    () => [setTask(ids.running, "upstream_task_id = 'i2is-1'")],
  ],
  [
    'no open task is past its limit',
    'a running task that nobody looks at',
    () => [`DELETE FROM polls WHERE task_id = '${ids.running}'`],
  ],
  [
    'no open task is past its limit',
    'a queued task that nobody will submit',
    () => [`UPDATE requests SET due_at = NULL WHERE state = 'queued'`],
  ],
  [
    'an idempotency key stands for a request of its account, with its tasks',
    'the request of a key is gone',
    () => [keyOf(ids.succeeded), 'DELETE FROM requests WHERE id IN (SELECT request_id FROM idempotency)'],
  ],
  [
    'an idempotency key stands for a request of its account, with its tasks',
    "the request of a key is a stranger's",
    () => [
      "INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_x', 'x', 'active', 0, 0, 1)",
      keyOf(ids.queued),
      "UPDATE idempotency SET account_id = 'acc_x'",
    ],
  ],
  [
    'an idempotency key stands for a request of its account, with its tasks',
    'the request of a key has no tasks',
    () => [
      `INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state,
        attempts_made, retries_made, failures_in_row, created_at) SELECT 'req_bare', account_id, key_id, model_id,
        task_type, upstream, order_json, 'failed', 0, 0, 0, created_at FROM requests LIMIT 1`,
      keyOf(ids.queued),
      "UPDATE idempotency SET request_id = 'req_bare'",
    ],
  ],
]

test.each(trials)('%s: noticed when %s', async (check, _how, statements) => {
  await damage(...statements())
  const verified = await verify()
  expect(verified.ok).toBe(false)
  expect(verified.drift.map((drift) => drift.check)).toContain(check)
  for (const drift of verified.drift) expect(drift.id).toMatch(/^(acc_|req_|att_|task_|i2is-|\d)/)
})

describe('no open task is past its limit:', () => {
  const check = 'no open task is past its limit'

  test('a running task counts as forgotten only a minute after its limit', async () => {
    expect(await brokenChecks()).toEqual([])
    domain.clock.advance(3_000 + 59_000)
    expect(await brokenChecks()).not.toContain(check)
    domain.clock.advance(2_000)
    expect((await verify()).drift.filter((drift) => drift.check === check)).toMatchObject([
      { id: ids.running },
    ])
  })

  test('a task that waits in the queue for a key that pauses is not forgotten until queue_for is over', async () => {
    await damage(setTask(ids.running, `give_up_at = ${domain.clock.now() + 1_000_000}`))
    domain.clock.advance(20_000 + 59_000)
    expect(await brokenChecks()).toEqual([])
    domain.clock.advance(2_000)
    expect((await verify()).drift).toMatchObject([{ check, id: ids.queued }])
  })
})

test('a flood of drift is told a hundred times and no more, and never as fine', async () => {
  await Promise.all(Array.from({ length: 150 }, () => domain.account(5)))
  await damage('UPDATE accounts SET balance = balance + 1')
  const verified = await verify()
  expect(verified.ok).toBe(false)
  expect(verified.drift).toHaveLength(100)
})

test('an entry is known by its account and number, not by its place: accounts that take turns add up', async () => {
  const others = await Promise.all(Array.from({ length: 3 }, () => domain.account(100)))
  for (const other of [...others, ...others, ...others]) await domain.order(other)
  expect(await brokenChecks()).toEqual([])
})

test('every check is on trial', () => {
  const source = readFileSync(new URL('../../src/ledger/checks.ts', import.meta.url), 'utf8')
  const checks = [...source.matchAll(/check: '([^']+)'/g)].map(([, check]) => check)
  expect(checks.length).toBeGreaterThan(10)
  expect(new Set(trials.map(([check]) => check))).toEqual(new Set(checks))
})
