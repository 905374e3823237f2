// A store as it is after years: tasks of every state with their requests, attempts, entries and deliveries, all of which add up.
import { newId } from '../../../src/ids.ts'
import type { Row, TestStore } from '../../support/stores/dialect.ts'

export interface Growth {
  readonly tasks: number
  /** Of those the newest ones, which wait in the queue. */
  readonly queued: number
  /** Of those before them, the newest ones, which run. */
  readonly running: number
  readonly accounts: number
  /** Deliveries that ended long ago and are to be forgotten; one of a task at most. */
  readonly oldDeliveries: number
  /** Now: the newest task is as old as nothing, the oldest `spanMs`. */
  readonly nowMs: number
  readonly spanMs: number
}

export const price = 15
/** One of so many has failed and was refunded. */
export const failedEvery = 50
/** More than a charge of every task. */
export const grantOf = (tasks: number): number => price * (tasks + 1)
export const order = JSON.stringify({
  operation: 'image_generate',
  params: { module: 'pro' },
  prompt: 'a serene zen garden at sunrise, '.repeat(6),
  imageUrls: [],
  endImageUrl: null,
  aspectRatio: '16:9',
  resolution: '2K',
  durationSeconds: null,
  generateAudio: null,
  count: 1,
})
export const url = 'https://example.com/results/a-file-with-a-name-of-usual-length.png'
/** Tasks of one transaction. */
const atOnce = 20_000

/** Adds to a store that has the schema of this version and that nobody serves. Its triggers and checks hold. */
export async function seed(store: TestStore, growth: Growth): Promise<void> {
  await store.insert(groupsOf(growth))
  await rollUpSuccesses(store)
  for (const statement of besides) await store.write(statement, [])
}

/** Triggers roll up a task when it succeeds; these were stored so. */
export const successesRolledUp = `INSERT INTO rollups (quarter, account_id, model_id, upstream, key_id, leak,
    works, tasks, succeeded, failed, charged, refunded, cost, cost_unknown)
  SELECT g.quarter, g.account_id, g.model_id, g.upstream, g.key_id, '', count(*), 0, count(*), 0, 0, 0, 0, count(*)
  FROM (SELECT t.finished_at / 900000 AS quarter, t.account_id, t.model_id, t.upstream, r.key_id
    FROM tasks t JOIN requests r ON r.id = t.request_id WHERE t.state = 'succeeded') g
  WHERE 1 = 1 GROUP BY g.quarter, g.account_id, g.model_id, g.upstream, g.key_id
  ON CONFLICT (quarter, account_id, model_id, upstream, key_id, leak) DO UPDATE SET
    works = rollups.works + excluded.works, succeeded = rollups.succeeded + excluded.succeeded,
    cost_unknown = rollups.cost_unknown + excluded.cost_unknown`

/** The same of their charges and refunds, where no trigger has done it. */
export const entriesRolledUp = `INSERT INTO rollups (quarter, account_id, model_id, upstream, key_id, leak,
    works, tasks, succeeded, failed, charged, refunded, cost, cost_unknown)
  SELECT e.created_at / 900000, e.account_id, t.model_id, t.upstream, r.key_id, '', 0, sum(CASE e.kind WHEN 'charge' THEN 1 ELSE 0 END), 0,
    sum(CASE e.kind WHEN 'refund' THEN 1 ELSE 0 END), sum(greatest(0, -e.amount)), sum(greatest(0, e.amount)), 0, 0
  FROM entries e JOIN tasks t ON t.id = e.task_id JOIN requests r ON r.id = t.request_id GROUP BY 1, 2, 3, 4, 5`

/** Accounts that never ordered, acts of operators and codes: as many as there are tasks, up to these. */
const besidesMax = 100_000

