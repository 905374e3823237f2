// Records an accepted order: each id starts a task, a task without an id is refunded or waits, an id without a task is an orphan.
import type { Scope, TimedTx } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import type { Submission } from './submission.ts'
import { moveAndBegin } from '../events/begin.ts'
import { recordOrphan } from '../callbacks/orphans.ts'
import type { OrphanReason } from '../callbacks/orphans.ts'
import { pollAfter } from '../poll/interval.ts'
import { insertPoll } from '../poll/rows.ts'
import { reasons } from '../../reasons.ts'
import { failTask } from '../settle.ts'
import { mayBecome } from '../state.ts'
import { moveRequestUnread, moveTaskUnread, requestOfUpstreamId, tasksOfRequest } from '../store.ts'
import type { TaskRow } from '../store.ts'

/** What to count after the commit. */
export interface Consequences {
  /** Tasks that show as running from now on. */
  readonly begun: readonly (TaskRow | null)[]
  readonly ended: readonly (TaskRow | null)[]
  readonly orphans: readonly (OrphanReason | null)[]
}

/** States in which a request takes an answer. `unknown`: the answer came after its lease was given up. */
export const answerable = ['submitting', 'unknown'] as const

export async function accept(
  scope: Scope,
  submission: Submission,
  { upstreamTaskIds, isCut }: { readonly upstreamTaskIds: readonly string[]; readonly isCut: boolean },
): Promise<Consequences> {
  const { tx, nowMs } = scope
  const { upstream, request } = submission
  const { giveUpAfterMs } = upstream.settings[request.taskType]
  const moved = await moveRequestUnread(tx, request.id, {
    from: answerable,
    to: {
      state: 'accepted',
      dueAt: isCut ? nowMs + giveUpAfterMs : null,
    },
  })
  const tasks = await tasksOfRequest(tx, { requestId: request.id })
  const owners = await ownersOf(tx, upstream.name, upstreamTaskIds)
  const fresh = upstreamTaskIds.filter((id) => !owners.has(id))
  // An id that belongs to this request is running already: a callback named it before this answer came.
  const repeated = upstreamTaskIds.filter((id) => owners.has(id) && owners.get(id) !== request.id)
  const waiting = tasks.filter(({ state }) => state === 'submitting' || state === 'unknown')
  const begun: (TaskRow | null)[] = []
  const ended: (TaskRow | null)[] = []
  for (const [at, task] of waiting.entries()) {
    const upstreamTaskId = fresh[at]
    if (upstreamTaskId !== undefined) {
      begun.push(await runTask(scope, submission, { task, upstreamTaskId }))
    }
    // If callbacks have named other works of this order (not `moved`), one may still come for this task.
    else if (isCut) await moveTaskUnread(tx, task.id, { from: mayBecome.unknown, to: { state: 'unknown' } })
    else if (moved) ended.push(await failTask(scope, task, notMade(fresh.length, waiting.length)))
  }
  if (!moved && fresh.length >= waiting.length) {
    await moveRequestUnread(tx, request.id, { from: ['accepted'], to: { dueAt: null } })
  }
  const tooMany = moved ? 'extra_id' : 'late_accept'
  const orphans = [
    ...(await recordOrphans(scope, submission, {
      upstreamTaskIds: repeated,
      reason: 'repeated_id',
      credits: 0,
    })),
    ...(await recordOrphans(scope, submission, {
      upstreamTaskIds: fresh.slice(waiting.length),
      reason: tooMany,
      credits: moved ? 0 : (tasks[0]?.credits ?? 0),
    })),
  ]
  return { begun, ended, orphans }
}

async function runTask(
  scope: Scope,
  { upstream, request, key }: Submission,
  { task, upstreamTaskId }: { readonly task: TaskRow; readonly upstreamTaskId: string },
): Promise<TaskRow | null> {
  const { ctx, tx, nowMs } = scope
  const { giveUpAfterMs } = upstream.settings[request.taskType]
  const from = mayBecome.running
  const to = {
    state: 'running' as const,
    upstreamTaskId,
    upstreamKey: key.mark,
    giveUpAt: nowMs + giveUpAfterMs,
  }
  const { isMoved, begun } = beginsWhenAccepted(request.taskType)
    ? await moveAndBegin(scope, { task, from, to })
    : { isMoved: await moveTaskUnread(tx, task.id, { from, to }), begun: null }
  const dueAt = nowMs + Math.min(pollAfter(ctx, upstream, task), giveUpAfterMs)
  if (isMoved) await insertPoll(tx, { taskId: task.id, dueAt, pollsMade: task.pollsMade })
  return begun
}

/** Keevx has no waiting images (its image skill document); a video is PENDING until it says otherwise. */
export const beginsWhenAccepted = (taskType: 'image' | 'video'): boolean => taskType === 'image'

const notMade = (ids: number, tasks: number) => ({
  reason: reasons.notMade,
  detail: `the upstream gave ${ids} usable ids for ${tasks} tasks`,
})

/** Which requests have these ids already: a repeated id must not end two tasks with one work. */
async function ownersOf(
  tx: Tx,
  upstream: string,
  upstreamTaskIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>()
  for (const upstreamTaskId of upstreamTaskIds) {
    const [owner] = await requestOfUpstreamId(tx, { upstream, upstreamTaskId })
    if (owner) owners.set(upstreamTaskId, owner.requestId)
  }
  return owners
}

interface Works {
  readonly upstreamTaskIds: readonly string[]
  readonly reason: OrphanReason
  /** Of each. */
  readonly credits: number
}

async function recordOrphans(
  at: TimedTx,
  { upstream, request, attemptId }: Submission,
  { upstreamTaskIds, reason, credits }: Works,
): Promise<(OrphanReason | null)[]> {
  const recorded: (OrphanReason | null)[] = []
  for (const upstreamTaskId of upstreamTaskIds) {
    const work = { upstream: upstream.name, upstreamTaskId, requestId: request.id, attemptId, taskId: null }
    recorded.push(await recordOrphan(at, { ...work, reason, credits }))
  }
  return recorded
}
