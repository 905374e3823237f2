// The auditor's questions about rows that have to agree with one another: requests, attempts, tasks and entries.
import { sql } from '../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../db/database.ts'
import {
  accountStatuses,
  attemptStates,
  endedStates,
  entryKinds,
  mediaStates,
  orphanReasons,
  requestStates,
  taskStates,
  taskTypes,
} from '../db/tables.ts'
import type { Check } from './checks.ts'
import { queueChecks } from './queued.ts'

export function coherenceChecks(connection: Connection): Check[] {
  return [
    ...referenceChecks(connection),
    wordCheck(connection),
    ...entryChecks(connection),
    ...requestChecks(connection),
    ...attemptChecks(connection),
    ...queueChecks(connection),
  ]
}

/** What the schema's foreign keys hold, for a file that was damaged or written by another hand. */
function referenceChecks({ tables }: Connection): Check[] {
  const { accounts, attempts, earlyCallbacks, entries, keeps, keys, media, orphans, requests, tasks } = tables
  const lost = (table: unknown, rowId: SQL, column: SQL, parent: unknown, name: string) =>
    sql`SELECT ${rowId} AS id, ${name} AS expected, ${column} AS found FROM ${table} c
      LEFT JOIN ${parent} p ON p.id = ${column} WHERE ${column} IS NOT NULL AND p.id IS NULL`
  const text = sql`CAST(c.id AS text)`
  const [account, request, task] = [sql`c.account_id`, sql`c.request_id`, sql`c.task_id`]
  const attempt = sql`c.attempt_id`
  const tasksOfIt = sql`(SELECT count(*) FROM ${tasks} t WHERE t.request_id = r.id)`
  return [
    {
      check: 'what a row names is there',
      query: sql.join(
        [
          lost(entries, text, account, accounts, 'an account'),
          lost(entries, text, task, tasks, 'a task'),
          lost(keys, text, account, accounts, 'an account'),
          lost(requests, text, account, accounts, 'an account'),
          lost(tasks, text, account, accounts, 'an account'),
          lost(tasks, text, request, requests, 'a request'),
          lost(attempts, text, request, requests, 'a request'),
          lost(orphans, text, request, requests, 'a request'),
          lost(earlyCallbacks, attempt, attempt, attempts, 'an attempt'),
          lost(keeps, task, task, tasks, 'a task'),
          lost(media, task, task, tasks, 'a task'),
        ],
        sql` UNION ALL `,
      ),
    },
    {
      check: 'a task is what its request ordered, of the same account',
      query: sql`SELECT t.id AS id, ${ordered('r')} AS expected, ${ordered('t')} AS found FROM ${tasks} t
        JOIN ${requests} r ON r.id = t.request_id WHERE ${ordered('r')} <> ${ordered('t')}`,
    },
    {
      check: 'a request has as many tasks as it orders',
      // As text, for the dialects ask JSON in different ways; a quote within a prompt has a backslash before it.
      query: sql`SELECT r.id AS id, ${tasksOfIt} AS expected, 'another count' AS found FROM ${requests} r
        WHERE replace(replace(CAST(r.order_json AS text), ' ', ''), '}', ',')
          NOT LIKE '%"count":' || ${tasksOfIt} || ',%'`,
    },
    {
      check: 'a request has a task',
      query: sql`SELECT r.id AS id, '>= 1' AS expected, '0' AS found FROM ${requests} r
        WHERE NOT EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = r.id)`,
    },
  ]
}

/** The schema's own lists of words are not asked by whoever opens a store for reading alone. */
function wordCheck({ tables }: Connection): Check {
  const { accounts, attempts, entries, media, orphans, requests, tasks } = tables
  const strange = (table: unknown, column: string, words: readonly string[], id = 'id') => {
    const found = sql.raw(`c.${column}`)
    return sql`SELECT CAST(c.${sql.raw(id)} AS text) AS id, ${column} AS expected, ${found} AS found FROM ${table} c
      WHERE ${found} NOT IN ${words}`
  }
  return {
    check: 'a word is one of its list',
    query: sql.join(
      [
        strange(accounts, 'status', accountStatuses),
        strange(entries, 'kind', entryKinds),
        strange(requests, 'state', requestStates),
        strange(requests, 'task_type', taskTypes),
        strange(tasks, 'state', taskStates),
        strange(tasks, 'task_type', taskTypes),
        strange(attempts, 'state', attemptStates),
        strange(orphans, 'reason', orphanReasons),
        strange(media, 'state', mediaStates, 'task_id'),
      ],
      sql` UNION ALL `,
    ),
  }
}

/** What is written of an order on the request and on each of its tasks. */
const ordered = (row: 'r' | 't'): SQL =>
  sql.raw(
    ['account_id', 'model_id', 'task_type', 'upstream']
      .map((column) => `${row}.${column}`)
      .join(" || ' ' || "),
  )

