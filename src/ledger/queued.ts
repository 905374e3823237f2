// Audit checks of the queue: whether the counts that triggers maintain agree with the requests.
import { sql } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import type { Check } from './checks.ts'

export function queueChecks({ tables }: Connection): Check[] {
  const { queueFlows, queues, requests } = tables
  // Two halves, each with an index, so that only queued requests are read, however many have ended.
  const queued = sql`(SELECT upstream, account_id, sum(waiting) AS waiting, sum(ready) AS ready FROM (
    SELECT upstream, account_id, count(*) AS waiting, count(*) AS ready FROM ${requests}
    WHERE state = 'queued' AND not_before IS NULL GROUP BY upstream, account_id
    UNION ALL SELECT upstream, account_id, count(*) AS waiting, 0 AS ready FROM ${requests}
    WHERE state = 'queued' AND not_before IS NOT NULL GROUP BY upstream, account_id
    ) halves GROUP BY upstream, account_id)`
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
  ]
}
