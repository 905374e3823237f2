// Audit checks of single entries, and of those by which the operator corrected a task.
import { sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import type { RowCheck } from '../checks.ts'

type Entries = Connection['tables']['entries']

/** The schema checks them on writes only. */
export const entryRules = (entries: Entries): RowCheck[] => [
  {
    check: 'an entry has the sign of its kind, and a task where it is of one',
    query: (slice) => sql`SELECT c.id AS id, c.kind AS expected, c.amount AS found FROM ${entries} c
      WHERE ${slice} AND (NOT CASE c.kind WHEN 'charge' THEN c.amount <= 0 WHEN 'refund' THEN c.amount >= 0
        WHEN 'grant' THEN c.amount > 0 WHEN 'manual_refund' THEN c.amount > 0 WHEN 'recharge' THEN c.amount <= 0
        WHEN 'repayment' THEN c.amount < 0 WHEN 'adjust' THEN c.amount <> 0 OR coalesce(c.owed_change, 0) > 0
        ELSE 1 = 0 END
      OR (c.task_id IS NOT NULL) <> (c.kind = 'charge' OR c.kind = 'refund')
      OR (c.for_task_id IS NOT NULL) <> (c.kind = 'manual_refund' OR c.kind = 'recharge'))`,
  },
  {
    check: 'a debt grows by what was taken back and was not there, and shrinks by what was paid',
    query: (
      slice,
    ) => sql`SELECT c.id AS id, c.kind || ' of ' || c.amount AS expected, c.owed_change AS found FROM ${entries} c
      WHERE ${slice} AND NOT CASE c.kind WHEN 'repayment' THEN coalesce(c.owed_change, 0) = c.amount
        WHEN 'adjust' THEN c.owed_change IS NULL OR (c.owed_change > 0 AND c.amount <= 0 AND c.balance_after = 0)
        ELSE c.owed_change IS NULL END`,
  },
]

/** Of what a task cost, no more is given back than that, and no more is taken again than was given back. */
export const correctionRules = (entries: Entries): RowCheck[] => {
  const charged = sql`(SELECT -e.amount FROM ${entries} e
    WHERE e.task_id = c.for_task_id AND e.kind = 'charge' AND e.account_id = c.account_id)`
  const net = sql`(SELECT -sum(e.amount) FROM ${entries} e WHERE e.task_id = c.for_task_id)
    - (SELECT sum(e.amount) FROM ${entries} e WHERE e.for_task_id = c.for_task_id)`
  return [
    {
      check: 'a task that was corrected cost its account between nothing and its price',
      query: (
        slice,
      ) => sql`SELECT c.for_task_id AS id, 'up to ' || coalesce(CAST(${charged} AS text), 'nothing') AS expected, ${net} AS found
        FROM ${entries} c WHERE ${slice} AND c.for_task_id IS NOT NULL
        AND (${net} BETWEEN 0 AND ${charged}) IS NOT TRUE`,
    },
  ]
}
