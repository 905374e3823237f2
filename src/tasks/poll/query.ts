// Asks an upstream about one of its tasks, and notes what the answer says about the upstream and its key.
import type { Clock } from '../../clock.ts'
import type { Context, Upstream } from '../../context.ts'
import type { Observation } from '../../upstream/adapter.ts'
import { pauseAfter429, pauseOfLimitedPoll } from './interval.ts'

export interface Asked {
  readonly upstream: string
  readonly operation: string
  readonly taskType: 'image' | 'video'
  readonly upstreamTaskId: string | null
  /** The key that the work was ordered with. */
  readonly upstreamKey: string | null
}

/** Never throws: if the upstream cannot be asked, the observation is `unclear`. */
export async function query(
  upstream: Upstream | undefined,
  asked: Asked,
  signal: AbortSignal,
): Promise<Observation> {
  if (!upstream) return { kind: 'unclear', detail: `no upstream named ${asked.upstream} is configured` }
  const key = upstream.keys.keyFor(asked.upstreamKey)
  if (!key) return { kind: 'unclear', detail: 'no upstream key is configured' }
  const { operation, upstreamTaskId } = asked
  const seen = await upstream.adapter.fetch(
    { operation, upstreamTaskId: upstreamTaskId ?? '' },
    { key: key.key, signal },
  )
  // Another account does not know the work, so "missing" says nothing about it.
  return seen.kind === 'missing' && !isAskedAsOrdered(upstream, asked) ? missingElsewhere(seen.detail) : seen
}

/** Whether the upstream still has the key and the address that the work was ordered with. */
export const isAskedAsOrdered = (upstream: Upstream | undefined, { upstreamKey }: Asked): boolean =>
  upstream?.keys.isOwn(upstreamKey) ?? false

const missingElsewhere = (detail: string): Observation => ({
  kind: 'unclear',
  isElsewhere: true,
  detail: `${detail}; asked with another key, or at another base URL, than it was ordered with`,
})

interface Limit {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Like `query`, but given up after `timeoutMs`. */
export async function queryWithin(
  upstream: Upstream | undefined,
  asked: Asked,
  { clock, timeoutMs, signal }: Limit,
): Promise<Observation> {
  const over = new AbortController()
  const looked = new AbortController()
  const watch = (async () => {
    await clock.sleep(timeoutMs, looked.signal)
    // If the whole process was paused, the answer may wait in its socket: let that be read first.
    if (!looked.signal.aborted) await new Promise((resolve) => setImmediate(resolve))
    over.abort()
  })()
  try {
    return await query(upstream, asked, AbortSignal.any([signal, over.signal]))
  } finally {
    looked.abort()
    await watch
  }
}

interface Seen {
  readonly asked: Asked
  readonly seen: Observation
  /** When the poll began. */
  readonly nowMs: number
}

/**
 * Counts the observation and pauses the key if the upstream asks for it.
 * Returns how long not to poll this work, beyond the interval between two polls.
 */
export function noteObservation(
  ctx: Context,
  upstream: Upstream | undefined,
  { asked, seen, nowMs }: Seen,
): number {
  ctx.metrics.polls.inc({ upstream: asked.upstream, outcome: outcomeOf(seen) })
  if (!upstream) return 0
  const workId = asked.upstreamTaskId ?? ''
  const { upstreamKey } = asked
  if (isOwn(seen)) noteOwnPoll(ctx, upstream, { upstreamKey, workId })
  if (isForeign(seen)) noteForeignPoll(ctx, upstream, { workId, detail: seen.detail })
  if (seen.kind !== 'rate_limited') return 0
  const limited = upstream.keys.limitedPoll(upstreamKey, workId)
  // A 429 to one work alone may be odd: it pauses polls only, and no longer than `after429Ms`.
  const paused = limited.isShared ? 'all' : 'polls'
  const patienceMs = pauseAfter429(upstream, seen.retryAfterMs)
  const pauseMs = limited.isShared ? patienceMs : Math.min(patienceMs, upstream.settings.submit.after429Ms)
  const untilMs = nowMs + pauseMs
  if (!limited.isOwn) upstream.keys.pause(upstreamKey ?? '', paused, { untilMs, nowMs })
  // Later than the works that paused with it, or it would be the first one polled each time.
  const behindMs = 2 * upstream.settings[asked.taskType].pollEveryMs
  return Math.max(patienceMs + behindMs, pauseOfLimitedPoll(upstream, limited))
}

function outcomeOf(seen: Observation): string {
  if (seen.kind !== 'unclear') return seen.kind
  if (seen.isForeign) return 'foreign'
  if (seen.isElsewhere) return 'missing_elsewhere'
  return seen.isUnknownStatus ? 'unknown_status' : 'unclear'
}

const isForeign = (seen: Observation): seen is Extract<Observation, { kind: 'unclear' }> =>
  seen.kind === 'unclear' && seen.isForeign === true

function isOwn(seen: Observation): boolean {
  if (seen.kind === 'unclear') return seen.isUnknownStatus === true || seen.isElsewhere === true
  return seen.kind !== 'rate_limited' && seen.kind !== 'key_rejected'
}

/** The upstream itself has answered: held orders are posted again. */
export function noteOwnAnswer(ctx: Context, { name, recognition }: Upstream, workId?: string): void {
  if (!recognition.own(workId)) return
  ctx.log.warn({ upstream: name }, 'the upstream answers again; new orders are posted')
  ctx.wake('submit')
}

/** A poll carries no customer text: if polls are answered, foreign pages are the fault of the orders. */
function noteOwnPoll(
  ctx: Context,
  upstream: Upstream,
  { upstreamKey, workId }: { readonly upstreamKey: string | null; readonly workId: string },
): void {
  noteOwnAnswer(ctx, upstream, workId)
  if (!upstream.keys.polled(upstreamKey, workId)) return
  ctx.log.info({ upstream: upstream.name }, 'polls are answered, so no upstream key is suspected any more')
  ctx.wake('submit')
}

/** Logged once, when it begins: tasks in progress are polled again, and new orders wait. */
function noteForeignPoll(
  ctx: Context,
  { name, recognition }: Upstream,
  { workId, detail }: { readonly workId: string; readonly detail: string },
): void {
  ctx.metrics.foreignAnswers.inc({ upstream: name })
  if (!recognition.foreign(workId, ctx.clock.now())) return
  ctx.log.error(
    { upstream: name, detail },
    'something else than the upstream answers at its address; new orders wait. Look at its base URL and at what stands before it',
  )
}
