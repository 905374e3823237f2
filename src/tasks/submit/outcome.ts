// What the answer to a submit means for a request, its tasks and the credits: one transaction for each answer.
import type { Context, Scope, TimedTx } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { CommitUnknown } from '../../db/errors.ts'
import { forEachItem } from '../../db/gather.ts'
import type { Gathering } from '../../db/gather.ts'
import type { Order, SubmitOutcome } from '../../upstream/adapter.ts'
import { accountStatuses } from '../../upstream/keys/key-blame.ts'
import { isAnswer } from '../../upstream/keys/held-key.ts'
import type { Settled } from '../../upstream/keys/settled.ts'
import { answerable, accept } from './accept.ts'
import type { Consequences } from './accept.ts'
import type { Submission } from './submission.ts'
import { noteOwnAnswer } from '../poll/query.ts'
import { becomeUnknown, tellBegun } from '../events/begin.ts'
import { countOrphans, recordUnknown } from '../callbacks/orphans.ts'
import { pauseAfter429, pauseOfLimited } from '../poll/interval.ts'
import { noteUnwritten, persistItem } from './persist.ts'
import { scopesOf } from '../queue/held.ts'
import { mayBePosted } from '../queue/store.ts'
import { countEnded, failTask } from '../settle.ts'
import type { Failure } from '../settle.ts'
import { mayBecome } from '../state.ts'
import { closeAttempt } from '../attempts.ts'
import { moveRequestUnread, moveTasksOfRequest, tasksOfRequest } from '../store.ts'
import type { AttemptRow } from '../attempts.ts'
import type { RequestRow, TaskRow } from '../store.ts'
import { decide, waitsForProof } from './retry-policy.ts'
import type { Decision } from './retry-policy.ts'

const nothing: Consequences = { begun: [], ended: [], orphans: [] }

interface Answered {
  readonly submission: Submission
  readonly outcome: SubmitOutcome
  readonly nowMs: number
}

interface Recorded extends Answered {
  readonly ctx: Context
  readonly decided: Decision
}

const recording: Gathering<Recorded, Consequences> = {
  name: 'answers to submits',
  mayDelay: true,
  run: async (tx, items) =>
    await forEachItem(tx, items, {
      apart: ({ submission }) => submission.request.id,
      run: async (item) => await record(tx, item),
    }),
}

async function record(tx: Tx, { ctx, submission, outcome, nowMs, decided }: Recorded): Promise<Consequences> {
  await closeAttempt(tx, submission.attemptId, {
    state: attemptState(outcome),
    detail: 'detail' in outcome ? outcome.detail : null,
    finishedAt: nowMs,
  })
  return await carryOut({ ctx, tx, nowMs }, submission, decided)
}

export async function recordOutcome(
  ctx: Context,
  submission: Submission,
  outcome: SubmitOutcome,
): Promise<void> {
  const nowMs = ctx.clock.now()
  const answered = { submission, outcome, nowMs }
  noteWhoAnswered(ctx, submission, outcome)
  const key = settleKey(ctx, answered)
  const { holds, keys } = submission.upstream
  const heldUntil = holds.heldWithAll(keys.fingerprints, scopesOf(submission.request), { nowMs })
  const decision = decide(submission, outcome, { nowMs, key, heldUntil })
  noteWhoWaits(answered, decision, key)
  const persisted = async (decided: Decision): Promise<Consequences> =>
    await persistItem(ctx, recording, { ...answered, ctx, decided })
  const { begun, ended, orphans } = await persisted(decision)
    .catch(async (error: unknown) => {
      const smaller = withoutExtraIds(decision, submission)
      if (!smaller || error instanceof CommitUnknown) throw error
      return await persisted(smaller)
    })
    .catch((error: unknown) => {
      // Log the ids: this may be paid work, and they are stored nowhere else.
      const { request, attemptId } = submission
      noteUnwritten(ctx)
      ctx.log.fatal(
        { request: request.id, attempt: attemptId, outcome, err: error },
        'an answer was not written down',
      )
      throw error
    })
  countEnded(ctx, ended)
  tellBegun(ctx, begun)
  countOrphans(ctx, orphans)
  ctx.changes.tell(submission.request.id)
  const { request, attemptId } = submission
  const level = outcome.kind === 'accepted' ? 'info' : 'warn'
  ctx.log[level](
    {
      request: request.id,
      attempt: attemptId,
      outcome: outcome.kind,
      decision: decision.kind,
      detail: detailOf(outcome),
      ...(outcome.kind === 'rate_limited' && { limitOf: key.limited.scope }),
      ...(outcome.kind === 'accepted' &&
        outcome.idsOmitted !== undefined && { idsOmitted: outcome.idsOmitted }),
    },
    'submitted',
  )
  if (decision.kind === 'again' || submission.upstream.returns.isAny) ctx.wake('submit')
  // A callback may have named work of this order before the answer arrived.
  ctx.wake('callbacks')
}

