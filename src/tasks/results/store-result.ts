// Between the upstream's success and the customer's: downloads the result and keeps it, or passes it on after a while.
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { keepFile } from '../../media/keep.ts'
import type { Kept, Wanted } from '../../media/keep.ts'
import { keptParts, markKept } from '../../media/rows.ts'
import { storeForNew } from '../../media/stores/blob-stores.ts'
import { timeoutSignal } from '../../net/deadline.ts'
import type { UpstreamResult } from '../../upstream/adapter.ts'
import { deleteKeep, insertKeep, keepPauseMaxMs, updateKeep } from './downloads.ts'
import type { KeepRow } from './downloads.ts'
import { countEnded, resultColumns, succeedTask } from '../settle.ts'
import { spread } from '../poll/interval.ts'
import { mayBecome, mayReturn } from '../state.ts'
import { moveTask, taskById } from '../store.ts'
import type { TaskRow } from '../store.ts'

/** Pauses after the first tries; the task waits for these, and no longer. */
const firstPausesMs = [5_000, 10_000, 20_000]
const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** After those, while the customer has the upstream's URL; the last one repeats until that expires. */
const laterPausesMs = [5 * minuteMs, 15 * minuteMs, hourMs, 3 * hourMs, 6 * hourMs, keepPauseMaxMs]
/** How long a task waits at most, also for a download that is slow but going on. */
export const storingMaxMs = 90_000
/** Longer than an upstream keeps its files. */
const upstreamKeepsMaxMs = 30 * 24 * hourMs
/** One try with all its files. */
const tryMaxMs = 10 * minuteMs

/**
 * Moves a task that has its result to where it waits for that to be kept; null if somebody was first. A result that
 * was fetched before and was none is tried once more, within the task's limit.
 */
export async function beginStoring(
  tx: Tx,
  task: Pick<TaskRow, 'id' | 'giveUpAt' | 'errorDetail'>,
  result: UpstreamResult,
  { nowMs, expiresAt }: { readonly nowMs: number; readonly expiresAt: number },
): Promise<TaskRow | null> {
  const isAgain = task.errorDetail !== null
  const giveUpAt = isAgain ? (task.giveUpAt ?? nowMs) : Math.max(task.giveUpAt ?? 0, nowMs + storingMaxMs)
  const waitsUntil = Math.min(nowMs + storingMaxMs, giveUpAt)
  const triesMade = isAgain ? firstPausesMs.length : 0
  const moved = await moveTask(tx, task.id, mayBecome.storing, {
    state: 'storing',
    ...resultColumns(result),
    dueAt: null,
    giveUpAt,
    resultExpiresAt: expiresAt,
  })
  if (moved) await insertKeep(tx, { taskId: task.id, dueAt: nowMs, triesMade, waitsUntil, expiresAt })
  return moved
}

/** One try to keep what is not kept yet of one task's result, and what follows from it. */
export async function keepResult(ctx: Context, keep: KeepRow, signal: AbortSignal): Promise<void> {
  const [task] = await taskById(ctx.db.read, { id: keep.taskId })
  if (!task) return
  const bounded = AbortSignal.any([signal, timeoutSignal(tryMaxMs)])
  const tried: Kept[] = []
  const parts = await partsWanted(ctx, task)
  for (const wanted of parts) {
    const kept = await keepFile(ctx, ctx.upstreams.get(task.upstream), wanted, bounded)
    tried.push(kept)
    // A thumbnail is fetched only for a result that is ours; and that is ours whatever becomes of the thumbnail.
    if (kept.kind !== 'kept') break
    if (wanted !== parts.at(-1)) {
      await ctx.db.transaction((tx) => show(ctx, tx, keep.taskId, kept), { mayDelay: true })
    }
  }
  // Torn down: that says nothing of the result, and the next process tries at once. Nor does a store that does not work.
  const isCut = tried.some(({ kind }) => kind === 'store_down' || (kind === 'failed' && signal.aborted))
  const { ended, lost } = await ctx.db.transaction((tx) => record(ctx, tx, keep, tried, isCut), {
    mayDelay: true,
  })
  countEnded(ctx, [ended])
  report(ctx, task, tried, lost)
}

/** The result first. */
async function partsWanted(ctx: Context, task: TaskRow): Promise<Wanted[]> {
  const have = await keptParts(ctx.db.read, task.id)
  const taskId = task.id
  const result = task.taskType === 'image' ? task.imageUrl : task.videoUrl
  const wanted: Wanted[] = []
  if (result !== null && !have.has('result')) {
    const isDoubtful = task.state === 'storing' && task.errorDetail !== null
    wanted.push({ taskId, part: 'result', type: task.taskType, url: result, isDoubtful })
  }
  if (task.thumbnailUrl !== null && !have.has('thumbnail')) {
    wanted.push({ taskId, part: 'thumbnail', type: 'image', url: task.thumbnailUrl })
  }
  return wanted
}

