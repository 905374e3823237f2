// The audit of caps: what is counted as in flight is what is in flight.
import { sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import type { RowCheck } from '../checks.ts'

/** Credits of ended tasks cannot be added up again: orders are archived. */
export function capChecks({ tables }: Connection): RowCheck[] {
  const { accounts, capUses, keys, requests, tasks } = tables
  const ofKey = sql`SELECT t.credits FROM ${keys} k JOIN ${tasks} t ON t.account_id = k.account_id
    JOIN ${requests} r ON r.id = t.request_id AND r.key_id = k.id
    WHERE k.id = c.subject AND t.finished_at IS NULL AND t.key_cap_day IS NOT NULL`
  const ofAccount = sql`SELECT t.credits FROM ${tasks} t
    WHERE t.account_id = c.subject AND t.finished_at IS NULL AND t.account_cap_day IS NOT NULL`
  const open = sql`(SELECT count(*) FROM (${ofKey} UNION ALL ${ofAccount}) o)`
  const credits = sql`(SELECT coalesce(sum(o.credits), 0) FROM (${ofKey} UNION ALL ${ofAccount}) o)`
  return [
    {
      check: 'a cap counts the open tasks of its key or account rightly',
      query: (
        slice,
      ) => sql`SELECT c.subject AS id, ${open} AS expected, c.tasks_open AS found FROM ${capUses} c
        WHERE ${slice} AND c.tasks_open <> ${open}`,
    },
    {
      check: 'a cap counts no fewer credits than its open tasks cost',
      query: (
        slice,
      ) => sql`SELECT c.subject AS id, ${credits} AS expected, c.credits AS found FROM ${capUses} c
        WHERE ${slice} AND (c.credits < ${credits} OR c.credits < c.credits_of_day)`,
    },
    {
      check: 'what a row names is there',
      query: (slice) => sql`SELECT c.subject AS id, 'a key or an account' AS expected, 'none' AS found
        FROM ${capUses} c WHERE ${slice} AND NOT EXISTS (SELECT 1 FROM ${keys} k WHERE k.id = c.subject)
        AND NOT EXISTS (SELECT 1 FROM ${accounts} a WHERE a.id = c.subject)`,
    },
  ]
}