/** To a store that was seeded, in the SQL of both dialects. */
export const besides: readonly string[] = [
  `INSERT INTO accounts (id, name, status, balance, tasks_open, credits_open, created_at)
  SELECT 'acc_' || substr(id, 6), 'a visitor', 'active', 0, 0, 0, created_at FROM tasks ORDER BY id LIMIT ${besidesMax}`,
  `INSERT INTO acts (created_at, actor, action, target)
  SELECT created_at, 'anna', 'account.change', account_id FROM tasks ORDER BY id LIMIT ${besidesMax}`,
  `INSERT INTO code_batches (id, created_at) VALUES ('batch_of_years', 1)`,
  `INSERT INTO codes (id, batch_id, hash, prefix, credits, created_at)
  SELECT 'code_' || substr(id, 6), 'batch_of_years', id, 'tg-ABCDE', 100, created_at FROM tasks ORDER BY id LIMIT ${besidesMax}`,
]

const rollUpSuccesses = async (store: TestStore): Promise<void> => await store.write(successesRolledUp, [])

/** To a store that was seeded: deliveries that ended long ago, one of each of the oldest tasks. */
export async function addOldDeliveries(store: TestStore, count: number): Promise<void> {
  let after = ''
  for (let done = 0; done < count; done += atOnce) {
    const some = Math.min(atOnce, count - done)
    await store.write(
      `INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver, body,
      state, claimed, attempts_made, retries_made, last_status, created_at, delivered_at)
      SELECT 'msg_' || substr(id, length('task_') + 1), account_id, id, 'task.succeeded', 'request', '${url}', 'example.com',
        '${order}', 'delivered', false, 1, 0, 200, 1, 1
      FROM tasks WHERE id > ? ORDER BY id LIMIT ?`,
      [after, some],
    )
    const [last] = await store.rows<{ id: string }>(
      'SELECT id FROM tasks WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?',
      [after, some - 1],
    )
    after = last?.id ?? ''
  }
}

type Ending = 'queued' | 'running' | 'failed' | 'succeeded'

/** Of the task with this number; the oldest is 0. */
function endingOf(at: number, { tasks, queued, running }: Growth): Ending {
  if (at >= tasks - queued) return 'queued'
  if (at >= tasks - queued - running) return 'running'
  return at % failedEvery === 0 ? 'failed' : 'succeeded'
}

/** The accounts with their grants as they are in the end, then the tasks, from the oldest on. */
function* groupsOf(growth: Growth): Generator<Readonly<Record<string, readonly Row[]>>> {
  const { tasks, nowMs, spanMs } = growth
  const accounts = accountsOf(growth)
  const createdAt = nowMs - spanMs
  yield {
    accounts: accounts.map(({ id, ended, open, balance }) => ({
      id,
      name: 'a customer of years',
      status: 'active',
      balance: balance - price * (ended + open),
      tasks_open: open,
      credits_open: price * open,
      created_at: createdAt,
    })),
    entries: accounts.map(({ id, balance }) =>
      entryOf({ account: id, createdAt }, ['grant', balance, balance]),
    ),
  }
  for (let from = 0; from < tasks; from += atOnce)
    yield tasksOf(growth, accounts, [from, Math.min(tasks, from + atOnce)])
}

interface Account {
  readonly id: string
  /** Before the next task. */
  balance: number
  /** Tasks that succeeded. */
  ended: number
  open: number
}

function accountsOf(growth: Growth): Account[] {
  const { accounts, tasks, nowMs, spanMs } = growth
  const made = Array.from({ length: accounts }, () => ({
    id: newId('acc', nowMs - spanMs),
    balance: grantOf(Math.ceil(tasks / accounts)),
    ended: 0,
    open: 0,
  }))
  for (let at = 0; at < tasks; at += 1) {
    const account = accountAt(made, at)
    const ending = endingOf(at, growth)
    if (ending === 'succeeded') account.ended += 1
    else if (ending !== 'failed') account.open += 1
  }
  return made
}

function accountAt(accounts: readonly Account[], at: number): Account {
  const account = accounts[at % accounts.length]
  if (!account) throw new Error('a store without accounts')
  return account
}

