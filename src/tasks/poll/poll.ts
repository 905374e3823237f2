// Asks the upstream how a task is doing, and acts on what it says; a callback only makes this happen sooner.
import type { Context, Scope, Upstream } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { forEachItem, gather } from '../../db/gather.ts'
import type { Gathering } from '../../db/gather.ts'
import { storeForNew } from '../../media/stores/blob-stores.ts'
import type { Observation, UpstreamResult } from '../../upstream/adapter.ts'
import { begin, tellBegun } from '../events/begin.ts'
import { isAskedAsOrdered, query, queryWithin, noteObservation } from './query.ts'
import { countOrphans, recordLateSuccess, recordUnanswered } from '../callbacks/orphans.ts'
import type { OrphanReason } from '../callbacks/orphans.ts'
import { isFirstFrame, successWithoutFrame } from '../first-frame/rows.ts'
import { pollAfter, spread } from './interval.ts'
import { leaseOf, pollLeaseMs } from './claim.ts'
import { dueSooner, endSooner, underLease } from './rows.ts'
import type { PolledTask } from './rows.ts'
import { reasons } from '../../reasons.ts'
import { countEnded, failTask, succeedTask } from '../settle.ts'
import { taskById } from '../store.ts'
import type { TaskRow } from '../store.ts'
import { mayBePassedOn, passOnAtOnce } from '../results/pass-on.ts'
import { beginStoring } from '../results/store-result.ts'

/** An upstream that says "no such task" is believed when it says so this often in a row. */
const missingMax = 3
/** Undecided polls past the limit before a task is given up: an outage may end, a 429 may pass. */
export const lastPollsMax = 3
const lastPollEveryMs = 7_500
/** The last polls end within half a minute in total, even if the upstream does not answer. */
const lastPollTimeoutMs = 4_000

/** A callback named the task: it is polled now, or again when the poll in progress has ended. */
export async function pollSoon(ctx: Context, upstream: Upstream, taskId: string): Promise<void> {
  const dueAt = upstream.callbackHealth.tell(taskId, ctx.clock.now())
  if (dueAt === null) return
  await ctx.db.transaction(async (tx) => void (await dueSooner(tx, { taskId, dueAt })))
  ctx.wake('poll')
}

/** Polls one task, and acts on the answer. The signal is aborted at shutdown. */
export async function pollTask(ctx: Context, task: PolledTask, signal: AbortSignal): Promise<void> {
  const upstream = ctx.upstreams.get(task.upstream)
  upstream?.callbackHealth.beginPoll(task.id)
  try {
    await queryAndRecord(ctx, task, { upstream, signal })
  } finally {
    if (upstream?.callbackHealth.endPoll(task.id)) await pollSoon(ctx, upstream, task.id)
  }
}

async function queryAndRecord(
  ctx: Context,
  task: PolledTask,
  { upstream, signal }: { readonly upstream: Upstream | undefined; readonly signal: AbortSignal },
): Promise<void> {
  const nowMs = ctx.clock.now()
  const pausedUntil = upstream?.keys.pausedUntil(task.upstreamKey ?? '', nowMs) ?? 0
  if (upstream && pausedUntil > nowMs && nowMs < limitOf(ctx, task)) {
    await postpone(ctx, task, pausedUntil + spread(upstream.settings[task.taskType].pollEveryMs))
    return
  }
  // The limit is compared with the start of the poll: the answer describes that time.
  const polledAt = nowMs
  const isLast = polledAt >= limitOf(ctx, task)
  const answered = isLast
    ? await queryWithin(upstream, task, { clock: ctx.clock, timeoutMs: lastPollTimeoutMs, signal })
    : await query(upstream, task, signal)
  const seen = resultOrNone(ctx, task, { seen: answered, isLast })
  // Aborted by a shutdown without an answer: the next process polls again.
  if (signal.aborted && seen.kind === 'unclear') {
    await postpone(ctx, task, ctx.clock.now())
    return
  }
  const pauseMs = noteObservation(ctx, upstream, { asked: task, seen, nowMs })
  await recordObservation(ctx, task, { seen, polledAt, pauseMs })
}

/**
 * A result at an address that the guard refuses is no result, and no customer gets it. Nor is one whose bytes
 * were fetched and are not such a file (`errorDetail`): it is fetched again while there is time, then given
 * up.
 */
