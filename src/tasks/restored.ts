// What a restored copy cannot know: whether the orders that waited in it were posted after it was made.
import { eq, sql } from '../db/drizzle.ts'
import type { Config } from '../config/config.ts'
import { upstreamNamed } from '../config/upstreams.ts'
import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import { insertAttempt, moveRequest, moveTasksOfRequest } from './store.ts'
import type { RequestRow } from './store.ts'

/** Orders that will not be posted. */
export interface Held {
  readonly requests: number
  readonly tasks: number
  /** What the tasks were charged, and will be given back unless word of them comes. */
  readonly credits: number
}

/**
 * The orders that wait in the queue of a copy may have been posted, and paid for, since it was made. Each gets an
 * attempt of unknown outcome, and so is never posted again: it ends at its limit with its credits given back. One
 * that had not been posted before the copy has nobody who could still call for it, so its limit is now.
 */
export async function holdQueued(tx: Tx, config: Config, nowMs: number): Promise<Held> {
  const { requests, tasks } = tx.tables
  const queued = await tx.select().from(requests).where(eq(requests.state, 'queued'))
  const [waiting] = await tx
    .select({
      tasks: sql`count(*)`.mapWith(Number),
      credits: sql`coalesce(sum(${tasks.credits}), 0)`.mapWith(Number),
    })
    .from(tasks)
    .where(eq(tasks.state, 'queued'))
  for (const request of queued) await hold(tx, request, nowMs + waitFor(config, request), nowMs)
  return { requests: queued.length, tasks: waiting?.tasks ?? 0, credits: waiting?.credits ?? 0 }
}

/** Milliseconds for which a callback of an earlier attempt may still say what became of it. */
function waitFor(config: Config, { attemptsMade, upstream, taskType }: RequestRow): number {
  return attemptsMade === 0 ? 0 : (upstreamNamed(config, upstream)?.[taskType].giveUpAfterMs ?? 0)
}

async function hold(tx: Tx, { id, attemptsMade }: RequestRow, dueAt: number, nowMs: number): Promise<void> {
  const number = attemptsMade + 1
  await moveRequest(tx, id, ['queued'], { state: 'unknown', dueAt, attemptsMade: number })
  await moveTasksOfRequest(tx, id, ['queued'], 'unknown')
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
