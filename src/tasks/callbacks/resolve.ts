// Resolves unmatched callbacks: queries the work that they name, to find out whether it exists and which task it belongs to.
import type { Context, Upstream } from '../../context.ts'
import { isOurs } from '../../instances/share.ts'
import type { Observation, Order } from '../../upstream/adapter.ts'
import { assign, recordStray } from './assign.ts'
import { submitLeaseMs } from '../submit/lease.ts'
import { tellBegun } from '../events/begin.ts'
import { dropUnmatched, unmatchedToResolve, mayBeAnothers } from './unmatched.ts'
import type { UnmatchedCallback, UnmatchedCursor } from './unmatched.ts'
import { query, noteObservation } from '../poll/query.ts'
import { countOrphans, recordLateSuccess, recordUnanswered } from './orphans.ts'
import type { OrphanReason } from './orphans.ts'
import { spread } from '../poll/interval.ts'
import { persist } from '../submit/persist.ts'
import { classify } from './classify.ts'
import type { TaskRow } from '../store.ts'
import { pollSoon } from '../poll/poll.ts'

/** What resolving an unmatched callback found. */
type Finding =
  | { readonly kind: 'foreign' | 'known' | 'missing' | 'expired' | 'nothing' }
  | { readonly kind: 'due'; readonly taskId: string }
  | { readonly kind: 'adopted'; readonly begun: readonly (TaskRow | null)[] }
  | { readonly kind: 'orphan'; readonly reason: OrphanReason | null }

/** The wait of an unmatched callback. Kept in memory: a new process starts afresh. */
interface Wait {
  readonly until: number
  readonly looks: number
  readonly missingInRow: number
}

/** "No such task" is believed when the upstream says so this often in a row, as for any task. */
const missingMax = 3
/** As long as the token of its URL is valid. */
const keptMs = 7 * 24 * 60 * 60_000
/** Pause while only the answer to a submit in progress can tell whose the work is. */
const answerEveryMs = 250
const pauseMaxMs = 10 * 60_000
/** Unmatched callbacks also wait while their key pauses. */
const waitMaxMs = 60 * 60_000
/** Read in one turn. If a hostile upstream left more, the next turn continues after them. */
const unmatchedReadMax = 500
const beforeAll: UnmatchedCursor = { attemptId: '', upstreamTaskId: '' }

export interface Following {
  /** Takes up to `max` unmatched callbacks that may be resolved now. */
  claim(max: number): Promise<UnmatchedCallback[]>
  run(unmatched: UnmatchedCallback, signal: AbortSignal): Promise<void>
}

export function createFollowing(ctx: Context): Following {
  const inHand = new Set<string>()
  const waits = new Map<string, Wait>()
  let cursor = beforeAll
  const nameOf = ({ attemptId, upstreamTaskId }: UnmatchedCallback) => `${attemptId} ${upstreamTaskId}`
  return {
    async claim(max) {
      const nowMs = ctx.clock.now()
      const open = await unmatchedToResolve(ctx.db.read, { ...cursor, limit: unmatchedReadMax })
      const last = open.at(-1)
      cursor = open.length === unmatchedReadMax && last ? last : beforeAll
      const free = open.filter((unmatched) => {
        if (!isOurs(ctx.instances, unmatched.attemptId)) return false
        const name = nameOf(unmatched)
        const waitMs = (waits.get(name)?.until ?? 0) - nowMs
        // A longer wait than is possible: the clock was set back meanwhile.
        return !inHand.has(name) && (waitMs <= 0 || waitMs > waitMaxMs)
      })
      const claimed = free.slice(0, max)
      for (const unmatched of claimed) inHand.add(nameOf(unmatched))
      return claimed
    },
    async run(unmatched, signal) {
      const name = nameOf(unmatched)
      const before = waits.get(name) ?? { until: 0, looks: 0, missingInRow: 0 }
      try {
        const wait = await resolve(ctx, unmatched, { before, signal })
        if (wait) waits.set(name, wait)
        else waits.delete(name)
      } finally {
        inHand.delete(name)
      }
    },
  }
}