function entryChecks({ tables }: Connection): Check[] {
  const { entries, tasks } = tables
  return [
    {
      check: 'an entry has the sign of its kind, and a task where it is of one',
      query: sql`SELECT id, kind AS expected, amount AS found FROM ${entries}
        WHERE NOT CASE kind WHEN 'charge' THEN amount <= 0 WHEN 'refund' THEN amount >= 0
          WHEN 'grant' THEN amount > 0 WHEN 'adjust' THEN amount <> 0 ELSE 1 = 0 END
        OR (task_id IS NOT NULL) <> (kind = 'charge' OR kind = 'refund')`,
    },
    {
      check: 'no entry led below zero',
      query: sql`SELECT id, '>= 0' AS expected, balance_after AS found FROM ${entries} WHERE balance_after < 0`,
    },
    {
      check: 'a task that did not fail shows no refund',
      query: sql`SELECT id, '0' AS expected, credits_refunded AS found FROM ${tasks}
        WHERE state <> 'failed' AND credits_refunded <> 0`,
    },
    {
      check: 'a failed task says why',
      query: sql`SELECT id, 'a reason' AS expected, 'none' AS found FROM ${tasks}
        WHERE state = 'failed' AND error_message IS NULL`,
    },
  ]
}

function requestChecks({ tables }: Connection): Check[] {
  const { keeps, requests, tasks } = tables
  return [
    {
      check: 'a task stands where its request does',
      query: sql`SELECT t.id AS id, r.state AS expected, t.state AS found FROM ${tasks} t
        JOIN ${requests} r ON r.id = t.request_id
        WHERE CASE r.state WHEN 'accepted' THEN t.state IN ('queued', 'submitting') OR (t.state = 'unknown' AND r.due_at IS NULL)
          ELSE t.state <> r.state AND NOT (t.cancelled AND t.state = 'failed') END`,
    },
    {
      check: 'a request that has not ended has a task that has not been cancelled',
      query: sql`SELECT r.id AS id, 'a task to be made' AS expected, 'none' AS found FROM ${requests} r
        WHERE r.state IN ('queued', 'submitting', 'unknown')
        AND NOT EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = r.id AND NOT t.cancelled)`,
    },
    {
      check: 'a task has work upstream when it runs or has succeeded, and not before',
      query: sql`SELECT id, state AS expected, coalesce(upstream_task_id, 'none') AS found FROM ${tasks}
        WHERE (state IN ('running', 'storing', 'succeeded') AND upstream_task_id IS NULL)
        OR (state IN ('queued', 'submitting', 'unknown') AND upstream_task_id IS NOT NULL)`,
    },
    {
      check: 'a task whose result is being kept is due to be',
      query: sql`SELECT t.id AS id, 'a keep that ends the wait' AS expected, 'none' AS found FROM ${tasks} t
        WHERE t.state = 'storing' AND t.give_up_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM ${keeps} k WHERE k.task_id = t.id AND k.waits_until IS NOT NULL)`,
    },
    {
      check: 'a task that has ended waits for no file',
      query: sql`SELECT k.task_id AS id, 'no wait' AS expected, t.state AS found FROM ${keeps} k
        JOIN ${tasks} t ON t.id = k.task_id WHERE k.waits_until IS NOT NULL AND t.state <> 'storing'`,
    },
    {
      check: 'a running task has a limit',
      query: sql`SELECT id, 'a time' AS expected, 'none' AS found FROM ${tasks}
        WHERE state = 'running' AND give_up_at IS NULL`,
    },
    {
      check: 'what is decided is due no more',
      query: sql`SELECT id, 'never' AS expected, due_at AS found FROM ${requests}
        WHERE due_at IS NOT NULL AND (state = 'failed' OR (state = 'accepted' AND NOT EXISTS (
          SELECT 1 FROM ${tasks} t WHERE t.request_id = ${requests}.id AND t.state = 'unknown')))
        UNION ALL SELECT id, 'never' AS expected, due_at AS found FROM ${tasks}
        WHERE state IN ${endedStates} AND due_at IS NOT NULL`,
    },
  ]
}

function attemptChecks({ tables }: Connection): Check[] {
  const { attempts, requests } = tables
  return [
    {
      check: 'a request has one open attempt while it is submitted, and none else',
      query: sql`SELECT r.id AS id, CASE r.state WHEN 'submitting' THEN '1' ELSE '0' END AS expected, coalesce(o.open, 0) AS found
        FROM ${requests} r LEFT JOIN (
          SELECT request_id, count(*) AS open FROM ${attempts} WHERE state = 'open' GROUP BY request_id
        ) o ON o.request_id = r.id
        WHERE coalesce(o.open, 0) <> CASE r.state WHEN 'submitting' THEN 1 ELSE 0 END`,
    },
    {
      check: 'an attempt that is over says when, an open one does not',
      query: sql`SELECT id, state AS expected, coalesce(finished_at, 'open') AS found FROM ${attempts}
        WHERE (state = 'open') <> (finished_at IS NULL)`,
    },
    {
      check: 'a request knows of all its attempts',
      query: sql`SELECT r.id AS id, r.attempts_made AS expected, max(a.number) AS found FROM ${requests} r
        JOIN ${attempts} a ON a.request_id = r.id GROUP BY r.id, r.attempts_made
        HAVING max(a.number) > r.attempts_made OR min(a.number) < 1`,
    },
  ]
}