function tasksOf(
  growth: Growth,
  accounts: readonly Account[],
  [from, to]: readonly [from: number, to: number],
): Readonly<Record<string, readonly Row[]>> {
  const { tasks, nowMs, spanMs, oldDeliveries } = growth
  const group = {
    requests: [] as Row[],
    attempts: [] as Row[],
    tasks: [] as Row[],
    polls: [] as Row[],
    entries: [] as Row[],
    webhook_deliveries: [] as Row[],
  }
  for (let at = from; at < to; at += 1) {
    const account = accountAt(accounts, at)
    const ending = endingOf(at, growth)
    const createdAt = Math.floor(nowMs - spanMs + (spanMs * at) / tasks)
    const [requestId, taskId] = [newId('req', createdAt), newId('task', createdAt)]
    const shown: Shown = { account: account.id, createdAt, requestId, taskId, ending }
    group.requests.push(requestOf(shown))
    if (ending !== 'queued') group.attempts.push(attemptOf(shown))
    group.tasks.push(taskOf(shown, nowMs + spanMs))
    if (ending === 'running') group.polls.push(pollOf(shown, nowMs + spanMs))
    account.balance -= price
    group.entries.push(entryOf(shown, ['charge', -price, account.balance]))
    if (ending === 'failed') {
      account.balance += price
      group.entries.push(entryOf(shown, ['refund', price, account.balance]))
    }
    if (at < oldDeliveries) group.webhook_deliveries.push(deliveryOf(shown, 1 + at))
  }
  return group
}

interface Shown {
  readonly account: string
  readonly createdAt: number
  readonly requestId: string
  readonly taskId: string
  readonly ending: Ending
}

const requestOf = ({ account, createdAt, requestId, ending }: Shown): Row => ({
  id: requestId,
  account_id: account,
  key_id: 'key_of_years',
  model_id: 'gpt-image-2',
  task_type: 'image',
  upstream: 'keevx',
  order_json: order,
  state: ending === 'queued' || ending === 'failed' ? ending : 'accepted',
  due_at: ending === 'queued' ? createdAt : null,
  attempts_made: ending === 'queued' ? 0 : 1,
  retries_made: 0,
  failures_in_row: 0,
  created_at: createdAt,
})

const attemptOf = ({ createdAt, requestId, ending }: Shown): Row => ({
  id: newId('att', createdAt),
  request_id: requestId,
  number: 1,
  upstream_key: 'fingerprint',
  state: ending === 'failed' ? 'refused' : 'accepted',
  started_at: createdAt,
  finished_at: createdAt,
})

const taskOf = ({ account, createdAt, requestId, taskId, ending }: Shown, giveUpAt: number): Row => ({
  id: taskId,
  request_id: requestId,
  account_id: account,
  model_id: 'gpt-image-2',
  task_type: 'image',
  state: ending,
  credits: price,
  credits_refunded: ending === 'failed' ? price : 0,
  upstream: 'keevx',
  operation: 'image_generate',
  upstream_key: 'fingerprint',
  upstream_task_id: ending === 'running' || ending === 'succeeded' ? `i2is-${taskId}` : null,
  upstream_pending: ending === 'queued',
  give_up_at: ending === 'running' ? giveUpAt : null,
  polls_made: 1,
  missing_in_row: 0,
  image_url: ending === 'succeeded' ? url : null,
  error_message: ending === 'failed' ? 'It did not work.' : null,
  created_at: createdAt,
  finished_at: ending === 'succeeded' || ending === 'failed' ? createdAt : null,
})

const pollOf = ({ taskId }: Shown, dueAt: number): Row => ({
  task_id: taskId,
  due_at: dueAt,
  polls_made: 1,
  missing_in_row: 0,
  last_looks: 0,
})

const entryOf = (
  { account, createdAt, taskId }: Pick<Shown, 'account' | 'createdAt'> & Partial<Shown>,
  [kind, amount, balance]: readonly [kind: string, amount: number, balance: number],
): Row => ({
  account_id: account,
  kind,
  amount,
  balance_after: balance,
  task_id: taskId ?? null,
  created_at: createdAt,
})

const deliveryOf = ({ account, createdAt, taskId }: Shown, deliveredAt: number): Row => ({
  id: newId('msg', createdAt),
  account_id: account,
  task_id: taskId,
  type: 'task.succeeded',
  source: 'request',
  url,
  receiver: 'example.com',
  body: order,
  state: 'delivered',
  claimed: false,
  attempts_made: 1,
  retries_made: 0,
  last_status: 200,
  created_at: deliveredAt,
  delivered_at: deliveredAt,
})
