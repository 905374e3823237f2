// A store as it is after years: tasks of every state with their requests, attempts, entries and deliveries, all of which add up.
import Sqlite from 'better-sqlite3'
import { newId } from '../../../src/ids.ts'

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

const price = 15
/** One of so many has failed and was refunded. */
const failedEvery = 50
/** More than a charge of every task. */
const grantOf = (tasks: number): number => price * (tasks + 1)
const order = JSON.stringify({
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
const url = 'https://example.com/results/a-file-with-a-name-of-usual-length.png'
/** Rows of one transaction. */
const atOnce = 20_000

/** Adds to a store that has the schema of this version and that nobody serves. Its triggers and checks hold. */
export function seed(file: string, growth: Growth): void {
  const client = new Sqlite(file)
  try {
    // What is lost with the power is made again.
    client.pragma('synchronous = OFF')
    client.pragma('cache_size = -262144')
    const write = writerOf(client, growth)
    for (let from = 0; from < growth.tasks; from += atOnce) {
      client.exec('BEGIN')
      for (let at = from; at < Math.min(growth.tasks, from + atOnce); at += 1) write(at)
      client.exec('COMMIT')
    }
    write.end()
    // Where somebody reads, the log stays as long as it is.
    client.pragma('busy_timeout = 0')
    client.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    client.close()
  }
}

/** To a store that was seeded: deliveries that ended long ago, one of each of the oldest tasks. */
export function addOldDeliveries(file: string, count: number): void {
  const client = new Sqlite(file)
  try {
    client.pragma('synchronous = OFF')
    client.pragma('cache_size = -262144')
    const insert =
      client.prepare(`INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver, body,
      state, claimed, attempts_made, retries_made, last_status, created_at, delivered_at)
      SELECT 'msg_' || substr(id, length('task_') + 1), account_id, id, 'task.succeeded', 'request', '${url}', 'example.com',
        '${order}', 'delivered', 0, 1, 0, 200, 1, 1
      FROM tasks WHERE id > ? ORDER BY id LIMIT ?`)
    const last = client.prepare('SELECT id FROM tasks WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?').pluck()
    let after = ''
    for (let done = 0; done < count; done += atOnce) {
      const some = Math.min(atOnce, count - done)
      insert.run(after, some)
      after = String(last.get(after, some - 1))
    }
    client.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    client.close()
  }
}

function writerOf(client: Sqlite.Database, growth: Growth) {
  const { tasks, queued, running, oldDeliveries, nowMs, spanMs } = growth
  const insert = statements(client)
  const accounts = makeAccounts(insert, growth)
  const insertDelivery = insert.delivery
  const write = (at: number): void => {
    const account = accounts[at % accounts.length]
    if (!account) throw new Error('a store without accounts')
    const createdAt = Math.floor(nowMs - spanMs + (spanMs * at) / tasks)
    const [requestId, taskId] = [newId('req', createdAt), newId('task', createdAt)]
    const isQueued = at >= tasks - queued
    const isRunning = !isQueued && at >= tasks - queued - running
    const hasFailed = !isQueued && !isRunning && at % failedEvery === 0
    const state = isQueued ? 'queued' : isRunning ? 'running' : hasFailed ? 'failed' : 'succeeded'
    const shown = { account: account.id, createdAt, requestId, taskId }
    insert.request.run({
      ...shown,
      state: isQueued ? 'queued' : hasFailed ? 'failed' : 'accepted',
      isQueued: Number(isQueued),
    })
    if (!isQueued)
      insert.attempt.run({ ...shown, id: newId('att', createdAt), state: hasFailed ? 'refused' : 'accepted' })
    insert.task.run({
      ...shown,
      state,
      giveUpAt: isRunning ? nowMs + spanMs : null,
      dueAt: isRunning ? nowMs + spanMs : null,
    })
    account.balance -= price
    insert.entry.run({ ...shown, kind: 'charge', amount: -price, balance: account.balance })
    if (hasFailed) {
      account.balance += price
      insert.entry.run({ ...shown, kind: 'refund', amount: price, balance: account.balance })
    } else if (isQueued || isRunning) account.open += 1
    if (at < oldDeliveries) insertDelivery.run({ ...shown, id: newId('msg', createdAt), createdAt: 1 + at })
  }
  const end = (): void => {
    for (const { id, balance, open } of accounts)
      insert.account.run({ id, balance, open, credits: open * price })
  }
  return Object.assign(write, { end })
}

interface Account {
  readonly id: string
  balance: number
  open: number
}

function makeAccounts(
  insert: ReturnType<typeof statements>,
  { accounts, tasks, nowMs, spanMs }: Growth,
): Account[] {
  const createdAt = nowMs - spanMs
  return Array.from({ length: accounts }, () => {
    const id = newId('acc', createdAt)
    const balance = grantOf(Math.ceil(tasks / accounts))
    insert.newAccount.run({ id, createdAt, balance })
    insert.grant.run({ id, createdAt, balance })
    return { id, balance, open: 0 }
  })
}

function statements(client: Sqlite.Database) {
  const prepare = (sql: string) => client.prepare<Record<string, string | number | null>>(sql)
  return {
    newAccount: prepare(`INSERT INTO accounts (id, name, status, balance, tasks_open, created_at)
      VALUES (@id, 'a customer of years', 'active', @balance, 0, @createdAt)`),
    grant: prepare(`INSERT INTO entries (account_id, kind, amount, balance_after, created_at)
      VALUES (@id, 'grant', @balance, @balance, @createdAt)`),
    account: prepare(
      'UPDATE accounts SET balance = @balance, tasks_open = @open, credits_open = @credits WHERE id = @id',
    ),
    request:
      prepare(`INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, due_at,
      attempts_made, retries_made, failures_in_row, created_at)
      VALUES (@requestId, @account, 'key_of_years', 'gpt-image-2', 'image', 'keevx', '${order}', @state,
      CASE WHEN @isQueued THEN @createdAt END, 1 - @isQueued, 0, 0, @createdAt)`),
    attempt:
      prepare(`INSERT INTO attempts (id, request_id, number, upstream_key, state, started_at, finished_at)
      VALUES (@id, @requestId, 1, 'fingerprint', @state, @createdAt, @createdAt)`),
    task: prepare(`INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream,
      operation, upstream_key, upstream_task_id, upstream_pending, due_at, give_up_at, polls_made, missing_in_row, image_url,
      error_message, created_at, finished_at)
      VALUES (@taskId, @requestId, @account, 'gpt-image-2', 'image', @state, ${price},
      CASE @state WHEN 'failed' THEN ${price} ELSE 0 END, 'keevx', 'image_generate', 'fingerprint',
      CASE WHEN @state IN ('running', 'succeeded') THEN 'i2is-' || @taskId END, @state = 'queued', @dueAt, @giveUpAt, 1, 0,
      CASE @state WHEN 'succeeded' THEN '${url}' END, CASE @state WHEN 'failed' THEN 'It did not work.' END, @createdAt,
      CASE WHEN @state IN ('succeeded', 'failed') THEN @createdAt END)`),
    entry: prepare(`INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
      VALUES (@account, @kind, @amount, @balance, @taskId, @createdAt)`),
    delivery:
      prepare(`INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver, body, state, claimed,
      attempts_made, retries_made, last_status, created_at, delivered_at)
      VALUES (@id, @account, @taskId, 'task.succeeded', 'request', '${url}', 'example.com', '${order}', 'delivered', 0, 1, 0,
      200, @createdAt, @createdAt)`),
  }
}
