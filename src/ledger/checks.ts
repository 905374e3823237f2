// Audit checks: each query finds the rows that break one promise, and must find none.
import { sql } from '../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../db/database.ts'
import { endedStates, openStates } from '../db/tables.ts'

/** The query returns id, expected and found of each row that breaks the promise. */
export interface Check {
  readonly check: string
  readonly query: SQL
}

/** A check of some rows at a time: `slice` selects them from the table that the query calls `c`. */
export interface RowCheck {
  readonly check: string
  readonly query: (slice: SQL) => SQL
}

/** As text: a column of the answer has one type. */
export const endOrOpen = sql.raw("coalesce(CAST(c.finished_at AS text), 'open')")

/** These sums are carried from entry to entry: see `pass/balances`. */
export const balanceChecks = {
  account: { check: 'an account holds the sum of its entries' },
  entry: { check: 'every entry carries the balance that it led to' },
  owed: { check: 'an account owes what its entries say' },
  owedAfter: { check: 'every entry carries what the account owed after it' },
} as const

export function accountChecks({ tables }: Connection): RowCheck[] {
  const { accounts, tasks } = tables
  // By `finished_at`, which has an index; another check verifies that exactly the ended tasks have it.
  const open = (what: SQL) =>
    sql`(SELECT ${what} FROM ${tasks} t WHERE t.account_id = c.id AND t.finished_at IS NULL
      AND coalesce(t.step, '') <> 'first_frame')`
  const [count, credits] = [open(sql`count(*)`), open(sql`coalesce(sum(t.credits), 0)`)]
  return [
    {
      check: 'no balance is below zero',
      query: (slice) => sql`SELECT c.id AS id, '>= 0' AS expected, c.balance AS found FROM ${accounts} c
        WHERE ${slice} AND c.balance < 0`,
    },
    {
      check: 'an account counts its open tasks rightly',
      query: (slice) => sql`SELECT c.id AS id, ${count} AS expected, c.tasks_open AS found FROM ${accounts} c
        WHERE ${slice} AND c.tasks_open <> ${count}`,
    },
    {
      check: 'an account counts the price of its open tasks rightly',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, ${credits} AS expected, c.credits_open AS found FROM ${accounts} c
        WHERE ${slice} AND c.credits_open <> ${credits}`,
    },
  ]
}

/** A key without an order would be answered with nothing, or let its order be charged again. */
export function keyChecks({ tables }: Connection): RowCheck[] {
  const { idempotency, requests, tasks } = tables
  return [
    {
      check: 'an idempotency key stands for a request of its account, with its tasks',
      query: (
        slice,
      ) => sql`SELECT c.request_id AS id, c.account_id AS expected, coalesce(r.account_id, 'no request') ||
        CASE WHEN EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = c.request_id) THEN '' ELSE ', no tasks' END AS found
        FROM ${idempotency} c LEFT JOIN ${requests} r ON r.id = c.request_id
        WHERE ${slice} AND (r.id IS NULL OR r.account_id <> c.account_id
        OR NOT EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = c.request_id))`,
    },
  ]
}

/** For tasks sorted by upstream and upstream task id: two that share a piece of work are neighbours. */
export function sharedWorkChecks({ tables: { tasks } }: Connection): RowCheck[] {
  return [
    {
      check: 'an upstream task belongs to one task',
      query: (
        slice,
      ) => sql`SELECT c.upstream_task_id AS id, '1' AS expected, count(*) AS found FROM ${tasks} c
        WHERE ${slice} GROUP BY c.upstream, c.upstream_task_id HAVING count(*) > 1`,
    },
  ]
}

/** Open tasks count as forgotten when they should have ended before `overdueBefore`. */
export function taskChecks(
  { tables }: Connection,
  { overdueBefore, queueForMs }: { readonly overdueBefore: number; readonly queueForMs: number },
): RowCheck[] {
  const { entries, polls, tasks, requests } = tables
  const charged = sql`(SELECT count(*) FROM ${entries} e WHERE e.task_id = c.id AND e.kind = 'charge' AND e.account_id = c.account_id AND e.amount = -c.credits)`
  const refunded = sql`(SELECT count(*) FROM ${entries} e WHERE e.task_id = c.id AND e.kind = 'refund' AND e.account_id = c.account_id AND e.amount = c.credits)`
  const all = (kind: string) =>
    sql`(SELECT count(*) FROM ${entries} e WHERE e.task_id = c.id AND e.kind = ${kind})`
  const corrected = (what: SQL, kind: string) =>
    sql`(SELECT ${what} FROM ${entries} e WHERE e.for_task_id = c.id AND e.kind = ${kind})`
  const recharged = corrected(sql`count(*)`, 'recharge')
  const returned = corrected(sql`coalesce(sum(e.amount), 0)`, 'manual_refund')
  // A first frame is charged and refunded with the order that it is made for.
  const isOwners = sql`coalesce(c.step, '') <> 'first_frame'`
  return [
    {
      check: 'a task is charged once, by its price, to its account',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, '1' AS expected, ${charged} || ' of ' || ${all('charge')} AS found
        FROM ${tasks} c WHERE ${slice} AND ${isOwners} AND (${charged} <> 1 OR ${all('charge')} <> 1)`,
    },
    {
      check: 'a failed task is refunded once, by what it was charged',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, '1' AS expected, ${refunded} || ' of ' || ${all('refund')} AS found
        FROM ${tasks} c WHERE ${slice} AND ${isOwners} AND c.state = 'failed'
        AND (${refunded} <> 1 OR ${all('refund')} <> 1 OR c.credits_refunded <> c.credits)`,
    },
    {
      check: 'only a failed task is refunded, unless it was charged again',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, ${recharged} AS expected, ${all('refund')} AS found FROM ${tasks} c
        WHERE ${slice} AND ((c.state <> 'failed' AND ${all('refund')} > 0 AND ${recharged} <> ${all('refund')})
          OR (${recharged} > 0 AND c.state <> 'succeeded'))`,
    },
    {
      check: 'a task shows what the operator has given back of it',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, ${returned} AS expected, coalesce(c.credits_returned, 0) AS found
        FROM ${tasks} c WHERE ${slice} AND coalesce(c.credits_returned, 0) <> ${returned}`,
    },
    {
      check: 'a succeeded task has a result',
      query: (slice) => sql`SELECT c.id AS id, 'a URL' AS expected, 'none' AS found FROM ${tasks} c
        WHERE ${slice} AND c.state = 'succeeded' AND coalesce(c.image_url, c.video_url, c.audio_url) IS NULL`,
    },
    {
      check: 'an ended task says when it ended, an open one does not',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, c.state AS expected, coalesce(CAST(c.finished_at AS text), 'open') AS found
        FROM ${tasks} c WHERE ${slice} AND (c.finished_at IS NOT NULL) <> (c.state IN ${endedStates})`,
    },
    {
      check: 'no open task is past its limit',
      query: (slice) => sql`SELECT c.id AS id, 'ended' AS expected, c.state AS found FROM ${tasks} c
        JOIN ${requests} r ON r.id = c.request_id WHERE ${slice} AND c.state IN ${openStates} AND r.state <> 'waiting' AND (
          CASE c.state WHEN 'queued' THEN coalesce(r.ready_at, r.created_at) + ${queueForMs} ELSE coalesce(c.give_up_at, r.due_at) END < ${overdueBefore}
          OR (c.state = 'running' AND NOT EXISTS (SELECT 1 FROM ${polls} p WHERE p.task_id = c.id))
          OR (c.state IN ('queued', 'submitting', 'unknown') AND r.due_at IS NULL))`,
    },
  ]
}