function resultOrNone(
  ctx: Context,
  task: TaskRow,
  { seen, isLast }: { readonly seen: Observation; readonly isLast: boolean },
): Observation {
  if (seen.kind !== 'succeeded') return seen
  const { settings } = ctx.upstreams.get(task.upstream) ?? {}
  const isRefused = (url: string | null) =>
    url !== null && ctx.guard.checkUrl(url, settings ? [settings.baseUrl] : []) !== null
  const { imageUrl, videoUrl, thumbnailUrl } = seen.result
  if (isFirstFrame(task) && imageUrl === null) return successWithoutFrame
  if (isRefused(imageUrl) || isRefused(videoUrl)) {
    const detail = 'success with a result at an address that is not public'
    return { kind: 'unclear', isNoResult: true, detail }
  }
  if (task.errorDetail !== null && (isLast || !storeForNew(ctx))) {
    return { kind: 'unclear', isNoResult: true, detail: `success without a result: ${task.errorDetail}` }
  }
  return isRefused(thumbnailUrl) ? { ...seen, result: { ...seen.result, thumbnailUrl: null } } : seen
}

const giveUpAfterMs = ({ settings }: Upstream, { taskType }: Pick<TaskRow, 'taskType'>): number =>
  settings[taskType].giveUpAfterMs

/** When a task is given up; `Infinity` while the clock is not trusted, or was set forward past the limit. */
function limitOf(ctx: Context, task: TaskRow): number {
  const upstream = ctx.upstreams.get(task.upstream)
  const longestMs = upstream ? giveUpAfterMs(upstream, task) : 0
  return ctx.time.mayEnd(longestMs) ? (task.giveUpAt ?? Infinity) : Infinity
}

interface Recorded {
  /** The task, if it shows as running from now on. */
  readonly begun?: TaskRow | null
  readonly ended: TaskRow | null
  readonly orphan?: OrphanReason | null
  /** The result is known and is now being stored. */
  readonly storing?: boolean
}

interface Polled {
  readonly seen: Observation
  readonly polledAt: number
  /** The task is not polled sooner, unless its limit comes first. */
  readonly pauseMs: number
}

interface Found extends Polled {
  readonly ctx: Context
  readonly task: PolledTask
  readonly nowMs: number
}

const recording: Gathering<Found, Recorded> = {
  name: 'what polls found',
  mayDelay: true,
  run: async (tx, items) =>
    await forEachItem(tx, items, {
      apart: ({ task }) => task.requestId,
      run: async (item) => await record(tx, item),
    }),
}

async function record(tx: Tx, { ctx, task, nowMs, seen, polledAt, pauseMs }: Found): Promise<Recorded> {
  const scope = { ctx, tx, nowMs }
  if (seen.kind === 'succeeded') return await recordSuccess(scope, task, seen.result)
  if (seen.kind === 'failed') return { ended: await failTask(scope, task, seen) }
  const missingInRow = seen.kind === 'missing' ? task.missingInRow + 1 : 0
  if (seen.kind === 'missing' && missingInRow >= missingMax) {
    return { ended: await failTask(scope, task, { reason: reasons.lost, detail: seen.detail }) }
  }
  const atLimit = polledAt >= limitOf(ctx, task)
  if (atLimit && (isUnderWay(seen) || task.lastLooks + 1 >= lastPollsMax)) {
    return await giveUp(scope, task, seen)
  }
  return { begun: await pollAgain(scope, task, { seen, missingInRow, atLimit, pauseMs }), ended: null }
}

/** Records what a poll found: the end of the task, or when to poll again. */
async function recordObservation(ctx: Context, task: PolledTask, polled: Polled): Promise<void> {
  const { seen } = polled
  const recorded = await gather(ctx.db, recording, { ...polled, ctx, task, nowMs: ctx.clock.now() })
  const { begun = null, ended, orphan = null, storing = false } = recorded
  if (storing) {
    ctx.wake('store')
    ctx.changes.tell(task.requestId)
  }
  if (ended || storing) ctx.upstreams.get(task.upstream)?.callbackHealth.forget(task.id)
  countEnded(ctx, [ended])
  tellBegun(ctx, [begun])
  countOrphans(ctx, [orphan])
  if (seen.kind === 'unclear' || seen.kind === 'key_rejected' || seen.kind === 'missing') {
    // Foreign answers are reported once for all tasks, by `noteObservation`.
    const level = seen.kind === 'unclear' && seen.isForeign ? 'debug' : 'warn'
    ctx.log[level]({ task: task.id, observation: seen.kind, detail: seen.detail }, 'a poll decided nothing')
  }
}