/** Finds out whose work the callback named and deletes the callback, or returns until when it waits. */
async function resolve(
  ctx: Context,
  unmatched: UnmatchedCallback,
  { before, signal }: { readonly before: Wait; readonly signal: AbortSignal },
): Promise<Wait | null> {
  const nowMs = ctx.clock.now()
  const upstream = ctx.upstreams.get(unmatched.upstream)
  if (nowMs - unmatched.heardAt >= keptMs && ctx.time.mayEnd(keptMs)) {
    await expire(ctx, unmatched, nowMs)
    return null
  }
  // The upstream may be configured again: an operator who removes one is shown its open tasks.
  if (!upstream) return { ...before, until: nowMs + pauseMaxMs }
  const found = await classify(ctx.db.read, unmatched)
  if (found.kind === 'nobodys' && (await mayBeAnothers(ctx.db.read, unmatched, submitLeaseMs(upstream)))) {
    return { ...before, until: nowMs + answerEveryMs }
  }
  let seen: Observation | null = null
  if (found.kind === 'nobodys' || found.kind === 'given_up') {
    const pausedUntil = upstream.keys.pausedUntil(unmatched.upstreamKey, nowMs)
    if (pausedUntil > nowMs) return { ...before, until: pausedUntil }
    const { operation } = unmatched.order as unknown as Order
    const asked = { ...unmatched, operation }
    seen = await query(upstream, asked, signal)
    if (signal.aborted) return before
    const leaveMs = noteObservation(ctx, upstream, { asked, seen, nowMs })
    const missingInRow = seen.kind === 'missing' ? before.missingInRow + 1 : 0
    if (missingInRow >= missingMax) {
      await record(ctx, unmatched, { kind: 'missing' })
      return null
    }
    if (!saysThatItExists(seen)) {
      const { pollEveryMs } = upstream.settings[unmatched.taskType]
      const pauseMs = spread(Math.min(pollEveryMs * 2 ** before.looks, pauseMaxMs))
      return { until: nowMs + Math.max(pauseMs, leaveMs), looks: before.looks + 1, missingInRow }
    }
  }
  const finding = await conclude(ctx, unmatched, { upstream, seen })
  if (!finding) return { ...before, until: nowMs + answerEveryMs }
  await report(ctx, unmatched, { finding, upstream })
  return null
}

const saysThatItExists = ({ kind }: Observation): boolean =>
  kind === 'pending' || kind === 'running' || kind === 'succeeded' || kind === 'failed'

/** Records the finding in one transaction; null if it is not known yet and the callback is kept. */
async function conclude(
  ctx: Context,
  unmatched: UnmatchedCallback,
  { upstream, seen }: { readonly upstream: Upstream; readonly seen: Observation | null },
): Promise<Finding | null> {
  return await persist(ctx, async (tx): Promise<Finding | null> => {
    const found = await classify(tx, unmatched)
    switch (found.kind) {
      case 'foreign':
      case 'known':
        await dropUnmatched(tx, unmatched)
        return { kind: found.kind }
      case 'running':
        await dropUnmatched(tx, unmatched)
        return { kind: 'due', taskId: found.task.id }
      case 'given_up': {
        if (!seen) return null
        await dropUnmatched(tx, unmatched)
        if (seen.kind !== 'succeeded') return { kind: 'nothing' }
        const at = { tx, nowMs: ctx.clock.now() }
        return { kind: 'orphan', reason: await recordLateSuccess(at, found.task, unmatched.attemptId) }
      }
      case 'nobodys': {
        const at = { tx, nowMs: ctx.clock.now() }
        const assigned = seen ? await assign(at, { upstream, unmatched, seen }) : null
        if (!assigned || assigned.kind === 'too_early') return null
        await dropUnmatched(tx, unmatched)
        if (assigned.kind === 'adopted') return { kind: 'adopted', begun: assigned.begun }
        return assigned.kind === 'orphan' ? assigned : { kind: 'nothing' }
      }
    }
  })
}

/** The fate of the work stayed unknown: if no task ended with it, it may have been made, and be paid for. */
async function expire(ctx: Context, unmatched: UnmatchedCallback, nowMs: number): Promise<void> {
  const finding = await persist(ctx, async (tx): Promise<Finding> => {
    await dropUnmatched(tx, unmatched)
    const found = await classify(tx, unmatched)
    if (found.kind === 'given_up') {
      return { kind: 'orphan', reason: await recordUnanswered({ tx, nowMs }, found.task) }
    }
    if (found.kind !== 'nobodys') return { kind: 'expired' }
    return { kind: 'orphan', reason: await recordStray({ tx, nowMs }, unmatched, 'unanswered') }
  })
  await report(ctx, unmatched, { finding })
}

async function record(ctx: Context, unmatched: UnmatchedCallback, finding: Finding): Promise<void> {
  await persist(ctx, (tx) => dropUnmatched(tx, unmatched))
  await report(ctx, unmatched, { finding })
}

/** After the commit: counts, logs, notifies, and polls what is due now. */
async function report(
  ctx: Context,
  unmatched: UnmatchedCallback,
  { finding, upstream }: { readonly finding: Finding; readonly upstream?: Upstream },
): Promise<void> {
  const { attemptId: attempt, requestId: request, upstreamTaskId } = unmatched
  const words = finding.kind === 'orphan' ? (finding.reason ?? 'known') : finding.kind
  ctx.metrics.hints.inc({ upstream: unmatched.upstream, finding: words })
  ctx.log.info(
    { attempt, request, upstreamTaskId, finding: words },
    'a callback named work that was not known',
  )
  if (finding.kind === 'orphan') countOrphans(ctx, [finding.reason])
  if (finding.kind === 'adopted' || finding.kind === 'due' || finding.kind === 'orphan') {
    upstream?.callbackHealth.note(ctx.clock.now())
  }
  if (upstream && finding.kind === 'due') await pollSoon(ctx, upstream, finding.taskId)
  if (finding.kind !== 'adopted') return
  ctx.changes.tell(request)
  tellBegun(ctx, finding.begun)
  ctx.wake('poll')
}
