// Between the upstream's success and the task's: downloads the result and stores it, or passes its URL on after a while.
import type { Context, Scope, TimedTx } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { keepFile } from '../../media/keep.ts'
import type { Kept, Wanted } from '../../media/keep.ts'
import { keptParts, markKept } from '../../media/rows.ts'
import { storeForNew } from '../../media/stores/blob-stores.ts'
import { timeoutSignal } from '../../net/deadline.ts'
import type { UpstreamResult } from '../../upstream/adapter.ts'
import { deleteKeep, insertKeep, isLeased, keepPauseMaxMs, updateKeep } from './downloads.ts'
import type { KeepRow } from './downloads.ts'
import { countEnded, resultColumns, succeedTask } from '../settle.ts'
import { spread } from '../poll/interval.ts'
import { insertPoll } from '../poll/rows.ts'
import { mayBecome, mayReturn } from '../state.ts'
import { moveTask, moveTaskUnread, taskById } from '../store.ts'
import type { TaskRow } from '../store.ts'

/** Pauses after the first tries; the task waits only for these. */
const firstPausesMs = [5_000, 10_000, 20_000]
const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Later pauses, while the customer has the upstream's URL; the last repeats until the URL expires. */
const laterPausesMs = [5 * minuteMs, 15 * minuteMs, hourMs, 3 * hourMs, 6 * hourMs, keepPauseMaxMs]
/** How long a task waits at most, even for a download that is slow but in progress. */
export const storingMaxMs = 90_000
/** Longer than any upstream keeps its files. */
const upstreamKeepsMaxMs = 30 * 24 * hourMs
/** The limit of one try with all its files. */
const tryMaxMs = 10 * minuteMs

/**
 * Moves a task that has its result to `storing`; null if something else moved it first. A result whose
 * fetched file was not valid is tried once more, within the task's limit.
 */
export async function beginStoring(
  { tx, nowMs }: TimedTx,
  task: Pick<TaskRow, 'id' | 'giveUpAt' | 'errorDetail' | 'pollsMade'>,
  { result, expiresAt }: { readonly result: UpstreamResult; readonly expiresAt: number },
): Promise<TaskRow | null> {
  const isAgain = task.errorDetail !== null
  const giveUpAt = isAgain ? (task.giveUpAt ?? nowMs) : Math.max(task.giveUpAt ?? 0, nowMs + storingMaxMs)
  const waitsUntil = Math.min(nowMs + storingMaxMs, giveUpAt)
  const triesMade = isAgain ? firstPausesMs.length : 0
  const moved = await moveTask(tx, task.id, {
    from: mayBecome.storing,
    to: {
      state: 'storing',
      ...resultColumns(result),
      giveUpAt,
      pollsMade: task.pollsMade,
      resultExpiresAt: expiresAt,
    },
  })
  if (moved) await insertKeep(tx, { taskId: task.id, dueAt: nowMs, triesMade, waitsUntil, expiresAt })
  return moved
}

/** One try to store the missing files of a task's result, and its consequences. */
export async function keepResult(ctx: Context, keep: KeepRow, signal: AbortSignal): Promise<void> {
  const [task] = await taskById(ctx.db.read, { id: keep.taskId })
  if (!task) return
  const bounded = AbortSignal.any([signal, timeoutSignal(tryMaxMs)])
  const tried: Kept[] = []
  const parts = await partsWanted(ctx, task)
  for (const wanted of parts) {
    const kept = await keepFile(ctx, wanted, bounded)
    tried.push(kept)
    // A thumbnail is fetched only once the result is stored, which does not depend on the thumbnail.
    if (kept.kind !== 'kept') break
    if (wanted !== parts.at(-1)) {
      await ctx.db.transaction((tx) => show({ ctx, tx, nowMs: ctx.clock.now() }, keep.taskId, kept), {
        mayDelay: true,
      })
    }
  }
  // Neither a shutdown nor a store that is down counts as a try of the result; it is tried again at once.
  const isCut = tried.some(({ kind }) => kind === 'store_down' || (kind === 'failed' && signal.aborted))
  const { ended, lost } = await ctx.db.transaction(
    (tx) => record({ ctx, tx, nowMs: ctx.clock.now() }, keep, { tried, isCut }),
    {
      mayDelay: true,
    },
  )
  countEnded(ctx, [ended])
  report(ctx, task, { tried, lost })
}

/** The files still to store, the result first. */
async function partsWanted(ctx: Context, task: TaskRow): Promise<Wanted[]> {
  const have = await keptParts(ctx.db.read, task.id)
  const [taskId, upstream] = [task.id, ctx.upstreams.get(task.upstream)]
  const result = task.taskType === 'image' ? task.imageUrl : task.videoUrl
  const wanted: Wanted[] = []
  if (result !== null && !have.has('result')) {
    const isDoubtful = task.state === 'storing' && task.errorDetail !== null
    wanted.push({ taskId, part: 'result', type: task.taskType, upstream, url: result, isDoubtful })
  }
  if (task.thumbnailUrl !== null && !have.has('thumbnail')) {
    wanted.push({ taskId, part: 'thumbnail', type: 'image', upstream, url: task.thumbnailUrl })
  }
  return wanted
}

interface Recorded {
  readonly ended: TaskRow | null
  /** The upstream deletes it before the next try. */
  readonly lost: boolean
}

