// Audit checks of rows that have to agree with one another: requests, attempts, tasks and entries.
import { sql } from '../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../db/database.ts'
import {
  accountStatuses,
  attemptStates,
  closingEntries,
  entryKinds,
  mediaStates,
  orphanReasons,
  requestStates,
  taskStates,
  taskTypes,
} from '../db/tables.ts'
import { correctionRules, entryRules } from './pass/entry-rules.ts'
import { endOrOpen } from './checks.ts'
import type { RowCheck } from './checks.ts'

type Tables = Connection['tables']

/** The schema's foreign keys, checked again in case the file was damaged or edited by hand. */
const namesWhatIsThere = (
  table: Tables[keyof Tables],
  { id, column, parent, what }: { id: string; column: string; parent: Tables[keyof Tables]; what: string },
): RowCheck => {
  const [row, named] = [sql.raw(`CAST(c.${id} AS text)`), sql.raw(`c.${column}`)]
  return {
    check: 'what a row names is there',
    query: (slice) => sql`SELECT ${row} AS id, ${what} AS expected, ${named} AS found FROM ${table} c
      LEFT JOIN ${parent} p ON p.id = ${named} WHERE ${slice} AND ${named} IS NOT NULL AND p.id IS NULL`,
  }
}

/** The schema's own value lists are checked only on writes, so a read-only audit has to check them itself. */
const isOneOf = (
  table: Tables[keyof Tables],
  { id = 'id', column, words }: { id?: string; column: string; words: readonly string[] },
): RowCheck => {
  const found = sql.raw(`c.${column}`)
  return {
    check: 'a word is one of its list',
    query: (
      slice,
    ) => sql`SELECT ${sql.raw(`CAST(c.${id} AS text)`)} AS id, ${column} AS expected, ${found} AS found
      FROM ${table} c WHERE ${slice} AND ${found} NOT IN ${words}`,
  }
}

export const accountCoherence = ({ tables: { accounts } }: Connection): RowCheck[] => [
  isOneOf(accounts, { column: 'status', words: accountStatuses }),
]

export const accountKeyCoherence = ({ tables: { accounts, keys } }: Connection): RowCheck[] => [
  namesWhatIsThere(keys, { id: 'id', column: 'account_id', parent: accounts, what: 'an account' }),
]

export function entryCoherence({ tables }: Connection): RowCheck[] {
  const { accounts, closings, entries, tasks } = tables
  return [
    namesWhatIsThere(entries, { id: 'id', column: 'account_id', parent: accounts, what: 'an account' }),
    {
      check: 'what a row names is there',
      query: (
        slice,
      ) => sql`SELECT CAST(c.id AS text) AS id, 'a task, or a closing' AS expected, c.task_id AS found
        FROM ${entries} c LEFT JOIN ${tasks} p ON p.id = c.task_id
        WHERE ${slice} AND c.task_id IS NOT NULL AND p.id IS NULL AND NOT EXISTS (SELECT 1 FROM ${closings} k
          WHERE k.first_entry = ${closingOf('c.id')} AND k.account_id = c.account_id)`,
    },
    isOneOf(entries, { column: 'kind', words: entryKinds }),
    ...entryRules(entries),
    ...correctionRules(entries),
    {
      check: 'no entry led below zero',
      query: (slice) => sql`SELECT c.id AS id, '>= 0' AS expected, c.balance_after AS found FROM ${entries} c
        WHERE ${slice} AND c.balance_after < 0`,
    },
  ]
}

const closingOf = (id: string): SQL => sql.raw(`${id} - ${id} % ${closingEntries}`)

/** Exact in every committed state: a task is removed in the transaction that closes its entries. */
export function closingCoherence({ tables }: Connection): RowCheck[] {
  const { closings, entries, tasks } = tables
  const total = (what: string, kind: string) =>
    sql.raw(`coalesce(sum(CASE e.kind WHEN '${kind}' THEN ${what} ELSE 0 END), 0)`)
  const added = wordsOf({
    charges: total('1', 'charge'),
    charged: total('-e.amount', 'charge'),
    refunds: total('1', 'refund'),
    refunded: total('e.amount', 'refund'),
  })
  const closed = wordsOf({
    charges: sql`c.charges`,
    charged: sql`c.charged`,
    refunds: sql`c.refunds`,
    refunded: sql`c.refunded`,
  })
  return [
    {
      check: 'a closing is what the entries of archived tasks add up to',
      query: (slice) => sql`SELECT id, expected, found FROM (
        SELECT c.account_id || ' from entry ' || c.first_entry AS id, ${closed} AS found, (
          SELECT ${added} FROM ${entries} e WHERE e.account_id = c.account_id
          AND e.id >= c.first_entry AND e.id < c.first_entry + ${sql.raw(String(closingEntries))}
          AND e.task_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${tasks} t WHERE t.id = e.task_id)
        ) AS expected FROM ${closings} c WHERE ${slice}) compared WHERE expected <> found`,
    },
  ]
}

