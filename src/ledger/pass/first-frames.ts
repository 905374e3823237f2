// Audit checks of orders that make their first frame first: the order and its frame have to agree.
import { sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import type { RowCheck } from '../checks.ts'

/** Of requests. */
export function firstFrameChecks({ tables }: Connection): RowCheck[] {
  const { requests, tasks } = tables
  const frames = sql`${requests} f JOIN ${tasks} t ON t.request_id = f.id
    WHERE f.first_frame_of IS NOT NULL AND f.first_frame_of = c.id`
  // After a restore a callback may name work that the replaced store had posted, with a frame that is not known here.
  const wasPostedElsewhere = sql`(c.state = 'accepted' AND c.ready_at IS NULL AND c.first_frame_url IS NULL)`
  return [
    {
      check: 'an order waits only while its first frame is being made',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, 'an open first frame' AS expected, 'none' AS found FROM ${requests} c
        WHERE ${slice} AND c.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM ${frames} AND t.finished_at IS NULL)`,
    },
    {
      check: 'an order is posted with the first frame that was made for it',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, t.image_url AS expected, coalesce(c.first_frame_url, 'none') AS found
        FROM ${requests} c JOIN ${requests} f ON f.first_frame_of = c.id JOIN ${tasks} t ON t.request_id = f.id
        WHERE ${slice} AND f.first_frame_of IS NOT NULL AND c.state IN ('queued', 'submitting', 'accepted')
        AND (t.state <> 'succeeded' OR c.first_frame_url IS NULL OR c.first_frame_url <> t.image_url)
        AND NOT ${wasPostedElsewhere}`,
    },
    {
      check: 'a first frame is made for an order of its account',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, c.account_id AS expected, coalesce(p.account_id, 'no order') AS found
        FROM ${requests} c LEFT JOIN ${requests} p ON p.id = c.first_frame_of
        WHERE ${slice} AND c.first_frame_of IS NOT NULL AND (p.id IS NULL OR p.account_id <> c.account_id)`,
    },
  ]
}

/** Of tasks. */
export function stepChecks({ tables: { entries, requests, tasks } }: Connection): RowCheck[] {
  const due = sql`CASE WHEN r.first_frame_of IS NOT NULL THEN 'first_frame'
    WHEN EXISTS (SELECT 1 FROM ${requests} f WHERE f.first_frame_of IS NOT NULL AND f.first_frame_of = r.id)
    THEN 'video' ELSE 'none' END`
  return [
    {
      check: 'a first frame has no entries of its own, and no price',
      query: (slice) => sql`SELECT c.id AS id, '0 of 0' AS expected, (SELECT count(*) FROM ${entries} e
        WHERE e.task_id = c.id) || ' of ' || c.credits AS found FROM ${tasks} c WHERE ${slice} AND c.step = 'first_frame'
        AND (c.credits <> 0 OR EXISTS (SELECT 1 FROM ${entries} e WHERE e.task_id = c.id))`,
    },
    {
      check: 'a task is the step that its request says',
      query: (
        slice,
      ) => sql`SELECT c.id AS id, ${due} AS expected, coalesce(c.step, 'none') AS found FROM ${tasks} c
        JOIN ${requests} r ON r.id = c.request_id WHERE ${slice} AND coalesce(c.step, 'none') <> ${due}`,
    },
  ]
}
