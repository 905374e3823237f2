// The auditor's questions about the queue: whether what triggers keep of it is what stands in the requests.
import { sql } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import type { Check } from './checks.ts'

export function queueChecks({ tables }: Connection): Check[] {
  const { queueFlows, queues, requests, tasks } = tables
  const queued = sql`(SELECT upstream, account_id, count(*) AS waiting,
    sum(CASE WHEN not_before IS NULL THEN 1 ELSE 0 END) AS ready FROM ${requests}
    WHERE state = 'queued' GROUP BY upstream, account_id)`
  return [
    {
      check: 'a queue counts its orders rightly',
      query: sql`SELECT q.upstream AS id, coalesce(w.waiting, 0) AS expected, q.waiting AS found FROM ${queues} q
        LEFT JOIN (SELECT upstream, sum(waiting) AS waiting FROM ${queued} o GROUP BY upstream) w
        ON w.upstream = q.upstream WHERE q.waiting <> coalesce(w.waiting, 0)`,
    },
    {
      check: 'the queued orders of an account are counted rightly',
      query: sql`SELECT f.account_id AS id, coalesce(o.waiting, 0) AS expected, f.waiting AS found FROM ${queueFlows} f
        LEFT JOIN ${queued} o ON o.upstream = f.upstream AND o.account_id = f.account_id
        WHERE f.waiting <> coalesce(o.waiting, 0)`,
    },
    {
      check: 'an order that may be posted is found by the queue',
      query: sql`SELECT o.account_id AS id, 'a place' AS expected, 'none' AS found FROM ${queued} o
        LEFT JOIN ${queueFlows} f ON f.upstream = o.upstream AND f.account_id = o.account_id
        LEFT JOIN ${queues} q ON q.upstream = o.upstream
        WHERE (o.ready > 0 AND f.start_tag IS NULL) OR f.upstream IS NULL OR q.upstream IS NULL`,
    },
    {
      check: 'a place in the queue is of an order that may be posted',
      query: sql`SELECT f.account_id AS id, 'no place' AS expected, f.start_tag AS found FROM ${queueFlows} f
        LEFT JOIN ${queued} o ON o.upstream = f.upstream AND o.account_id = f.account_id
        WHERE f.start_tag IS NOT NULL AND coalesce(o.ready, 0) = 0`,
    },
    {
      check: 'a task that was cancelled has failed and has no work upstream',
      query: sql`SELECT id, 'failed' AS expected, state || ' ' || coalesce(upstream_task_id, '') AS found FROM ${tasks}
        WHERE cancelled AND (state <> 'failed' OR upstream_task_id IS NOT NULL)`,
    },
  ]
}
