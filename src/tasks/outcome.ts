// What the answer to a submit means for a request, its tasks and the credits: one transaction for each answer.
import { and, eq, inArray } from 'drizzle-orm'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import type { SubmitOutcome } from '../upstream/adapter.ts'
import type { Submission } from './dispatch.ts'
import { pauseAfter429, spread } from './pace.ts'
import { persist } from './persist.ts'
import { countEnded, failTask, reasons } from './settle.ts'
import type { Failure } from './settle.ts'
import { mayBecome } from './state.ts'
import {
  closeAttempt,
  insertOrphan,
  moveRequest,
  moveTask,
  moveTasksOfRequest,
  tasksOfRequest,
} from './store.ts'
import type { AttemptRow, RequestRow, TaskRow } from './store.ts'
import { judge } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** What is to be counted once it is committed. */
interface Consequences {
  readonly ended: readonly (TaskRow | null)[]
  readonly orphans: readonly OrphanReason[]
}

type OrphanReason = 'extra_id' | 'repeated_id' | 'late_accept'

/** An answer that came after its lease was given up is still an answer. */
const answerable = ['submitting', 'unknown'] as const

const nothing: Consequences = { ended: [], orphans: [] }

export async function recordOutcome(
  ctx: Context,
  submission: Submission,
  outcome: SubmitOutcome,
): Promise<void> {
  const nowMs = ctx.clock.now()
  noteOnKey(submission, outcome, nowMs)
  const verdict = judge(submission, outcome, nowMs)
  const work = async (tx: Tx): Promise<Consequences> => {
    await closeAttempt(tx, submission.attemptId, {
      state: attemptState(outcome),
      detail: 'detail' in outcome ? outcome.detail : null,
      finishedAt: nowMs,
    })
    return await carryOut(ctx, tx, submission, verdict, nowMs)
  }
  const { ended, orphans } = await persist(ctx, work).catch((error: unknown) => {
    // The last trace of work that is perhaps paid: the ids stand nowhere else.
    const { request, attemptId } = submission
    ctx.log.fatal(
      { request: request.id, attempt: attemptId, outcome, err: error },
      'an answer was not written down',
    )
    throw error
  })
  countEnded(ctx, ended)
  for (const reason of orphans) ctx.metrics.orphans.inc({ reason })
  const { request, attemptId } = submission
  const level = outcome.kind === 'accepted' ? 'info' : 'warn'
  ctx.log[level](
    {
      request: request.id,
      attempt: attemptId,
      outcome: outcome.kind,
      verdict: verdict.kind,
      detail: detailOf(outcome),
    },
    'submitted',
  )
  if (verdict.kind === 'again') ctx.wake('dispatch')
}

const detailOf = (outcome: SubmitOutcome): string | undefined =>
  'detail' in outcome ? outcome.detail : undefined

function noteOnKey({ upstream, key }: Submission, outcome: SubmitOutcome, nowMs: number): void {
  switch (outcome.kind) {
    case 'key_rejected':
      upstream.keys.reject(key.fingerprint, outcome.detail, nowMs)
      break
    case 'rate_limited':
      upstream.keys.pause(key.fingerprint, nowMs + pauseAfter429(upstream, outcome.retryAfterMs))
      break
    case 'accepted':
    case 'refused':
      upstream.keys.accept(key.fingerprint)
      break
    default:
  }
}

function attemptState(outcome: SubmitOutcome): AttemptRow['state'] {
  switch (outcome.kind) {
    case 'key_rejected':
      return 'refused'
    case 'rate_limited':
    case 'retry_documented':
      return 'not_accepted'
    default:
      return outcome.kind
  }
}

async function carryOut(
  ctx: Context,
  tx: Tx,
  submission: Submission,
  verdict: Verdict,
  nowMs: number,
): Promise<Consequences> {
  const { request } = submission
  switch (verdict.kind) {
    case 'run':
      return await run(tx, submission, verdict.upstreamTaskIds, nowMs)
    case 'fail':
      return { ...nothing, ended: await failRequest(tx, request.id, answerable, verdict.failure, nowMs) }
    case 'wait':
      await waitForCallback(ctx, tx, request, nowMs)
      return nothing
    case 'again': {
      const failuresInRow = verdict.counts === 'failuresInRow' ? request.failuresInRow + 1 : 0
      const retriesMade = request.retriesMade + (verdict.counts === 'retriesMade' ? 1 : 0)
      // An order that nobody took may go again however late that is known; an ambiguous one may not.
      const moved = await moveRequest(tx, request.id, verdict.certain ? answerable : ['submitting'], {
        state: 'queued',
        dueAt: verdict.dueAt,
        failuresInRow,
        retriesMade,
      })
      if (moved) await moveTasksOfRequest(tx, request.id, mayBecome.queued, 'queued')
      return nothing
    }
  }
}