/** The work may be paid for unless the upstream itself answered, with the order's key and address. */
async function giveUp(scope: Scope, task: TaskRow, seen: Observation): Promise<Recorded> {
  const detail = `given up at its limit; the last look said: ${describe(seen)}`
  const ended = await failTask(scope, task, { reason: reasons.timedOut, detail })
  const isAnswered = isAnswer(seen) && isAskedAsOrdered(scope.ctx.upstreams.get(task.upstream), task)
  return { ended, orphan: ended && !isAnswered ? await recordUnanswered(scope, task) : null }
}

/** A success after the task was given up no longer changes the task; it is recorded as paid work. */
async function recordSuccess(scope: Scope, task: TaskRow, result: UpstreamResult): Promise<Recorded> {
  const { ctx, tx, nowMs } = scope
  const lastMs = ctx.upstreams.get(task.upstream)?.adapter.resultsLastMs ?? null
  const expiresAt = result.keptUntilMs ?? (lastMs === null ? null : nowMs + lastMs)
  // The video is ordered at once with the upstream's own URL of its first frame, which is not kept for anybody.
  if (expiresAt !== null && storeForNew(ctx) && !isFirstFrame(task)) {
    const storing = await beginStoring(scope, task, { result, expiresAt })
    if (storing && mayBePassedOn(ctx, storing)) {
      return { ended: await passOnAtOnce(ctx, tx, task.id), storing: true }
    }
    // A task whose result is being stored shows as running, even if no poll saw it run.
    if (storing) return { begun: await begin(tx, task.id, nowMs), ended: null, storing: true }
  } else {
    const ended = await succeedTask(scope, task, { result, expiresAt })
    if (ended) return { ended }
  }
  const [asItIs] = await taskById(tx, { id: task.id })
  return { ended: null, orphan: asItIs?.state === 'failed' ? await recordLateSuccess(scope, task) : null }
}

/** The upstream is still working: at the limit that counts as an answer, unlike an outage. */
const isUnderWay = ({ kind }: Observation): boolean => kind === 'pending' || kind === 'running'

/** Whether the upstream itself answered, usable or not. */
const isAnswer = (seen: Observation): boolean =>
  isUnderWay(seen) || (seen.kind === 'unclear' && seen.isNoResult === true)

const describe = (seen: Observation): string => ('detail' in seen ? seen.detail : seen.kind)

interface Undecided extends Pick<Polled, 'seen' | 'pauseMs'> {
  readonly missingInRow: number
  readonly atLimit: boolean
}

async function pollAgain(
  { ctx, tx, nowMs }: Scope,
  task: PolledTask,
  { seen, missingInRow, atLimit, pauseMs }: Undecided,
): Promise<TaskRow | null> {
  const upstream = ctx.upstreams.get(task.upstream)
  const everyMs = upstream?.settings[task.taskType].pollEveryMs ?? pollLeaseMs
  const afterMs = upstream && isUnderWay(seen) ? pollAfter(ctx, upstream, task) : spread(everyMs)
  const giveUpAt = upstream
    ? Math.min(task.giveUpAt ?? Infinity, nowMs + giveUpAfterMs(upstream, task))
    : task.giveUpAt
  // The limit was shortened since the task began.
  if (giveUpAt !== task.giveUpAt) await endSooner(tx, { ...leaseOf(task), giveUpAt })
  await underLease(tx, {
    ...leaseOf(task),
    // The last poll falls on the limit itself; if it is undecided, it is repeated soon.
    dueAt: atLimit
      ? nowMs + Math.min(spread(everyMs), lastPollEveryMs)
      : Math.min(nowMs + Math.max(afterMs, pauseMs), limitOf(ctx, task)),
    pollsMade: task.pollsMade + 1,
    missingInRow,
    lastLooks: atLimit ? task.lastLooks + 1 : 0,
  })
  return seen.kind === 'running' && task.upstreamPending ? await begin(tx, task.id, nowMs) : null
}

async function postpone(ctx: Context, task: PolledTask, dueAt: number): Promise<void> {
  await ctx.db.transaction(
    async (tx) => {
      await underLease(tx, { ...task, ...leaseOf(task), dueAt: Math.min(dueAt, limitOf(ctx, task)) })
    },
    { mayDelay: true },
  )
}