/** How many charges and refunds, and their credits. */
type Totals = Readonly<Record<'charges' | 'charged' | 'refunds' | 'refunded', SQL>>

const wordsOf = ({ charges, charged, refunds, refunded }: Totals): SQL =>
  sql`${charges} || ' charged ' || ${charged} || ', ' || ${refunds} || ' refunded ' || ${refunded}`

/** The columns of an order that are repeated on each of its tasks. */
const ordered = (row: 'r' | 'c'): SQL =>
  sql.raw(
    ['account_id', 'model_id', 'task_type', 'upstream']
      .map((column) => `${row}.${column}`)
      .join(" || ' ' || "),
  )

export function taskCoherence({ tables }: Connection): RowCheck[] {
  const { accounts, keeps, polls, requests, tasks } = tables
  return [
    namesWhatIsThere(tasks, { id: 'id', column: 'account_id', parent: accounts, what: 'an account' }),
    namesWhatIsThere(tasks, { id: 'id', column: 'request_id', parent: requests, what: 'a request' }),
    isOneOf(tasks, { column: 'state', words: taskStates }),
    isOneOf(tasks, { column: 'task_type', words: taskTypes }),
    {
      check: 'a task is what its request ordered, of the same account',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, ${ordered('r')} AS expected, ${ordered('c')} AS found FROM ${tasks} c
        JOIN ${requests} r ON r.id = c.request_id WHERE ${slice} AND ${ordered('r')} <> ${ordered('c')}`,
    },
    {
      check: 'a task that did not fail shows no refund',
      query: (slice) => sql`SELECT c.id AS id, '0' AS expected, c.credits_refunded AS found FROM ${tasks} c
        WHERE ${slice} AND c.state <> 'failed' AND c.credits_refunded <> 0`,
    },
    {
      check: 'a failed task says why',
      query: (slice) => sql`SELECT c.id AS id, 'a reason' AS expected, 'none' AS found FROM ${tasks} c
        WHERE ${slice} AND c.state = 'failed' AND c.error_message IS NULL`,
    },
    {
      check: 'a task stands where its request does',
      query: (slice) => sql`SELECT c.id AS id, r.state AS expected, c.state AS found FROM ${tasks} c
        JOIN ${requests} r ON r.id = c.request_id WHERE ${slice}
        AND CASE r.state WHEN 'waiting' THEN c.state <> 'queued' AND NOT c.cancelled
          WHEN 'accepted' THEN c.state IN ('queued', 'submitting') OR (c.state = 'unknown' AND r.due_at IS NULL)
          ELSE c.state <> r.state AND NOT (c.cancelled AND c.state = 'failed') END`,
    },
    {
      check: 'a task has work upstream when it runs or has succeeded, and not before',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, c.state AS expected, coalesce(c.upstream_task_id, 'none') AS found
        FROM ${tasks} c WHERE ${slice}
        AND ((c.state IN ('running', 'storing', 'succeeded') AND c.upstream_task_id IS NULL)
        OR (c.state IN ('queued', 'submitting', 'unknown') AND c.upstream_task_id IS NOT NULL))`,
    },
    {
      check: 'a task whose result is being kept is due to be',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, 'a keep that ends the wait' AS expected, 'none' AS found FROM ${tasks} c
        WHERE ${slice} AND c.state = 'storing' AND c.give_up_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM ${keeps} k WHERE k.task_id = c.id AND k.waits_until IS NOT NULL)`,
    },
    {
      check: 'a running task has a limit',
      query: (slice) => sql`SELECT c.id AS id, 'a time' AS expected, 'none' AS found FROM ${tasks} c
        WHERE ${slice} AND c.state = 'running' AND c.give_up_at IS NULL`,
    },
    {
      check: 'a task that was cancelled has failed and has no work upstream',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, 'failed' AS expected, c.state || ' ' || coalesce(c.upstream_task_id, '') AS found
        FROM ${tasks} c WHERE ${slice} AND c.cancelled AND (c.state <> 'failed' OR c.upstream_task_id IS NOT NULL)`,
    },
    {
      check: 'what is decided is due no more',
      query: (slice) => sql`SELECT c.id AS id, 'never' AS expected, p.due_at AS found FROM ${tasks} c
        JOIN ${polls} p ON p.task_id = c.id WHERE ${slice} AND c.state <> 'running'`,
    },
  ]
}

