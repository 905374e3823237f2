// Sends the messages that are due, and tries again what was not taken, with growing pauses.
import type { Context } from '../context.ts'
import type { AlertReceiver } from '../config/alerts.ts'
import { sendTo } from './receivers/send.ts'
import type { Outcome } from './receivers/send.ts'
import { showFor } from './receivers/escape.ts'
import type { Notice } from './receivers/formats.ts'
import { alertOf, dueMessages, messagesWithin, moveMessage } from './store.ts'
import type { AlertRow, MessageRow } from './store.ts'
import { hourMs } from './messages.ts'
import { lastOfHour, tell } from './words.ts'

const atOnceMax = 16
/** A try ends long before; then another gateway may try. */
const leaseMs = 60_000
/** An alert of yesterday helps nobody. */
const pausesMs = [30_000, 2 * 60_000, 10 * 60_000, 30 * 60_000, 60 * 60_000, 2 * 60 * 60_000]

/** Sends what is due now, once; resolves when the outcomes are recorded. Throws what the store throws. */
export async function deliverAlerts(ctx: Context, signal: AbortSignal): Promise<void> {
  const due = await dueMessages(ctx.db.read, { nowMs: ctx.clock.now(), max: atOnceMax })
  await Promise.all(due.map(async (message) => await deliver(ctx, message, signal)))
}

async function deliver(ctx: Context, message: MessageRow, signal: AbortSignal): Promise<void> {
  const { db, clock } = ctx
  const { id, dueAt: wasDueAt } = message
  const leasedUntil = clock.now() + leaseMs
  const attemptsMade = message.attemptsMade + 1
  const { lastError } = message
  const [claimed] = await db.transaction(
    async (tx) =>
      await moveMessage(tx, { id, state: 'pending', dueAt: leasedUntil, attemptsMade, lastError, wasDueAt }),
  )
  if (!claimed) return
  const outcome = await attempt(ctx, message, signal)
  // At a stop it is due again when its lease ends.
  if (signal.aborted && !outcome.isTaken) return
  const pauseMs = pausesMs[attemptsMade - 1]
  const isOver = outcome.isTaken || pauseMs === undefined
  await db.transaction(
    async (tx) =>
      await moveMessage(tx, {
        id,
        state: outcome.isTaken ? 'sent' : isOver ? 'failed' : 'pending',
        dueAt: isOver ? null : clock.now() + pauseMs,
        attemptsMade,
        lastError: outcome.error,
        wasDueAt: leasedUntil,
      }),
  )
  if (outcome.isTaken) return
  ctx.log.warn(
    { receiver: message.receiver, alert: message.alertId, attempt: attemptsMade, error: outcome.error },
    isOver ? 'a message of an alert was given up' : 'a message of an alert was not taken; it is tried again',
  )
}

async function attempt(ctx: Context, message: MessageRow, signal: AbortSignal): Promise<Outcome> {
  const receiver = ctx.config.alerts.receivers.find(({ name }) => name === message.receiver)
  const [alert] = await alertOf(ctx.db.read, { id: message.alertId })
  if (!receiver || !alert) {
    return { isTaken: false, status: null, error: 'There is no receiver of this name any more.' }
  }
  return await sendTo(ctx, receiver, { notice: await noticeOf(ctx, { message, alert, receiver }), signal })
}

interface Sending {
  readonly message: MessageRow
  readonly alert: AlertRow
  readonly receiver: AlertReceiver
}

async function noticeOf(ctx: Context, { message, alert, receiver }: Sending): Promise<Notice> {
  const { language, perHour } = ctx.config.alerts
  const { kind, createdAt } = message
  const { rule, subject, facts, firedAt, recoveredAt } = alert
  const told = tell({ rule, kind, facts }, language, showFor(receiver.type))
  const [within] = await messagesWithin(ctx.db.read, {
    receiver: receiver.name,
    after: createdAt - hourMs,
    upTo: message.id,
  })
  const isLast = (within?.messages ?? 0) >= perHour
  return {
    id: message.id,
    type: kind === 'fired' ? 'alert.fired' : 'alert.recovered',
    title: told.title,
    text: isLast ? `${told.text}\n${lastOfHour[language]}`.trim() : told.text,
    data: {
      alert_id: alert.id,
      rule,
      subject,
      facts,
      fired_at: Math.floor(firedAt / 1_000),
      recovered_at: recoveredAt === null ? null : Math.floor(recoveredAt / 1_000),
    },
    nowMs: ctx.clock.now(),
  }
}
