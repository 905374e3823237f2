// After a restore: queued orders may have been posted since the copy was made, so they are not posted again.
import { and, asc, eq, gt, inArray, sql } from '../../db/drizzle.ts'
import type { Config } from '../../config/config.ts'
import { upstreamNamed } from '../../config/upstreams.ts'
import type { TimedTx } from '../../context.ts'
import type { Database, Tx } from '../../db/database.ts'
import { newId } from '../../ids.ts'
import { showRunning } from '../events/begin.ts'
import { insertAttempt } from '../attempts.ts'
import { moveRequest, moveTasksOfRequest, tasksOfRequest } from '../store.ts'
import type { RequestRow } from '../store.ts'
import { isOwners } from '../first-frame/rows.ts'

/** Orders that will not be posted. */
export interface Held {
  readonly requests: number
  readonly tasks: number
  /** What the tasks were charged; refunded unless a callback reports their work. */
  readonly credits: number
}

/** Orders of one turn: a queue may be as long as an outage was. */
const heldAtOnce = 200

/**
 * The orders queued in a copy may have been posted, and paid for, since it was made. Each gets an attempt of
 * unknown outcome, and so is never posted again: it ends at its limit and is refunded. For one without an
 * earlier attempt no callback can come, so its limit is now. This runs in turns, and keeps no more of the
 * queue in memory than one turn.
 */
export async function holdQueued(
  db: Pick<Database, 'transaction'>,
  { config, nowMs }: HoldTerms,
): Promise<Held> {
  const held = { requests: 0, tasks: 0, credits: 0 }
  for (let after = ''; ;) {
    const some = await db.transaction((tx) => holdSome(tx, { config, nowMs, after }))
    held.requests += some.requests
    held.tasks += some.tasks
    held.credits += some.credits
    if (some.last === null) return held
    after = some.last
  }
}

interface HoldTerms {
  readonly config: Config
  readonly nowMs: number
}

/** `last`: the last request of this turn; null if there are no more. */
async function holdSome(
  tx: Tx,
  { config, nowMs, after }: HoldTerms & { readonly after: string },
): Promise<Held & { readonly last: string | null }> {
  const { requests, tasks } = tx.tables
  const { id, attemptsMade, upstream, taskType, firstFrameOf } = requests
  const queued = await tx
    .select({ id, attemptsMade, upstream, taskType, firstFrameOf })
    .from(requests)
    // One that waits in the copy may have got its first frame since, and have been posted.
    .where(and(inArray(requests.state, ['queued', 'waiting']), gt(requests.id, after)))
    .orderBy(asc(requests.id))
    .limit(heldAtOnce)
  const ids = queued.map((request) => request.id)
  const [waiting] = await tx
    .select({
      tasks: sql`count(*)`.mapWith(Number),
      credits: sql`coalesce(sum(${tasks.credits}), 0)`.mapWith(Number),
    })
    .from(tasks)
    .where(and(eq(tasks.state, 'queued'), inArray(tasks.requestId, ids), isOwners(tx)))
  for (const request of queued) await hold({ tx, nowMs }, request, nowMs + waitFor(config, request))
  const last = queued.length < heldAtOnce ? null : (ids.at(-1) ?? null)
  // Of first frames their owners know nothing.
  const orders = queued.filter((request) => request.firstFrameOf === null).length
  return { requests: orders, tasks: waiting?.tasks ?? 0, credits: waiting?.credits ?? 0, last }
}

type QueuedRow = Pick<RequestRow, 'id' | 'attemptsMade' | 'upstream' | 'taskType'>

/** Milliseconds for which a callback of an earlier attempt may still report its work. */
function waitFor(config: Config, { attemptsMade, upstream, taskType }: QueuedRow): number {
  return attemptsMade === 0 ? 0 : (upstreamNamed(config, upstream)?.[taskType].giveUpAfterMs ?? 0)
}

async function hold({ tx, nowMs }: TimedTx, { id, attemptsMade }: QueuedRow, dueAt: number): Promise<void> {
  const number = attemptsMade + 1
  await moveRequest(tx, id, {
    from: ['queued', 'waiting'],
    to: { state: 'unknown', dueAt, attemptsMade: number },
  })
  await moveTasksOfRequest(tx, id, { from: ['queued'], to: 'unknown' })
  // Without a webhook: it is a guess, and the replaced store may have announced the ends of the tasks.
  for (const task of await tasksOfRequest(tx, { requestId: id })) await showRunning(tx, { id: task.id })
  await insertAttempt(tx, {
    id: newId('att', nowMs),
    requestId: id,
    number,
    upstreamKey: 'unknown',
    callbackTokenHash: null,
    state: 'unknown',
    detail: 'restored from a copy: it may have been posted after the copy was made',
    startedAt: nowMs,
    finishedAt: nowMs,
  })
}