export function requestCoherence({ tables }: Connection): RowCheck[] {
  const { accounts, attempts, requests, tasks } = tables
  const tasksOfIt = sql`(SELECT count(*) FROM ${tasks} t WHERE t.request_id = c.id)`
  const openAttempts = sql`(SELECT count(*) FROM ${attempts} a WHERE a.request_id = c.id AND a.state = 'open')`
  const openWanted = sql`CASE c.state WHEN 'submitting' THEN 1 ELSE 0 END`
  const lastAttempt = sql`(SELECT max(a.number) FROM ${attempts} a WHERE a.request_id = c.id)`
  const firstAttempt = sql`(SELECT min(a.number) FROM ${attempts} a WHERE a.request_id = c.id)`
  return [
    namesWhatIsThere(requests, { id: 'id', column: 'account_id', parent: accounts, what: 'an account' }),
    isOneOf(requests, { column: 'state', words: requestStates }),
    isOneOf(requests, { column: 'task_type', words: taskTypes }),
    {
      check: 'a request has as many tasks as it orders',
      // The order is kept as text; a quote in a prompt has a backslash before it.
      query: (slice) => sql`SELECT c.id AS id, ${tasksOfIt} AS expected, 'another count' AS found
        FROM ${requests} c WHERE ${slice} AND replace(replace(c.order_json, ' ', ''), '}', ',')
          NOT LIKE '%"count":' || ${tasksOfIt} || ',%'`,
    },
    {
      check: 'a request has a task',
      query: (slice) => sql`SELECT c.id AS id, '>= 1' AS expected, '0' AS found FROM ${requests} c
        WHERE ${slice} AND NOT EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = c.id)`,
    },
    {
      check: 'a request that has not ended has a task that has not been cancelled',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, 'a task to be made' AS expected, 'none' AS found FROM ${requests} c
        WHERE ${slice} AND c.state IN ('waiting', 'queued', 'submitting', 'unknown')
        AND NOT EXISTS (SELECT 1 FROM ${tasks} t WHERE t.request_id = c.id AND NOT t.cancelled)`,
    },
    {
      check: 'what is decided is due no more',
      query: (slice) => sql`SELECT c.id AS id, 'never' AS expected, c.due_at AS found FROM ${requests} c
        WHERE ${slice} AND c.due_at IS NOT NULL AND (c.state = 'failed' OR (c.state = 'accepted' AND NOT EXISTS (
          SELECT 1 FROM ${tasks} t WHERE t.request_id = c.id AND t.state = 'unknown')))`,
    },
    {
      check: 'a request has one open attempt while it is submitted, and none else',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, ${openWanted} AS expected, ${openAttempts} AS found FROM ${requests} c
        WHERE ${slice} AND ${openAttempts} <> ${openWanted}`,
    },
    {
      check: 'a request knows of all its attempts',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, c.attempts_made AS expected, ${lastAttempt} AS found FROM ${requests} c
        WHERE ${slice} AND (${lastAttempt} > c.attempts_made OR ${firstAttempt} < 1)`,
    },
  ]
}

export function attemptCoherence({ tables: { attempts, requests } }: Connection): RowCheck[] {
  return [
    namesWhatIsThere(attempts, { id: 'id', column: 'request_id', parent: requests, what: 'a request' }),
    isOneOf(attempts, { column: 'state', words: attemptStates }),
    {
      check: 'an attempt that is over says when, an open one does not',
      query: (slice) => sql`SELECT c.id AS id, c.state AS expected, ${endOrOpen} AS found FROM ${attempts} c
        WHERE ${slice} AND (c.state = 'open') <> (c.finished_at IS NULL)`,
    },
  ]
}

export const orphanCoherence = ({ tables: { orphans, requests } }: Connection): RowCheck[] => [
  namesWhatIsThere(orphans, { id: 'id', column: 'request_id', parent: requests, what: 'a request' }),
  isOneOf(orphans, { column: 'reason', words: orphanReasons }),
]

export const earlyCallbackCoherence = ({ tables: { attempts, earlyCallbacks } }: Connection): RowCheck[] => [
  namesWhatIsThere(earlyCallbacks, {
    id: 'attempt_id',
    column: 'attempt_id',
    parent: attempts,
    what: 'an attempt',
  }),
]

export const mediaCoherence = ({ tables: { media, tasks } }: Connection): RowCheck[] => [
  namesWhatIsThere(media, { id: 'task_id', column: 'task_id', parent: tasks, what: 'a task' }),
  isOneOf(media, { id: 'task_id', column: 'state', words: mediaStates }),
]

export const uploadCoherence = ({ tables: { accounts, uploads } }: Connection): RowCheck[] => [
  namesWhatIsThere(uploads, { id: 'account_id', column: 'account_id', parent: accounts, what: 'an account' }),
  isOneOf(uploads, { id: 'account_id', column: 'state', words: mediaStates }),
]

export const keepCoherence = ({ tables: { keeps, tasks } }: Connection): RowCheck[] => [
  namesWhatIsThere(keeps, { id: 'task_id', column: 'task_id', parent: tasks, what: 'a task' }),
  {
    check: 'a task that has ended waits for no file',
    query: (slice) => sql`SELECT c.task_id AS id, 'no wait' AS expected, t.state AS found FROM ${keeps} c
      JOIN ${tasks} t ON t.id = c.task_id WHERE ${slice} AND c.waits_until IS NOT NULL AND t.state <> 'storing'`,
  },
]
