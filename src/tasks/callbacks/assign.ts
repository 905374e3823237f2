// Gives work that a callback named, and that our query has found, to a task that still waits for an id, or records an orphan.
import type { Context, Upstream } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import type { Observation } from '../../upstream/adapter.ts'
import { beginsWhenAccepted } from '../submit/accept.ts'
import { begin } from '../events/begin.ts'
import type { UnmatchedCallback } from './unmatched.ts'
import { recordOrphan } from './orphans.ts'
import type { OrphanReason } from './orphans.ts'
import { mayBecome } from '../state.ts'
import {
  acceptAttempt,
  moveRequest,
  moveTask,
  moveTasksOfRequest,
  requestById,
  tasksOfRequest,
} from '../store.ts'
import type { RequestRow, TaskRow } from '../store.ts'

export type Found =
  /** The request is being posted: only its answer can tell which task the work belongs to. */
  | { readonly kind: 'too_early' }
  | { readonly kind: 'adopted'; readonly task: TaskRow; readonly begun: readonly (TaskRow | null)[] }
  | { readonly kind: 'orphan'; readonly reason: OrphanReason | null }
  /** Work that failed, for an order that will be posted again: the order stays queued. */
  | { readonly kind: 'failed_try' }

/** `seen`: our own query has found that the work exists. Joins the caller's transaction. */
export async function assign(
  ctx: Context,
  tx: Tx,
  upstream: Upstream,
  unmatched: UnmatchedCallback,
  seen: Observation,
): Promise<Found> {
  const [request] = await requestById(tx, { id: unmatched.requestId })
  if (!request || request.state === 'submitting') return { kind: 'too_early' }
  const tasks = await tasksOfRequest(tx, { requestId: request.id })
  const waiting = tasks.filter(({ state }) => state === 'unknown' || state === 'queued')
  const [task] = waiting
  if (!task) {
    const reason = seen.kind === 'succeeded' ? 'late_success' : 'late_accept'
    return { kind: 'orphan', reason: await recordStray(tx, unmatched, reason, ctx.clock.now()) }
  }
  if (request.state === 'queued' && seen.kind === 'failed') return { kind: 'failed_try' }
  const nowMs = ctx.clock.now()
  const giveUpAt = await acceptBelatedly(tx, upstream, request, waiting.length > 1, nowMs)
  await acceptAttempt(tx, unmatched.attemptId, 'its answer did not tell; a callback named its work')
  const adopted = await moveTask(tx, task.id, mayBecome.running, {
    state: 'running',
    upstreamTaskId: unmatched.upstreamTaskId,
    upstreamKey: unmatched.upstreamKey,
    dueAt: nowMs,
    giveUpAt,
  })
  // If the order was queued here, its other tasks may have begun too.
  const running = request.state === 'queued' ? waiting : beginsWhenAccepted(request.taskType) ? [task] : []
  const begun: (TaskRow | null)[] = []
  for (const { id } of running) begun.push(await begin(tx, id, nowMs))
  return adopted ? { kind: 'adopted', task: adopted, begun } : { kind: 'too_early' }
}

/** The order was taken after all, so it is never posted again. Returns when its tasks are given up. */
async function acceptBelatedly(
  tx: Tx,
  upstream: Upstream,
  request: RequestRow,
  isMoreAwaited: boolean,
  nowMs: number,
): Promise<number> {
  const isQueued = request.state === 'queued'
  const limit = nowMs + upstream.settings[request.taskType].giveUpAfterMs
  const giveUpAt = isQueued ? limit : (request.dueAt ?? limit)
  await moveRequest(tx, request.id, [request.state], {
    state: 'accepted',
    dueAt: isMoreAwaited ? giveUpAt : null,
  })
  if (isQueued) await moveTasksOfRequest(tx, request.id, mayBecome.unknown, 'unknown')
  return giveUpAt
}

/** Records work as an orphan: its order has ended, or was made by another attempt. */
export async function recordStray(
  tx: Tx,
  { upstream, upstreamTaskId, requestId, attemptId }: UnmatchedCallback,
  reason: OrphanReason,
  nowMs: number,
): Promise<OrphanReason | null> {
  const work = { upstream, upstreamTaskId, requestId, attemptId, taskId: null }
  // The tasks of a request cost the same.
  const [task] = await tasksOfRequest(tx, { requestId })
  return await recordOrphan(tx, { ...work, reason, credits: task?.credits ?? 0 }, nowMs)
}
