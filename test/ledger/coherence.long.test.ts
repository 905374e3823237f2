// Rows that have to agree: each of these questions is shown a store in which they do not.
import { readFileSync } from 'node:fs'
import { beforeEach, expect, test } from 'vitest'
import { claimSubmissions } from '../../src/tasks/submit/submit.ts'
import { openAudited, setTask } from './audited.ts'
import type { Audited } from './audited.ts'

let audited: Audited
beforeEach(async () => {
  audited = await openAudited()
})

const task = (name: keyof Audited['ids']) => audited.ids[name]
const requestOf = (name: keyof Audited['ids']) => `(SELECT request_id FROM tasks WHERE id = '${task(name)}')`
const setRequest = (name: keyof Audited['ids'], change: string) =>
  `UPDATE requests SET ${change} WHERE id = ${requestOf(name)}`
const setAttempt = (name: keyof Audited['ids'], change: string) =>
  `UPDATE attempts SET ${change} WHERE request_id = ${requestOf(name)}`
const addAttempt = (name: keyof Audited['ids'], number: number, state: string, finishedAt: string) => `
  INSERT INTO attempts (id, request_id, number, upstream_key, state, started_at, finished_at)
  VALUES ('att_x${number}', ${requestOf(name)}, ${number}, 'k', '${state}', 1, ${finishedAt})`
const addKeep = (taskId: string, waitsUntil: string) =>
  `INSERT INTO keeps (task_id, due_at, tries_made, waits_until, expires_at) VALUES ('${taskId}', 1, 0, ${waitsUntil}, 1)`

const references = 'what a row names is there'
const ordered = 'a task is what its request ordered, of the same account'
const word = 'a word is one of its list'
const stands = 'a task stands where its request does'
const work = 'a task has work upstream when it runs or has succeeded, and not before'
const open = 'a request has one open attempt while it is submitted, and none else'
const decided = 'what is decided is due no more'
const kept = 'a task whose result is being kept is due to be'
const over = 'an attempt that is over says when, an open one does not'
const cancelled = 'a task that was cancelled has failed and has no work upstream'
const found = 'an order that may be posted is found by the queue'
const known = 'a request knows of all its attempts'