interface Recorded {
  readonly ended: TaskRow | null
  /** The upstream forgets it before it is tried again. */
  readonly lost: boolean
}

async function record(
  ctx: Context,
  tx: Tx,
  keep: KeepRow,
  tried: readonly Kept[],
  isCut: boolean,
): Promise<Recorded> {
  const nowMs = ctx.clock.now()
  for (const each of tried) if (each.kind === 'kept') await show(ctx, tx, keep.taskId, each)
  const isOurs = (await keptParts(tx, keep.taskId)).has('result')
  // A thumbnail is not tried again for its own sake.
  const isOpen = isCut || (!isOurs && tried.some(({ part, kind }) => part === 'result' && kind !== 'refused'))
  const triesMade = keep.triesMade + (isCut ? 0 : 1)
  const dueAt = isCut ? nowMs : nowMs + pauseAfter(triesMade)
  const lost = isOpen && dueAt >= keep.expiresAt && ctx.time.mayEnd(upstreamKeepsMaxMs)
  const isOver = !isOpen || lost
  await noteDoubt(tx, keep.taskId, tried)
  const mayWait = !isOver && triesMade <= firstPausesMs.length && !isPassedOn(tried)
  const ended = mayWait ? null : await endStoring(ctx, tx, keep.taskId)
  if (isOver) await deleteKeep(tx, keep.taskId)
  else await updateKeep(tx, keep.taskId, { triesMade, dueAt, ...(!mayWait && { waitsUntil: null }) })
  return { ended, lost }
}

/** What was fetched is no result, or is one after all, though it could not be kept. */
async function noteDoubt(tx: Tx, taskId: string, tried: readonly Kept[]): Promise<void> {
  const result = tried.find(({ part }) => part === 'result')
  if (result?.kind === 'no_result') await moveTask(tx, taskId, ['storing'], { errorDetail: result.detail })
  if (result && 'isSeen' in result && result.isSeen) {
    await moveTask(tx, taskId, ['storing'], { errorDetail: null })
  }
}

const isPassedOn = (tried: readonly Kept[]): boolean => tried.some(({ kind }) => kind === 'store_down')

function pauseAfter(triesMade: number): number {
  const pausesMs = [...firstPausesMs, ...laterPausesMs]
  return pausesMs[Math.min(triesMade, pausesMs.length) - 1] ?? 0
}

/**
 * From now on the task shows our URL; one that has ended already stays as it ended but for that. Nothing happens
 * where it is shown already, or where its writer was taken for gone.
 */
async function show(
  ctx: Context,
  tx: Tx,
  taskId: string,
  { part, name, url }: Extract<Kept, { kind: 'kept' }>,
): Promise<void> {
  const keptUntil = ctx.clock.now() + ctx.config.media.retentionMs
  if (!(await markKept(tx, name, keptUntil))) return
  const [task] = await taskById(tx, { id: taskId })
  const isImage = task?.taskType === 'image'
  const change =
    part === 'thumbnail' ? { thumbnailUrl: url } : isImage ? { imageUrl: url } : { videoUrl: url }
  const expiry = part === 'result' ? { resultExpiresAt: keptUntil } : {}
  // Whoever sees a result of ours sees no URL of the upstream's.
  const bare = part === 'result' && task?.state === 'succeeded' ? { thumbnailUrl: null } : {}
  await moveTask(tx, taskId, ['storing', 'succeeded'], { ...change, ...expiry, ...bare })
}

/**
 * The task's end, with the URLs that it has by now, of the upstream's beside ours none; null where it has ended
 * before, and where what was fetched has shown that it is no result: then it is asked about again.
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
  return await succeedTask(tx, task, result, nowMs, resultExpiresAt)
}

/** The upstream may yet put the right file there, or say that it failed; at its limit the task is given back. */
async function askAgain(ctx: Context, tx: Tx, task: TaskRow): Promise<void> {
  await deleteKeep(tx, task.id)
  const everyMs = ctx.upstreams.get(task.upstream)?.settings[task.taskType].pollEveryMs ?? minuteMs
  const nowMs = ctx.clock.now()
  await moveTask(tx, task.id, mayReturn.running, {
    state: 'running',
    dueAt: Math.min(nowMs + spread(everyMs), Math.max(nowMs, task.giveUpAt ?? nowMs)),
    resultExpiresAt: null,
  })
}

function report(ctx: Context, task: TaskRow, tried: readonly Kept[], lost: boolean): void {
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
