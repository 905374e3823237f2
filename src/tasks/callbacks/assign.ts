// Gives work that a callback named, and that our query has found, to a task that still waits for an id, or records an orphan.
import type { TimedTx, Upstream } from '../../context.ts'
import type { Observation } from '../../upstream/adapter.ts'
import { beginsWhenAccepted } from '../submit/accept.ts'
import { begin } from '../events/begin.ts'
import type { UnmatchedCallback } from './unmatched.ts'
import { recordOrphan } from './orphans.ts'
import type { OrphanReason } from './orphans.ts'
import { insertPoll } from '../poll/rows.ts'
import { mayBecome } from '../state.ts'
import { acceptAttempt } from '../attempts.ts'
import { moveRequest, moveTask, moveTasksOfRequest, requestById, tasksOfRequest } from '../store.ts'
import type { RequestRow, TaskRow } from '../store.ts'

export type Found =
  /** The request is being posted: only its answer can tell which task the work belongs to. */
  | { readonly kind: 'too_early' }
  | { readonly kind: 'adopted'; readonly task: TaskRow; readonly begun: readonly (TaskRow | null)[] }
  | { readonly kind: 'orphan'; readonly reason: OrphanReason | null }
  /** Work that failed, for an order that will be posted again: the order stays queued. */
  | { readonly kind: 'failed_try' }

interface FoundWork {
  readonly upstream: Upstream
  readonly unmatched: UnmatchedCallback
  /** By our own query, which has found that the work exists. */
  readonly seen: Observation
}

/** Joins the caller's transaction. */
export async function assign(
  { tx, nowMs }: TimedTx,
  { upstream, unmatched, seen }: FoundWork,
): Promise<Found> {
  const [request] = await requestById(tx, { id: unmatched.requestId })
  if (!request || request.state === 'submitting') return { kind: 'too_early' }
  const tasks = await tasksOfRequest(tx, { requestId: request.id })
  const waiting = tasks.filter(({ state }) => state === 'unknown' || state === 'queued')
  const [task] = waiting
  if (!task) {
    const reason = seen.kind === 'succeeded' ? 'late_success' : 'late_accept'
    // The upstream has not made it: nothing is paid for it.
    const work = seen.kind === 'failed' ? { ...unmatched, cost: 0 } : unmatched
    return { kind: 'orphan', reason: await recordStray({ tx, nowMs }, work, reason) }
  }
  if (isToBePosted(request) && seen.kind === 'failed') return { kind: 'failed_try' }
  const terms = { upstream, isMoreAwaited: waiting.length > 1 }
  const giveUpAt = await acceptBelatedly({ tx, nowMs }, request, terms)
  if (giveUpAt === null) return { kind: 'too_early' }
  await acceptAttempt(tx, unmatched.attemptId, 'its answer did not tell; a callback named its work')
  const adopted = await moveTask(tx, task.id, {
    from: mayBecome.running,
    to: {
      state: 'running',
      upstreamTaskId: unmatched.upstreamTaskId,
      upstreamKey: unmatched.upstreamKey,
      giveUpAt,
    },
  })
  if (adopted) await insertPoll(tx, { taskId: task.id, dueAt: nowMs, pollsMade: adopted.pollsMade })
  // If the order was still to be posted here, its other tasks may have begun too.
  const running = isToBePosted(request) ? waiting : beginsWhenAccepted(request.taskType) ? [task] : []
  const begun: (TaskRow | null)[] = []
  for (const { id } of running) begun.push(await begin(tx, id, nowMs))
  return adopted ? { kind: 'adopted', task: adopted, begun } : { kind: 'too_early' }
}

/** It waits here for its first frame only in a restored copy, if the replaced store had posted it since. */
const isToBePosted = ({ state }: Pick<RequestRow, 'state'>): boolean =>
  state === 'queued' || state === 'waiting'

/**
 * The order was taken after all, so it is never posted again. Returns when its tasks are given up; null if it is
 * not as it was read.
 */
async function acceptBelatedly(
  { tx, nowMs }: TimedTx,
  request: RequestRow,
  { upstream, isMoreAwaited }: { readonly upstream: Upstream; readonly isMoreAwaited: boolean },
): Promise<number | null> {
  const wasToBePosted = isToBePosted(request)
  const limit = nowMs + upstream.settings[request.taskType].giveUpAfterMs
  const giveUpAt = wasToBePosted ? limit : (request.dueAt ?? limit)
  // The schema lets no order that waits for its first frame be accepted: that it was posted is known by a callback alone.
  if (request.state === 'waiting') {
    await moveRequest(tx, request.id, { from: ['waiting'], to: { state: 'unknown' } })
  }
  const accepted = await moveRequest(tx, request.id, {
    from: [request.state === 'waiting' ? 'unknown' : request.state],
    to: {
      state: 'accepted',
      dueAt: isMoreAwaited ? giveUpAt : null,
    },
  })
  if (!accepted) return null
  if (wasToBePosted) await moveTasksOfRequest(tx, request.id, { from: mayBecome.unknown, to: 'unknown' })
  return giveUpAt
}

/** Records work as an orphan: its order has ended, or was made by another attempt. */
export async function recordStray(
  at: TimedTx,
  stray: UnmatchedCallback & { readonly cost?: number },
  reason: OrphanReason,
): Promise<OrphanReason | null> {
  const { upstream, upstreamTaskId, requestId, attemptId, cost } = stray
  const work = {
    upstream,
    upstreamTaskId,
    requestId,
    attemptId,
    taskId: null,
    ...(cost !== undefined && { cost }),
  }
  // The tasks of a request cost the same, but for a first frame, whose price is in the first one.
  const [task] = await tasksOfRequest(at.tx, { requestId })
  return await recordOrphan(at, { ...work, reason, credits: task?.credits ?? 0 })
}