/** Fallback if a long answer cannot be stored: only as many ids as ordered. Null if there are no more. */
function withoutExtraIds(decision: Decision, { request }: Submission): Decision | null {
  const { count } = request.order as unknown as Order
  if (decision.kind !== 'run' || decision.upstreamTaskIds.length <= count) return null
  return { ...decision, upstreamTaskIds: decision.upstreamTaskIds.slice(0, count) }
}

const detailOf = (outcome: SubmitOutcome): string | undefined =>
  'detail' in outcome ? outcome.detail : undefined

/** Releases the key before the outcome is committed: with the answer, the upstream's slot is free. */
function settleKey(ctx: Context, answered: Answered): Settled {
  const { submission, outcome, nowMs } = answered
  const { upstream, request, key } = submission
  const isAtWrongAddress = upstream.recognition.isEstranged()
  const order = { ...scopesOf(request), isAtWrongAddress }
  const settled = upstream.keys.settle(key, { outcome, order, nowMs })
  if (outcome.kind === 'rate_limited' && settled.limited.scope === 'key') {
    const untilMs = nowMs + pauseAfter429(upstream, outcome.retryAfterMs)
    upstream.keys.pause(key.fingerprint, 'all', { untilMs, nowMs })
  }
  holdItsLike(answered, settled)
  const { change, makesRoom } = settled
  if (change === 'works') {
    ctx.log.info({ upstream: upstream.name, key: key.fingerprint }, 'an upstream key works again')
  } else if (change) {
    const detail = detailOf(outcome)
    ctx.log.error(
      { upstream: upstream.name, key: key.fingerprint, reason: change, detail },
      'an upstream key rests: orders wait, and one at a time finds out whether it works again',
    )
  }
  if (makesRoom) ctx.wake('submit')
  return settled
}

/** Holds orders like the one that a 429 is blamed on, with the key that got the 429. */
function holdItsLike({ submission, outcome, nowMs }: Answered, { limited }: Settled): void {
  if (outcome.kind !== 'rate_limited' || limited.scope === 'key') return
  const { upstream, request, key } = submission
  const untilMs = nowMs + pauseOfLimited(upstream, limited, outcome.retryAfterMs)
  const ownUntilMs = nowMs + pauseAfter429(upstream, outcome.retryAfterMs)
  const order = scopesOf(request)
  upstream.holds.hold({ key: key.fingerprint, scope: limited.scope, order, nowMs, untilMs, ownUntilMs })
}

/** Notes which paused orders may return now, and whether this one waits for an answer to another. */
function noteWhoWaits({ submission, outcome }: Answered, decision: Decision, settled: Settled): void {
  const { upstream, request, key } = submission
  const { holds, returns } = upstream
  const order = scopesOf(request)
  if (isAnswer(outcome)) returns.add(holds.answered(key.fingerprint, order))
  else holds.ended(key.fingerprint, order)
  if (outcome.kind === 'accepted') returns.next()
  if (waitsForProof(decision, settled)) returns.wait(request.id)
}