/** Nobody knows whether the order was taken: it is never posted again, and given up at its limit. */
export async function waitForCallback(
  ctx: Context,
  tx: Tx,
  request: RequestRow,
  nowMs: number,
): Promise<void> {
  const giveUpAfterMs = ctx.upstreams.get(request.upstream)?.settings[request.taskType].giveUpAfterMs ?? 0
  const moved = await moveRequest(tx, request.id, ['submitting'], {
    state: 'unknown',
    dueAt: nowMs + giveUpAfterMs,
  })
  if (moved) await moveTasksOfRequest(tx, request.id, mayBecome.unknown, 'unknown')
}

/** Ends a request that will bring nothing, and every task of it with a refund. */
export async function failRequest(
  tx: Tx,
  requestId: string,
  from: readonly RequestRow['state'][],
  failure: Failure,
  nowMs: number,
): Promise<(TaskRow | null)[]> {
  const moved = await moveRequest(tx, requestId, from, { state: 'failed', dueAt: null })
  if (!moved) return []
  const ended: (TaskRow | null)[] = []
  for (const task of await tasksOfRequest(tx, { requestId }))
    ended.push(await failTask(tx, task, failure, nowMs))
  return ended
}

/** As many tasks run as there are ids; a task without one is refunded, an id without a task is an orphan. */
async function run(
  tx: Tx,
  submission: Submission,
  taskIds: readonly string[],
  nowMs: number,
): Promise<Consequences> {
  const { upstream, request, key } = submission
  const moved = await moveRequest(tx, request.id, answerable, {
    state: 'accepted',
    dueAt: null,
  })
  if (!moved)
    return { ...nothing, orphans: await recordOrphans(tx, submission, taskIds, 'late_accept', nowMs) }
  const tasks = await tasksOfRequest(tx, { requestId: request.id })
  const known = await knownIds(tx, upstream.name, taskIds)
  const fresh = taskIds.filter((id) => !known.has(id))
  const { pollEveryMs, giveUpAfterMs } = upstream.settings[request.taskType]
  const ended: (TaskRow | null)[] = []
  for (const [at, task] of tasks.entries()) {
    const upstreamTaskId = fresh[at]
    if (upstreamTaskId === undefined) {
      const detail = `the upstream gave ${fresh.length} usable ids for ${tasks.length} tasks`
      ended.push(await failTask(tx, task, { reason: reasons.notMade, detail }, nowMs))
      continue
    }
    await moveTask(tx, task.id, mayBecome.running, {
      state: 'running',
      upstreamTaskId,
      upstreamKey: key.fingerprint,
      dueAt: nowMs + Math.min(spread(pollEveryMs), giveUpAfterMs),
      giveUpAt: nowMs + giveUpAfterMs,
    })
  }
  const repeated = await recordOrphans(tx, submission, [...known], 'repeated_id', nowMs)
  const extra = await recordOrphans(tx, submission, fresh.slice(tasks.length), 'extra_id', nowMs)
  return { ended, orphans: [...repeated, ...extra] }
}

/** Ids that other tasks have already: an upstream that repeats itself must not settle two tasks with one work. */
async function knownIds(tx: Tx, upstream: string, taskIds: readonly string[]): Promise<Set<string>> {
  const { tasks } = tx.tables
  const rows = await tx
    .select({ id: tasks.upstreamTaskId })
    .from(tasks)
    .where(and(eq(tasks.upstream, upstream), inArray(tasks.upstreamTaskId, [...taskIds])))
  return new Set(rows.map((row) => row.id ?? ''))
}

/** Returns the reason once for each that was not known before. */
async function recordOrphans(
  tx: Tx,
  { upstream, request, attemptId }: Submission,
  taskIds: readonly string[],
  reason: OrphanReason,
  nowMs: number,
): Promise<OrphanReason[]> {
  const recorded: OrphanReason[] = []
  for (const upstreamTaskId of taskIds) {
    const isNew = await insertOrphan(tx, {
      id: newId('orph', nowMs),
      reason,
      upstream: upstream.name,
      upstreamTaskId,
      requestId: request.id,
      attemptId,
      taskId: null,
      credits: 0,
      createdAt: nowMs,
    })
    if (isNew) recorded.push(reason)
  }
  return recorded
}
