// A store with every kind of row, thousands of them, as the first version wrote it.
import type Sqlite from 'better-sqlite3'

/** The columns that say who has how much, what was ordered, and what became of it. */
export const moneyOf: Readonly<Record<string, string>> = {
  accounts: 'id, status, balance, tasks_open',
  keys: 'id, account_id, hash, revoked_at',
  entries: 'id, account_id, kind, amount, balance_after, task_id',
  requests: 'id, account_id, state',
  tasks: 'id, request_id, account_id, state, credits, credits_refunded, upstream, upstream_task_id',
}

interface Filling {
  readonly accounts: number
  readonly requestsEach: number
}

const price = 15
const states = ['queued', 'submitting', 'unknown', 'running', 'storing', 'succeeded', 'failed'] as const
type State = (typeof states)[number]
const openStates: readonly State[] = ['queued', 'submitting', 'unknown', 'running', 'storing']

/** Written by plain SQL with the columns of the first version, so that it fits every later one too. */
export function fill(client: Sqlite.Database, { accounts, requestsEach }: Filling): void {
  const writer = writerOf(client)
  client.transaction(() => {
    for (let at = 0; at < accounts; at += 1) fillAccount(writer, at, requestsEach)
  })()
}

type Writer = ReturnType<typeof writerOf>

function writerOf(client: Sqlite.Database) {
  return {
    account: client.prepare(`INSERT INTO accounts (id, name, status, balance, tasks_open,
      requests_per_minute_max, tasks_in_flight_max, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 1)`),
    settle: client.prepare('UPDATE accounts SET balance = ?, tasks_open = ? WHERE id = ?'),
    key: client.prepare(`INSERT INTO keys (id, account_id, name, hash, prefix, expires_at, revoked_at, created_at)
      VALUES (?, ?, 'key', ?, 'sk-abcd…', ?, ?, 1)`),
    request:
      client.prepare(`INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json,
      callback_url, state, due_at, attempts_made, retries_made, failures_in_row, created_at)
      VALUES (?, ?, ?, 'gpt-image-2', ?, 'keevx', '{"operation":"image_generate","prompt":"a heron","count":2}', ?, ?, ?, ?, 0, 0, 1)`),
    attempt:
      client.prepare(`INSERT INTO attempts (id, request_id, number, upstream_key, callback_token_hash, state,
      detail, started_at, finished_at) VALUES (?, ?, ?, 'fingerprint', NULL, ?, NULL, 1, ?)`),
    task: client.prepare(`INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits,
      credits_refunded, upstream, operation, upstream_key, upstream_task_id, upstream_pending, due_at, give_up_at,
      polls_made, missing_in_row, image_url, error_message, created_at, finished_at)
      VALUES (?, ?, ?, 'gpt-image-2', ?, ?, ${price}, ?, 'keevx', 'image_generate', 'fingerprint', ?, 0, ?, ?, 3, 0, ?, ?, 1, ?)`),
    entry: client.prepare(`INSERT INTO entries (account_id, kind, amount, balance_after, task_id, note,
      idempotency_key, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 1)`),
    orphan:
      client.prepare(`INSERT INTO orphans (id, reason, upstream, upstream_task_id, request_id, attempt_id,
      task_id, credits, created_at) VALUES (?, ?, 'keevx', ?, ?, ?, NULL, 0, 1)`),
  }
}

function fillAccount(writer: Writer, at: number, requests: number): void {
  const account = `acc_${at}`
  let balance = 0
  let open = 0
  const entry = (kind: string, amount: number, taskId: string | null, note: string | null = null) => {
    balance += amount
    writer.entry.run(account, kind, amount, balance, taskId, note, note && `${account} ${note}`)
  }
  writer.account.run(
    account,
    `Customer ${at}`,
    at % 5 === 4 ? 'suspended' : 'active',
    0,
    0,
    null,
    at % 3 || null,
  )
  writer.key.run(`key_${at}`, account, `hash ${at}`, null, null)
  writer.key.run(`key_${at}_old`, account, `hash ${at} old`, 99, 98)
  entry('grant', 1_000_000, null, 'bill')
  entry('adjust', -7, null, 'correction')
  for (let request = 0; request < requests; request += 1) {
    const state = states[request % states.length] ?? 'queued'
    for (const taskId of fillRequest(writer, { account, request, state })) {
      entry('charge', -price, taskId)
      if (state === 'failed') entry('refund', price, taskId)
      if (openStates.includes(state)) open += 1
    }
  }
  writer.settle.run(balance, open, account)
}

/** Returns the ids of its two tasks. */
function fillRequest(writer: Writer, of: { account: string; request: number; state: State }): string[] {
  const { account, state } = of
  const id = `req_${account}_${of.request}`
  const type = of.request % 2 === 0 ? 'image' : 'video'
  const accepted = ['running', 'storing', 'succeeded', 'failed'].includes(state)
  const asked = state !== 'queued'
  const callbackUrl = of.request % 3 === 0 ? 'https://example.com/hook' : null
  const due = accepted ? null : 9_000_000_000_000
  writer.request.run(
    id,
    account,
    `key_${account.slice(4)}`,
    type,
    callbackUrl,
    accepted ? 'accepted' : state,
    due,
    asked ? 2 : 0,
  )
  if (asked) {
    const last = accepted ? 'accepted' : state === 'unknown' ? 'unknown' : 'open'
    writer.attempt.run(`att_${id}_1`, id, 1, 'ambiguous', 2)
    writer.attempt.run(`att_${id}_2`, id, 2, last, last === 'open' ? null : 3)
    if (of.request % 7 === 2) writer.orphan.run(`orph_${id}`, 'extra_id', `i2is-${id}-x`, id, `att_${id}_2`)
  }
  return [0, 1].map((output) => {
    const taskId = `task_${account}_${of.request}_${output}`
    const running = state === 'running' ? 9_000_000_000_000 : null
    writer.task.run(
      taskId,
      id,
      account,
      type,
      state,
      state === 'failed' ? price : 0,
      accepted ? `i2is-${taskId}` : null,
      running,
      running,
      state === 'succeeded' ? `https://example.com/${taskId}.png` : null,
      state === 'failed' ? 'It did not work.' : null,
      state === 'succeeded' || state === 'failed' ? 5 : null,
    )
    return taskId
  })
}