async function record(
  scope: Scope,
  keep: KeepRow,
  { tried, isCut }: { readonly tried: readonly Kept[]; readonly isCut: boolean },
): Promise<Recorded> {
  const { ctx, tx, nowMs } = scope
  for (const each of tried) if (each.kind === 'kept') await show(scope, keep.taskId, each)
  const isOurs = (await keptParts(tx, keep.taskId)).has('result')
  // Another process took this one for gone, and tries now: only what was stored counts.
  if (!isOurs && !(await isLeased(tx, keep))) return { ended: null, lost: false }
  // A failed thumbnail alone is not tried again.
  const isOpen = isCut || (!isOurs && tried.some(({ part, kind }) => part === 'result' && kind !== 'refused'))
  const triesMade = keep.triesMade + (isCut ? 0 : 1)
  const dueAt = isCut ? nowMs : nowMs + pauseAfter(triesMade)
  const lost = isOpen && dueAt >= keep.expiresAt && ctx.time.mayEnd(upstreamKeepsMaxMs)
  const isOver = !isOpen || lost
  await noteDoubt(tx, keep.taskId, tried)
  const mayWait = !isOver && triesMade <= firstPausesMs.length && !isPassedOn(tried)
  const ended = mayWait ? null : await endStoring(ctx, tx, keep.taskId)
  if (isOver) await deleteKeep(tx, keep.taskId)
  else
    await updateKeep(tx, keep.taskId, {
      triesMade,
      dueAt,
      holder: null,
      ...(!mayWait && { waitsUntil: null }),
    })
  return { ended, lost }
}

/** Notes whether the fetched file is no valid result, or is valid although it could not be stored. */
async function noteDoubt(tx: Tx, taskId: string, tried: readonly Kept[]): Promise<void> {
  const result = tried.find(({ part }) => part === 'result')
  if (result?.kind === 'no_result')
    await moveTask(tx, taskId, { from: ['storing'], to: { errorDetail: result.detail } })
  if (result && 'isSeen' in result && result.isSeen) {
    await moveTask(tx, taskId, { from: ['storing'], to: { errorDetail: null } })
  }
}

const isPassedOn = (tried: readonly Kept[]): boolean => tried.some(({ kind }) => kind === 'store_down')

function pauseAfter(triesMade: number): number {
  const pausesMs = [...firstPausesMs, ...laterPausesMs]
  return pausesMs[Math.min(triesMade, pausesMs.length) - 1] ?? 0
}

/**
 * From now on the task shows our URL; nothing else of an ended task changes. Nothing happens if our URL is
 * shown already, or if the writer of the file was taken for dead.
 */
async function show(
  { ctx, tx, nowMs }: Scope,
  taskId: string,
  { part, name, url }: Extract<Kept, { kind: 'kept' }>,
): Promise<void> {
  const keptUntil = nowMs + ctx.config.media.retentionMs
  if (!(await markKept(tx, name, keptUntil))) return
  const [task] = await taskById(tx, { id: taskId })
  const isImage = task?.taskType === 'image'
  const change =
    part === 'thumbnail' ? { thumbnailUrl: url } : isImage ? { imageUrl: url } : { videoUrl: url }
  const expiry = part === 'result' ? { resultExpiresAt: keptUntil } : {}
  // A task with a stored result shows no URL of the upstream.
  const bare = part === 'result' && task?.state === 'succeeded' ? { thumbnailUrl: null } : {}
  await moveTask(tx, taskId, { from: ['storing', 'succeeded'], to: { ...change, ...expiry, ...bare } })
}

/**
 * Ends the task with its present URLs, without an upstream URL beside ours. Null if it had ended before, or
 * if the fetched file was no valid result: then the task is polled again.
 */
export async function endStoring(ctx: Context, tx: Tx, taskId: string): Promise<TaskRow | null> {
  const nowMs = ctx.clock.now()
  const [task] = await taskById(tx, { id: taskId })
  if (task?.state !== 'storing') return null
  const { imageUrl, videoUrl, width, height, durationMs, resultExpiresAt } = task
  const have = await keptParts(tx, taskId)
  if (!have.has('result') && task.errorDetail !== null) {
    await askAgain(ctx, tx, task)
    return null
  }
  const thumbnailUrl = have.has('result') && !have.has('thumbnail') ? null : task.thumbnailUrl
  const durationSeconds = durationMs === null ? null : durationMs / 1000
  const result = { imageUrl, videoUrl, thumbnailUrl, width, height, durationSeconds }
  return await succeedTask({ tx, nowMs }, task, { result, expiresAt: resultExpiresAt })
}

/** The upstream may still provide the right file, or report a failure; at its limit the task is refunded. */
async function askAgain(ctx: Context, tx: Tx, task: TaskRow): Promise<void> {
  await deleteKeep(tx, task.id)
  const everyMs = ctx.upstreams.get(task.upstream)?.settings[task.taskType].pollEveryMs ?? minuteMs
  const nowMs = ctx.clock.now()
  const moved = await moveTaskUnread(tx, task.id, {
    from: mayReturn.running,
    to: { state: 'running', resultExpiresAt: null },
  })
  const dueAt = Math.min(nowMs + spread(everyMs), Math.max(nowMs, task.giveUpAt ?? nowMs))
  if (moved) await insertPoll(tx, { taskId: task.id, dueAt, pollsMade: task.pollsMade })
}

function report(
  ctx: Context,
  task: TaskRow,
  { tried, lost }: { readonly tried: readonly Kept[]; readonly lost: boolean },
): void {
  const store = storeForNew(ctx)
  if (!store) return
  for (const each of tried) {
    const outcome = each.kind === 'failed' && lost ? 'lost' : each.kind
    ctx.metrics.mediaKept.inc({ store, outcome })
    if (each.kind === 'kept') continue
    const { part, detail } = each
    ctx.log.warn({ task: task.id, part, outcome, detail }, 'a file of a result was not kept')
  }
}