const asMany = 'a request has as many tasks as it orders'
const trials: readonly [check: string, how: string, statements: () => string[]][] = [
  [references, 'an entry is of nobody', () => [`UPDATE entries SET account_id = 'acc_x' WHERE id = 1`]],
  [
    references,
    'a charge is of no task',
    () => [`UPDATE entries SET task_id = 'task_x' WHERE kind = 'charge' AND task_id = '${task('queued')}'`],
  ],
  [
    references,
    'a key is of nobody',
    () => [
      "INSERT INTO keys (id, account_id, name, hash, prefix, created_at) VALUES ('key_x', 'acc_x', 'n', 'h', 'p', 1)",
    ],
  ],
  [references, 'a request is of nobody', () => [setRequest('queued', "account_id = 'acc_x'")]],
  [references, 'a task is of nobody', () => [setTask(task('queued'), "account_id = 'acc_x'")]],
  [references, 'a task is of no request', () => [setTask(task('queued'), "request_id = 'req_x'")]],
  [
    references,
    'an attempt is of no request',
    () => ["UPDATE attempts SET request_id = 'req_x' WHERE state = 'refused'"],
  ],
  [
    references,
    'an orphan is of no request',
    () => [
      `INSERT INTO orphans (id, reason, upstream, upstream_task_id, request_id, credits, created_at)
        VALUES ('orph_x', 'extra_id', 'keevx', 'x', 'req_x', 0, 1)`,
    ],
  ],
  [
    references,
    'what a callback named is of no attempt',
    () => [
      "INSERT INTO early_callbacks (attempt_id, upstream_task_id, heard_at) VALUES ('att_x', 'i2is-1', 1)",
    ],
  ],
  [references, 'a result is to be kept for no task', () => [addKeep('task_x', 'NULL')]],
  [
    references,
    'a file is kept of no task',
    () => [
      `INSERT INTO media (name, task_id, part, store, state, content_type, bytes, created_at, due_at)
        VALUES ('n.png', 'task_x', 'result', 'disk', 'kept', 'image/png', 1, 1, 1)`,
    ],
  ],
  [
    word,
    'a kept file has a state that is none',
    () => [
      `INSERT INTO media (name, task_id, part, store, state, content_type, bytes, created_at, due_at)
        VALUES ('n.png', '${task('succeeded')}', 'result', 'disk', 'keptt', 'image/png', 1, 1, 1)`,
    ],
  ],
  [word, 'an account has a status that is none', () => ["UPDATE accounts SET status = 'activ'"]],
  [word, 'an entry has a kind that is none', () => ["UPDATE entries SET kind = 'gift' WHERE id = 1"]],
  [word, 'a request is of no kind', () => [setRequest('failed', "task_type = 'sound'")]],
  [word, 'a request has a state that is none', () => [setRequest('failed', "state = 'failee'")]],
  [word, 'a task is of no kind', () => [setTask(task('failed'), "task_type = 'sound'")]],
  [word, 'a task has a state that is none', () => [setTask(task('succeeded'), "state = 'succeedee'")]],
  [word, 'an attempt has a state that is none', () => [setAttempt('failed', "state = 'refusee'")]],
  [
    word,
    'an orphan has a reason that is none',
    () => [
      `INSERT INTO orphans (id, reason, upstream, upstream_task_id, request_id, credits, created_at)
        VALUES ('orph_x', 'whim', 'keevx', 'x', ${requestOf('failed')}, 0, 1)`,
    ],
  ],
  ['no entry led below zero', 'one did', () => ['UPDATE entries SET balance_after = -1 WHERE id = 1']],
  [ordered, 'it is of another model', () => [setTask(task('queued'), "model_id = 'nano-banana-2'")]],
  [ordered, 'it is of another upstream', () => [setTask(task('running'), "upstream = 'kegvx'")]],
  [ordered, 'it is of another kind', () => [setTask(task('failed'), "task_type = 'video'")]],
  [
    ordered,
    'another account has the request',
    () => [
      "INSERT INTO accounts (id, name, status, balance, tasks_open, created_at) VALUES ('acc_x', 'x', 'active', 0, 0, 1)",
      setRequest('queued', "account_id = 'acc_x'"),
    ],
  ],
  [
    'a request has a task',
    'its task is gone',
    () => [
      `DELETE FROM entries WHERE task_id = '${task('queued')}'`,
      `DELETE FROM tasks WHERE id = '${task('queued')}'`,
    ],
  ],
  [
    'a task that did not fail shows no refund',
    'a success shows one',
    () => [setTask(task('succeeded'), 'credits_refunded = 15')],
  ],
  ['a failed task says why', 'the reason is gone', () => [setTask(task('failed'), 'error_message = NULL')]],
  [
    stands,
    'an accepted request has a task in the queue',
    () => [setRequest('queued', "state = 'accepted', due_at = NULL")],
  ],
  [
    stands,
    'an accepted request that waits for nothing has a task without a word',
    () => [
      setRequest('queued', "state = 'accepted', due_at = NULL"),
      setTask(task('queued'), "state = 'unknown'"),
    ],
  ],
  [
    stands,
    'an accepted request that waits for callbacks has a task in the queue',
    () => [setRequest('queued', "state = 'accepted'")],
  ],
  [
    stands,
    'a queued request has a running task',
    () => [setRequest('running', "state = 'queued', due_at = 1")],
  ],
  [stands, 'a failed request has a running task', () => [setRequest('running', "state = 'failed'")]],
  [stands, 'an unknown request has a task in the queue', () => [setRequest('queued', "state = 'unknown'")]],
  [work, 'a running task has none', () => [setTask(task('running'), 'upstream_task_id = NULL')]],
  [work, 'a success has none', () => [setTask(task('succeeded'), 'upstream_task_id = NULL')]],
  [work, 'a queued task has some', () => [setTask(task('queued'), "upstream_task_id = 'i2is-3'")]],
  [kept, 'nobody is to keep it', () => [setTask(task('running'), "state = 'storing'")]],
  [
    kept,
    'nobody ends its wait',
    () => [setTask(task('running'), "state = 'storing'"), addKeep(task('running'), 'NULL')],
  ],
  [
    'a task that has ended waits for no file',
    'one that succeeded waits',
    () => [addKeep(task('succeeded'), '9000000000000000')],
  ],
  ['a running task has a limit', 'the limit is gone', () => [setTask(task('running'), 'give_up_at = NULL')]],
  [
    asMany,
    'one bit makes a five of a one',
    () => [setRequest('queued', `order_json = replace(order_json, '"count":1', '"count":5')`)],
  ],
  [
    asMany,
    'its number is another’s beginning',
    () => [setRequest('queued', `order_json = replace(order_json, '"count":1', '"count":10')`)],
  ],
  [
    stands,
    'a task was cancelled and waits still',
    () => [setTask(task('queued'), "cancelled = 1, state = 'unknown'")],
  ],
  [
    'a request that has not ended has a task that has not been cancelled',
    'all of a queued request were cancelled',
    () => [setTask(task('queued'), "cancelled = 1, state = 'failed'")],
  ],
  [cancelled, 'it waits still', () => [setTask(task('queued'), 'cancelled = 1')]],
  [
    cancelled,
    'its work was made',
    () => [setTask(task('failed'), "cancelled = 1, upstream_task_id = 'i2is-9'")],
  ],
  ['a queue counts its orders rightly', 'one too many', () => ['UPDATE queues SET waiting = waiting + 1']],
  [
    'the queued orders of an account are counted rightly',
    'one too many',
    () => ['UPDATE queue_flows SET waiting = waiting + 1'],
  ],
  [found, 'its account is not in the queue', () => ['DELETE FROM queue_flows']],
  [found, 'its account has no place', () => ['UPDATE queue_flows SET start_tag = NULL']],
  [found, 'its queue is gone', () => ['DELETE FROM queues']],
  [
    'a place in the queue is of an order that may be posted',
    'its only order is paused',
    () => [setRequest('queued', 'not_before = 9')],
  ],
  [decided, 'a request that was accepted is due', () => [setRequest('running', 'due_at = 1')]],
  [
    decided,
    'a task that has failed is due',
    () => [
      `INSERT INTO polls (task_id, due_at, polls_made, missing_in_row, last_looks) VALUES ('${task('failed')}', 1, 0, 0, 0)`,
    ],
  ],
  [
    open,
    'an accepted request has an open one',
    () => [setAttempt('running', "state = 'open', finished_at = NULL")],
  ],
  [
    open,
    'a failed request has an open one',
    () => [setAttempt('failed', "state = 'open', finished_at = NULL")],
  ],
  [
    open,
    'a queued request has an open one',
    () => [setRequest('queued', 'attempts_made = 1'), addAttempt('queued', 1, 'open', 'NULL')],
  ],
  [
    open,
    'a request that is submitted has none',
    () => [setRequest('queued', "state = 'submitting'"), setTask(task('queued'), "state = 'submitting'")],
  ],
  [
    open,
    'a request that is submitted has two',
    () => [
      setRequest('queued', "state = 'submitting', attempts_made = 2"),
      setTask(task('queued'), "state = 'submitting'"),
      addAttempt('queued', 1, 'open', 'NULL'),
      addAttempt('queued', 2, 'open', 'NULL'),
    ],
  ],
  [over, 'one is over at no time', () => [setAttempt('failed', 'finished_at = NULL')]],
  [over, 'an open one is over', () => [setAttempt('failed', "state = 'open'")]],
  [known, 'there was one more', () => [addAttempt('failed', 2, 'unknown', '1')]],
  [
    'a closing is what the entries of archived tasks add up to',
    'nothing was archived',
    () => ['INSERT INTO closings SELECT 0, id, 1, 15, 0, 0 FROM accounts'],
  ],
  [known, 'one has no number', () => [setAttempt('failed', 'number = 0')]],
]

test.each(trials)('%s: noticed when %s', async (check, _how, statements) => {
  await audited.damage(...statements())
  const { ok, drift } = await audited.verify()
  expect(ok).toBe(false)
  expect(drift.map((line) => line.check)).toContain(check)
  for (const { id } of drift) expect(id).toMatch(/^(acc_|att_|key_|orph_|req_|task_|\d|keevx$)/)
})

test('a request that is being submitted, with its open attempt, agrees with itself', async () => {
  const { domain } = audited
  expect(await claimSubmissions(domain.ctx, domain.keevx, 16)).toHaveLength(1)
  expect(await audited.verify()).toMatchObject({ ok: true, drift: [] })
})

test('every check is on trial', () => {
  const sources = ['coherence', 'queued'].map((name) =>
    readFileSync(new URL(`../../src/ledger/${name}.ts`, import.meta.url), 'utf8'),
  )
  const checks = [...sources.join('').matchAll(/check: '([^']+)'/g)].map(([, check]) => check)
  expect(checks.length).toBeGreaterThan(10)
  expect(new Set(trials.map(([check]) => check))).toEqual(new Set(checks))
})