function noteWhoAnswered(ctx: Context, { upstream }: Submission, outcome: SubmitOutcome): void {
  switch (outcome.kind) {
    case 'accepted':
      ctx.metrics.idsOmitted.inc({ upstream: upstream.name }, outcome.idsOmitted ?? 0)
      return noteOwnAnswer(ctx, upstream)
    case 'refused':
    case 'retry_documented':
      return noteOwnAnswer(ctx, upstream)
    case 'order_trouble':
      // These statuses come from a firewall that dislikes the prompt, or from Keevx about the key; they do
      // not mean a wrong base URL.
      if (accountStatuses.has(outcome.status)) return
      return ctx.metrics.foreignAnswers.inc({ upstream: upstream.name })
    case 'unknown':
      if (outcome.isForeign) ctx.metrics.foreignAnswers.inc({ upstream: upstream.name })
      break
    default:
  }
}

function attemptState(outcome: SubmitOutcome): AttemptRow['state'] {
  switch (outcome.kind) {
    case 'key_rejected':
      return 'refused'
    case 'rate_limited':
    case 'order_trouble':
    case 'retry_documented':
      return 'not_accepted'
    default:
      return outcome.kind
  }
}

async function carryOut(scope: Scope, submission: Submission, decision: Decision): Promise<Consequences> {
  const { tx, nowMs } = scope
  const { request } = submission
  switch (decision.kind) {
    case 'run':
      return await accept(scope, submission, decision)
    case 'fail':
      return {
        ...nothing,
        ended: await failRequest(scope, request.id, { from: answerable, failure: decision.failure }),
      }
    case 'wait':
      return { ...nothing, begun: await waitForCallback(scope, request) }
    case 'again': {
      const failuresInRow = decision.counts === 'failuresInRow' ? request.failuresInRow + 1 : 0
      const retriesMade = request.retriesMade + (decision.counts === 'retriesMade' ? 1 : 0)
      // An order that was certainly not taken may be queued again after its lease; an ambiguous one may not.
      const moved = await moveRequestUnread(tx, request.id, {
        from: decision.certain ? answerable : ['submitting'],
        to: {
          state: 'queued',
          dueAt: request.readyAt ?? request.createdAt,
          notBefore: decision.dueAt > nowMs ? decision.dueAt : null,
          startTag: decision.keepsPlace ? request.startTag : null,
          failuresInRow,
          retriesMade,
        },
      })
      if (moved) await moveTasksOfRequest(tx, request.id, { from: mayBecome.queued, to: 'queued' })
      return nothing
    }
  }
}

/**
 * It is unknown whether the order was taken: it is never posted again, and given up at its limit. Returns the
 * tasks that show as running from now on.
 */
export async function waitForCallback(
  { ctx, tx, nowMs }: Scope,
  request: RequestRow,
): Promise<(TaskRow | null)[]> {
  const giveUpAfterMs = ctx.upstreams.get(request.upstream)?.settings[request.taskType].giveUpAfterMs ?? 0
  const moved = await moveRequestUnread(tx, request.id, {
    from: ['submitting'],
    to: {
      state: 'unknown',
      dueAt: nowMs + giveUpAfterMs,
    },
  })
  return moved ? await becomeUnknown(tx, request.id, nowMs) : []
}

/** Ends a request that will produce nothing, and refunds each of its tasks. One of its tries may have been taken all the same. */
export async function failRequest(
  at: TimedTx,
  requestId: string,
  { from, failure }: { readonly from: readonly RequestRow['state'][]; readonly failure: Failure },
): Promise<(TaskRow | null)[]> {
  const moved = await moveRequestUnread(at.tx, requestId, { from, to: { state: 'failed', dueAt: null } })
  if (!moved) return []
  const ended: (TaskRow | null)[] = []
  for (const task of await tasksOfRequest(at.tx, { requestId })) ended.push(await failTask(at, task, failure))
  if (await mayBePosted(at.tx, requestId)) await recordUnknown(at, requestId, ended)
  return ended
}
