// The questions that the auditor asks: each finds the rows that break one promise, and must find none.
import { sql } from '../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../db/database.ts'
import { endedStates, openStates } from '../db/tables.ts'

/** The query returns id, expected and found of each row that breaks the promise. */
export interface Check {
  readonly check: string
  readonly query: SQL
}

export function accountChecks({ tables }: Connection): Check[] {
  const { accounts, entries, tasks } = tables
  return [
    {
      check: 'an account holds the sum of its entries',
      query: sql`SELECT a.id AS id, coalesce(s.total, 0) AS expected, a.balance AS found FROM ${accounts} a
        LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ${entries} GROUP BY account_id) s ON s.account_id = a.id
        WHERE a.balance <> coalesce(s.total, 0)`,
    },
    {
      check: 'no balance is below zero',
      query: sql`SELECT id, '>= 0' AS expected, balance AS found FROM ${accounts} WHERE balance < 0`,
    },
    {
      check: 'every entry carries the balance that it led to',
      query: sql`SELECT id, expected, balance_after AS found FROM (
        SELECT id, balance_after, sum(amount) OVER (PARTITION BY account_id ORDER BY id) AS expected FROM ${entries}
      ) walked WHERE expected <> balance_after`,
    },
    {
      check: 'an account counts its open tasks rightly',
      query: sql`SELECT a.id AS id, coalesce(o.open, 0) AS expected, a.tasks_open AS found FROM ${accounts} a
        LEFT JOIN (SELECT account_id, count(*) AS open FROM ${tasks} WHERE state IN ${openStates} GROUP BY account_id) o
        ON o.account_id = a.id WHERE a.tasks_open <> coalesce(o.open, 0)`,
    },
    {
      check: 'an account counts the price of its open tasks rightly',
      query: sql`SELECT a.id AS id, coalesce(o.open, 0) AS expected, a.credits_open AS found FROM ${accounts} a
        LEFT JOIN (SELECT account_id, sum(credits) AS open FROM ${tasks} WHERE state IN ${openStates} GROUP BY account_id) o
        ON o.account_id = a.id WHERE a.credits_open <> coalesce(o.open, 0)`,
    },
  ]
}

/** A key that stands for nothing would be answered with nothing, or let its order be charged again. */
export function keyChecks({ tables }: Connection): Check[] {
  const { idempotency, requests, tasks } = tables
  return [
    {
      check: 'an idempotency key stands for a request of its account, with its tasks',
      query: sql`SELECT i.request_id AS id, i.account_id AS expected, coalesce(r.account_id, 'no request') ||
        CASE WHEN EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = i.request_id) THEN '' ELSE ', no tasks' END AS found
        FROM ${idempotency} i LEFT JOIN ${requests} r ON r.id = i.request_id
        WHERE r.id IS NULL OR r.account_id <> i.account_id
        OR NOT EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = i.request_id)`,
    },
  ]
}

/** Open tasks count as forgotten when they should have ended before `overdueBefore`. */
export function taskChecks({ tables }: Connection, overdueBefore: number, queueForMs: number): Check[] {
  const { entries, tasks, requests } = tables
  const charged = sql`(SELECT count(*) FROM ${entries} e WHERE e.task_id = t.id AND e.kind = 'charge' AND e.account_id = t.account_id AND e.amount = -t.credits)`
  const refunded = sql`(SELECT count(*) FROM ${entries} e WHERE e.task_id = t.id AND e.kind = 'refund' AND e.account_id = t.account_id AND e.amount = t.credits)`
  const all = (kind: string) =>
    sql`(SELECT count(*) FROM ${entries} e WHERE e.task_id = t.id AND e.kind = ${kind})`
  return [
    {
      check: 'a task is charged once, by its price, to its account',
      query: sql`SELECT t.id AS id, '1' AS expected, ${charged} || ' of ' || ${all('charge')} AS found FROM ${tasks} t
        WHERE ${charged} <> 1 OR ${all('charge')} <> 1`,
    },
    {
      check: 'a failed task is refunded once, by what it was charged',
      query: sql`SELECT t.id AS id, '1' AS expected, ${refunded} || ' of ' || ${all('refund')} AS found FROM ${tasks} t
        WHERE t.state = 'failed' AND (${refunded} <> 1 OR ${all('refund')} <> 1 OR t.credits_refunded <> t.credits)`,
    },
    {
      check: 'only a failed task is refunded',
      query: sql`SELECT t.id AS id, '0' AS expected, count(*) AS found FROM ${tasks} t
        JOIN ${entries} e ON e.task_id = t.id AND e.kind = 'refund' WHERE t.state <> 'failed' GROUP BY t.id`,
    },
    {
      check: 'a succeeded task has a result',
      query: sql`SELECT id, 'a URL' AS expected, 'none' AS found FROM ${tasks}
        WHERE state = 'succeeded' AND coalesce(image_url, video_url, audio_url) IS NULL`,
    },
    {
      check: 'an ended task says when it ended, an open one does not',
      query: sql`SELECT id, state AS expected, coalesce(finished_at, 'open') AS found FROM ${tasks}
        WHERE (finished_at IS NOT NULL) <> (state IN ${endedStates})`,
    },
    {
      check: 'an upstream task belongs to one task',
      query: sql`SELECT upstream_task_id AS id, '1' AS expected, count(*) AS found FROM ${tasks}
        WHERE upstream_task_id IS NOT NULL GROUP BY upstream, upstream_task_id HAVING count(*) > 1`,
    },
    {
      check: 'no open task is past its limit',
      query: sql`SELECT t.id AS id, 'ended' AS expected, t.state AS found FROM ${tasks} t JOIN ${requests} r ON r.id = t.request_id
        WHERE t.state IN ${openStates} AND (
          CASE t.state WHEN 'queued' THEN r.created_at + ${queueForMs} ELSE coalesce(t.give_up_at, r.due_at) END < ${overdueBefore}
          OR (t.state = 'running' AND t.due_at IS NULL)
          OR (t.state IN ('queued', 'submitting', 'unknown') AND r.due_at IS NULL))`,
    },
  ]
}
