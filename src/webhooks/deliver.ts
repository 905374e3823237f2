// Sends what is due to its receiver, signed, and writes down what came of it: taken, to be tried again, or over.
import { and, eq } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { OutgoingError } from '../net/error.ts'
import type { OutgoingErrorKind } from '../net/error.ts'
import { createLanes } from './claim.ts'
import { switchOff } from './endpoint.ts'
import { pauseAfter, promisedMs, readRetryAfter } from './schedule.ts'
import { signingSecrets } from './secrets.ts'
import { signedHeaders } from './sign.ts'
import type { DeliveryRow } from './store.ts'

export interface Delivering {
  /** Takes up to `max` deliveries that are due. */
  claim(max: number): Promise<DeliveryRow[]>
  /** One try. The signal means that we are being torn down. */
  run(delivery: DeliveryRow, signal: AbortSignal): Promise<void>
}

export function createDelivering(ctx: Context): Delivering {
  const lanes = createLanes(ctx)
  return {
    claim: lanes.claim,
    async run(delivery, signal) {
      try {
        await deliver(ctx, delivery, signal)
      } finally {
        // There is room for the next of its receiver, or of its account.
        if (lanes.release(delivery)) ctx.wake('deliver')
      }
    },
  }
}

/** Until somebody has put the sealing key right. */
const unsignedPauseMs = 60_000

async function deliver(ctx: Context, delivery: DeliveryRow, signal: AbortSignal): Promise<void> {
  let secrets: readonly string[]
  try {
    secrets = await signingSecrets(ctx, delivery.accountId)
  } catch (error) {
    ctx.log.error({ delivery: delivery.id, err: error }, 'a webhook waits, for it cannot be signed')
    ctx.metrics.webhookDeliveries.inc({ outcome: 'unsigned' })
    const dueAt = ctx.clock.now() + unsignedPauseMs
    await change(ctx, delivery, {
      dueAt,
      lastError: 'The gateway cannot sign at the moment; it tries again.',
    })
    return
  }
  const answer = await send(ctx, delivery, secrets, signal)
  // Torn down while asking: nobody knows whether it was heard. The next process sends it again.
  if (signal.aborted && answer.status === null) await change(ctx, delivery, { dueAt: ctx.clock.now() })
  else await record(ctx, delivery, answer)
}

interface Answer {
  /** HTTP status; null where there was none. */
  readonly status: number | null
  /** In words for the customer, where it was no whole answer. */
  readonly words: string | null
  readonly retryAfterMs: number | null
}

/** What a receiver says beside its status is of no interest. */
const answerBytesMax = 64 * 1024

async function send(
  ctx: Context,
  { id, url, body }: DeliveryRow,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<Answer> {
  const nowMs = ctx.clock.now()
  try {
    const answer = await ctx.guard.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signedHeaders({ id, nowMs, body }, secrets) },
      body,
      timeoutMs: ctx.config.webhooks.timeoutMs,
      maxBytes: answerBytesMax,
      signal,
    })
    answer.close()
    const retryAfterMs = readRetryAfter(answer.headers['retry-after'], nowMs)
    return { status: answer.status, words: null, retryAfterMs }
  } catch (error) {
    if (!(error instanceof OutgoingError)) {
      if (!signal.aborted) ctx.log.error({ delivery: id, err: error }, 'a webhook could not be sent')
      return { status: null, words: 'It could not be sent.', retryAfterMs: null }
    }
    ctx.log.info({ delivery: id, kind: error.kind, detail: error.message }, 'a receiver gave no whole answer')
    return { status: error.status, words: wordsFor[error.kind], retryAfterMs: null }
  }
}

/**
 * The guard's own words are for the operator. Told apart, a name that leads to a private address and one that leads
 * nowhere would tell customers which names the operator's DNS knows.
 */
const noConnection = 'The host has no public address, or takes no connection there.'
const wordsFor: Readonly<Record<OutgoingErrorKind, string>> = {
  refused_address: noConnection,
  connect: noConnection,
  tls: 'No connection by TLS: look at the certificate.',
  redirect: 'It redirects, which is not followed. Name the URL that it leads to.',
  timeout: 'No answer in time.',
  too_large: 'The answer is too long.',
  protocol: 'What came back was no whole HTTP answer.',
}

/** Until a delivery is tried again that would be given up if the clock were believed. */
const unsureMs = 10 * 60_000

type Outcome = 'delivered' | 'retry' | 'failed' | 'gone'

async function record(ctx: Context, delivery: DeliveryRow, answer: Answer): Promise<void> {
  const nowMs = ctx.clock.now()
  const { status } = answer
  const ruledMs = pauseAfter(ctx.config, delivery, nowMs, asksForPatience(answer))
  // Given up only by a clock that is believed; until then it is tried again.
  const pauseMs = ruledMs === null && !ctx.time.mayEnd(promisedMs) ? unsureMs : ruledMs
  const outcome = outcomeOf(status, pauseMs)
  const tried = { lastStatus: status, attemptsMade: delivery.attemptsMade + 1 }
  const lastError = answer.words ?? `It answered HTTP ${status}.`
  switch (outcome) {
    case 'delivered': {
      const taken = { state: 'delivered', dueAt: null, deliveredAt: nowMs, lastError: null } as const
      await change(ctx, delivery, { ...tried, ...taken })
      break
    }
    case 'retry': {
      const retriesMade = delivery.retriesMade + 1
      await change(ctx, delivery, { ...tried, lastError, retriesMade, dueAt: nowMs + (pauseMs ?? 0) })
      break
    }
    case 'failed':
      await change(ctx, delivery, { ...tried, lastError, state: 'failed', dueAt: null })
      break
    case 'gone':
      await change(ctx, delivery, { ...tried, lastError, state: 'failed', dueAt: null }, async (tx) => {
        if (delivery.source === 'account') await switchOff(tx, delivery, nowMs)
      })
      break
  }
  ctx.metrics.webhookDeliveries.inc({ outcome })
  const { id, taskId: task } = delivery
  ctx.log.info({ delivery: id, task, outcome, status, attempt: tried.attemptsMade }, 'a webhook was tried')
}

const isTaken = (status: number): boolean => status >= 200 && status < 300
const gone = 410
const patience: readonly (number | null)[] = [429, 503]

function outcomeOf(status: number | null, pauseMs: number | null): Outcome {
  if (status !== null && isTaken(status)) return 'delivered'
  if (status === gone) return 'gone'
  return pauseMs === null ? 'failed' : 'retry'
}

const asksForPatience = ({ status, retryAfterMs }: Answer): number | null =>
  patience.includes(status) ? retryAfterMs : null

/** Only while the lease is ours: whoever asked to resend it meanwhile, or took it up, decides what comes next. */
async function change(
  ctx: Context,
  { id, dueAt }: DeliveryRow,
  values: Partial<DeliveryRow>,
  andThen: (tx: Tx) => Promise<void> = async () => undefined,
): Promise<void> {
  await ctx.db.transaction(
    async (tx) => {
      const { webhookDeliveries: deliveries } = tx.tables
      const ours = and(eq(deliveries.id, id), eq(deliveries.claimed, true), eq(deliveries.dueAt, dueAt ?? 0))
      const [changed] = await tx
        .update(deliveries)
        .set({ ...values, claimed: false })
        .where(ours)
        .returning({ id: deliveries.id })
      if (changed) await andThen(tx)
    },
    { patient: true },
  )
}
