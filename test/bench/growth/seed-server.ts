// The store of years on a PostgreSQL server: the server makes the rows itself, ten million in minutes.
import type pg from 'pg'
import { newId } from '../../../src/ids.ts'
import { askAt } from '../postgres/server.ts'
import {
  besides,
  failedEvery,
  grantOf,
  order,
  price,
  url,
  entriesRolledUp,
  successesRolledUp,
} from './seed.ts'
import type { Growth } from './seed.ts'

/** Tasks of one transaction. */
const atOnce = 250_000

type Kept = Omit<Growth, 'queued' | 'running' | 'oldDeliveries'>

/**
 * To a store that has the schema of this version and that nobody serves. Guards and references are off meanwhile,
 * which take most of the time; the audit of the benchmark finds what they would have refused.
 */
export async function seedServer(databaseUrl: string, growth: Kept): Promise<void> {
  await askAt(databaseUrl, async (client) => {
    await client.query(
      "SET session_replication_role = 'replica'; SET synchronous_commit = off; SET work_mem = '256MB'",
    )
    await insertAccounts(client, growth)
    for (let from = 0; from < growth.tasks; from += atOnce)
      await insertTasks(client, growth, [from, Math.min(growth.tasks, from + atOnce)])
    for (const statement of besides) await client.query(statement)
    await countAll(client)
    await client.query('DROP TABLE seeded_accounts')
    await client.query('VACUUM ANALYZE')
  })
}

/** A number of so many digits, as `idTime` writes it. */
const base36 = (number: string, digits: number): string =>
  Array.from({ length: digits }, (_, at) => 36 ** (digits - 1 - at))
    .map(
      (unit) =>
        `substr('0123456789abcdefghijklmnopqrstuvwxyz', CAST(${number} / ${unit} % 36 AS integer) + 1, 1)`,
    )
    .join(' || ')

async function insertAccounts(client: pg.Client, { tasks, accounts, nowMs, spanMs }: Kept): Promise<void> {
  const createdAt = nowMs - spanMs
  const granted = grantOf(Math.ceil(tasks / accounts))
  const ids = Array.from({ length: accounts }, () => newId('acc', createdAt))
  await client.query(
    `CREATE TABLE seeded_accounts AS SELECT id, number - 1 AS number FROM unnest($1::text[]) WITH ORDINALITY AS a (id, number)`,
    [ids],
  )
  const succeeded = `(SELECT count(*) FROM generate_series(number, ${tasks - 1}, ${accounts}) at WHERE at % ${failedEvery} <> 0)`
  await client.query(`
    INSERT INTO accounts (id, name, status, balance, tasks_open, credits_open, created_at)
    SELECT id, 'a customer of years', 'active', ${granted} - ${price} * ${succeeded}, 0, 0, ${createdAt} FROM seeded_accounts;
    INSERT INTO entries (account_id, kind, amount, balance_after, created_at)
    SELECT id, 'grant', ${granted}, ${granted}, ${createdAt} FROM seeded_accounts ORDER BY number`)
}

/** Of one account, every task fails or none does, or else balances would not follow from a task's number alone. */
async function insertTasks(
  client: pg.Client,
  { tasks, accounts, nowMs, spanMs }: Kept,
  [from, to]: readonly [from: number, to: number],
): Promise<void> {
  if (failedEvery % accounts !== 0) throw new Error(`${accounts} accounts do not divide ${failedEvery}`)
  const granted = grantOf(Math.ceil(tasks / accounts))
  const random = `substr(md5(CAST(random() AS text)), 1, 14)`
  await client.query(`BEGIN;
    CREATE TEMPORARY TABLE seeded ON COMMIT DROP AS
    SELECT at, made.created_at, a.id AS account_id, at % ${failedEvery} = 0 AS failed, at / ${accounts} AS before,
      ${base36('made.created_at', 9)} || ${base36('at', 2)} || '00' || ${random} AS name
    FROM generate_series(${from}, ${to - 1}) at
    CROSS JOIN LATERAL (SELECT CAST(${nowMs - spanMs} + ${spanMs}::bigint * at / ${tasks} AS bigint) AS created_at) made
    JOIN seeded_accounts a ON a.number = at % ${accounts};
    INSERT INTO requests (id, account_id, key_id, model_id, task_type, upstream, order_json, state, attempts_made, retries_made, failures_in_row, created_at)
    SELECT 'req_' || name, account_id, 'key_of_years', 'gpt-image-2', 'image', 'keevx', '${order}',
      CASE WHEN failed THEN 'failed' ELSE 'accepted' END, 1, 0, 0, created_at FROM seeded ORDER BY at;
    INSERT INTO attempts (id, request_id, number, upstream_key, state, started_at, finished_at)
    SELECT 'att_' || name, 'req_' || name, 1, 'fingerprint', CASE WHEN failed THEN 'refused' ELSE 'accepted' END, created_at, created_at
    FROM seeded ORDER BY at;
    INSERT INTO tasks (id, request_id, account_id, model_id, task_type, state, credits, credits_refunded, upstream, operation,
      upstream_key, upstream_task_id, upstream_pending, polls_made, missing_in_row, image_url, error_message, created_at, finished_at)
    SELECT 'task_' || name, 'req_' || name, account_id, 'gpt-image-2', 'image', CASE WHEN failed THEN 'failed' ELSE 'succeeded' END,
      ${price}, CASE WHEN failed THEN ${price} ELSE 0 END, 'keevx', 'image_generate', 'fingerprint',
      CASE WHEN NOT failed THEN 'i2is-task_' || name END, false, 1, 0, CASE WHEN NOT failed THEN '${url}' END,
      CASE WHEN failed THEN 'It did not work.' END, created_at, created_at FROM seeded ORDER BY at;
    INSERT INTO entries (account_id, kind, amount, balance_after, task_id, created_at)
    SELECT account_id, kind, CASE kind WHEN 'charge' THEN -${price} ELSE ${price} END,
      ${granted} - CASE WHEN kind = 'refund' THEN 0 WHEN failed THEN ${price} ELSE ${price} * (before + 1) END, 'task_' || name, created_at
    FROM seeded CROSS JOIN (VALUES ('charge'), ('refund')) AS kinds (kind) WHERE kind = 'charge' OR failed ORDER BY at, kind;
    COMMIT`)
}

/** What the guards would have counted. */
const countAll = async (client: pg.Client): Promise<unknown> =>
  await client.query(`INSERT INTO counters (name, value) SELECT 'accounts', count(*) FROM accounts
    UNION ALL SELECT 'tasks.' || state, count(*) FROM tasks GROUP BY state
    UNION ALL SELECT 'entries.' || kind, sum(amount) FROM entries GROUP BY kind;
    ${entriesRolledUp}; ${successesRolledUp}`)
