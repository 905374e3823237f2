// Sends due deliveries to their receivers, signed, and decides the outcome: delivered, retried, or given up.
import type { Context } from '../context.ts'
import { expiryTime } from '../expiry.ts'
import { bodyAt } from './events/body.ts'
import { createLanes } from './queue/claim.ts'
import { quickMs } from './queue/limits.ts'
import type { Limits, Verdict } from './queue/limits.ts'
import { pauseAfter, promisedMs, retryAfterMaxMs } from './schedule.ts'
import { signingSecrets } from './signing/secrets.ts'
import { isTaken, send } from './send.ts'
import type { Answer } from './send.ts'
import { createSettling } from './settle.ts'
import type { Ended } from './settle.ts'
import type { DeliveryRow } from './store.ts'

export interface Delivering {
  /** Takes up to `max` deliveries that are due. */
  claim(max: number): Promise<DeliveryRow[]>
  /** Makes one try. The signal is aborted at shutdown. */
  run(delivery: DeliveryRow, signal: AbortSignal): Promise<void>
}

/** The body of a delivery that has a form of its own, as of now; null: it has none. */
export type WriteForm = (delivery: DeliveryRow) => Promise<string | null>

const ownForm: WriteForm = () => Promise.resolve(null)

export function createDelivering(ctx: Context, writeForm = ownForm): Delivering {
  const settling = createSettling(ctx)
  const lanes = createLanes(ctx, settling.isBusy)
  return {
    claim: lanes.claim,
    async run(delivery, signal) {
      let ended: Ended
      try {
        ended = await attempt(ctx, { delivery, limits: lanes.limits, writeForm, signal })
      } finally {
        // There is room now for another delivery to its receiver, or of its account.
        if (lanes.limits.remove(delivery)) ctx.wake('deliver')
      }
      await settling.add(ended)
    },
  }
}

/** Pause while deliveries cannot be signed: the operator has to restore the sealing key. */
const unsignedPauseMs = 60_000

interface Attempt {
  readonly delivery: DeliveryRow
  readonly limits: Limits
  readonly writeForm: WriteForm
  readonly signal: AbortSignal
}

async function attempt(ctx: Context, { delivery, limits, writeForm, signal }: Attempt): Promise<Ended> {
  let secrets: readonly string[]
  try {
    secrets = await signingSecrets(ctx, delivery.accountId)
  } catch (error) {
    ctx.log.error({ delivery: delivery.id, err: error }, 'a webhook waits, for it cannot be signed')
    ctx.metrics.webhookDeliveries.inc({ outcome: 'unsigned' })
    const dueAt = ctx.clock.now() + unsignedPauseMs
    const lastError = 'The gateway cannot sign at the moment; it tries again.'
    return { delivery, change: { dueAt, lastError }, lane: {}, isGone: false }
  }
  const sentAt = ctx.clock.now()
  const body = (await writeForm(delivery)) ?? bodyAt(delivery.body, expiryTime(ctx))
  const answer = await send(ctx, { ...delivery, body, secrets }, signal)
  const nowMs = ctx.clock.now()
  // Aborted by a shutdown: it is unknown whether it arrived, so the next process sends it again.
  if (signal.aborted && answer.status === null) {
    return { delivery, change: { dueAt: nowMs }, lane: {}, isGone: false }
  }
  const verdict = limits.learn(delivery, { status: answer.status, tookMs: nowMs - sentAt, nowMs })
  return {
    delivery,
    lane: laneAfter(verdict, answer, { sentAt, nowMs }),
    ...endingOf(ctx, delivery, { answer, nowMs }),
  }
}

interface Times {
  readonly sentAt: number
  readonly nowMs: number
}

/** What the answer changes in the knowledge about the receiver. */
function laneAfter(verdict: Verdict, answer: Answer, { sentAt, nowMs }: Times): Ended['lane'] {
  const patienceMs = asksForPatience(answer)
  if (patienceMs !== null) return { pausedUntil: nowMs + Math.min(patienceMs, retryAfterMaxMs) }
  // A 429 without a `Retry-After`: a pause of a second is enough to stop a flood.
  if (answer.status === tooManyRequests) return { pausedUntil: nowMs + tooManyPauseMs }
  if (verdict === 'quick') return { quick: true }
  return answer.status === null || nowMs - sentAt > quickMs ? { quick: false } : {}
}

/** The pause of a delivery that would be given up if the clock were trusted. */
const unsureMs = 10 * 60_000

type Outcome = 'delivered' | 'retry' | 'failed' | 'gone'

interface Answered {
  readonly answer: Answer
  readonly nowMs: number
}

function endingOf(
  ctx: Context,
  delivery: DeliveryRow,
  { answer, nowMs }: Answered,
): Pick<Ended, 'change' | 'isGone'> {
  const { status } = answer
  const ruledMs = pauseAfter(ctx.config, delivery, { nowMs, retryAfterMs: asksForPatience(answer) })
  // Given up only while the clock is trusted; until then it is retried.
  const pauseMs = ruledMs === null && !ctx.time.mayEnd(promisedMs) ? unsureMs : ruledMs
  const outcome = outcomeOf(status, pauseMs)
  const tried = { lastStatus: status, attemptsMade: delivery.attemptsMade + 1 }
  const lastError = answer.words ?? `It answered HTTP ${status}.`
  ctx.metrics.webhookDeliveries.inc({ outcome })
  const { id, taskId: task } = delivery
  ctx.log.info({ delivery: id, task, outcome, status, attempt: tried.attemptsMade }, 'a webhook was tried')
  switch (outcome) {
    case 'delivered': {
      const taken = { state: 'delivered', dueAt: null, deliveredAt: nowMs, lastError: null } as const
      return { change: { ...tried, ...taken }, isGone: false }
    }
    case 'retry': {
      const retriesMade = delivery.retriesMade + 1
      const dueAt = nowMs + (pauseMs ?? 0)
      return { change: { ...tried, lastError, retriesMade, dueAt }, isGone: false }
    }
    case 'failed':
      return { change: { ...tried, lastError, state: 'failed', dueAt: null }, isGone: false }
    case 'gone': {
      const isGone = delivery.source === 'account'
      return { change: { ...tried, lastError, state: 'failed', dueAt: null }, isGone }
    }
  }
}

const gone = 410
const tooManyRequests = 429
const tooManyPauseMs = 1_000
const patience: readonly (number | null)[] = [tooManyRequests, 503]

function outcomeOf(status: number | null, pauseMs: number | null): Outcome {
  if (status !== null && isTaken(status)) return 'delivered'
  if (status === gone) return 'gone'
  return pauseMs === null ? 'failed' : 'retry'
}

const asksForPatience = ({ status, retryAfterMs }: Answer): number | null =>
  patience.includes(status) ? retryAfterMs : null
