// The rows of alerts and of the messages about them.
import { and, asc, count, desc, eq, gt, isNull, lt, lte, ne, sql } from '../db/drizzle.ts'
import { statement } from '../db/statement.ts'
import type { Tables } from '../db/tables.ts'

export type AlertRow = Tables['alerts']['$inferSelect']
export type MessageRow = Tables['alertMessages']['$inferSelect']

/** No row: it is open already, found by this gateway or another. */
export const openAlert = statement<{ id: string }>('alert_open', (tx) => {
  const { alerts } = tx.tables
  return tx
    .insert(alerts)
    .values({
      id: sql.placeholder('id'),
      rule: sql.placeholder('rule'),
      subject: sql.placeholder('subject'),
      facts: sql.placeholder('facts'),
      firedAt: sql.placeholder('nowMs'),
      seenAt: sql.placeholder('nowMs'),
    })
    .onConflictDoNothing()
    .returning({ id: alerts.id })
})

/** What is told once, and is over at once. No row: it was told already, by this gateway or another. */
export const recordOnce = statement<{ id: string }>('alert_record_once', (tx) => {
  const { alerts } = tx.tables
  return tx
    .insert(alerts)
    .values({
      id: sql.placeholder('id'),
      rule: sql.placeholder('rule'),
      subject: sql.placeholder('subject'),
      facts: sql.placeholder('facts'),
      firedAt: sql.placeholder('nowMs'),
      seenAt: sql.placeholder('nowMs'),
      recoveredAt: sql.placeholder('nowMs'),
    })
    .onConflictDoNothing()
    .returning({ id: alerts.id })
})

/** It is still so. */
export const seeAlert = statement('alert_see', (tx) => {
  const { alerts } = tx.tables
  return tx
    .update(alerts)
    .set({ seenAt: sql`${sql.placeholder('nowMs')}` })
    .where(
      and(
        eq(alerts.rule, sql.placeholder('rule')),
        eq(alerts.subject, sql.placeholder('subject')),
        isNull(alerts.recoveredAt),
      ),
    )
})

/** In the order of their rules. Every rule has a name, so the index of the open ones leads to all of them. */
export const openAlerts = statement<AlertRow>('alerts_open', (read) => {
  const { alerts } = read.tables
  return read
    .select()
    .from(alerts)
    .where(and(isNull(alerts.recoveredAt), gt(alerts.rule, '')))
    .orderBy(asc(alerts.rule), asc(alerts.subject))
})

/** No row: another gateway was first, or it was seen meanwhile. */
export const closeAlert = statement<{ id: string }>('alert_close', (tx) => {
  const { alerts } = tx.tables
  return tx
    .update(alerts)
    .set({ recoveredAt: sql`${sql.placeholder('nowMs')}` })
    .where(
      and(
        eq(alerts.id, sql.placeholder('id')),
        isNull(alerts.recoveredAt),
        lte(alerts.seenAt, sql.placeholder('quietSince')),
      ),
    )
    .returning({ id: alerts.id })
})

export const insertMessage = statement('alert_message_insert', (tx) =>
  tx.insert(tx.tables.alertMessages).values({
    id: sql.placeholder('id'),
    alertId: sql.placeholder('alertId'),
    kind: sql.placeholder('kind'),
    receiver: sql.placeholder('receiver'),
    state: sql.placeholder('state'),
    dueAt: sql.placeholder('dueAt'),
    attemptsMade: 0,
    createdAt: sql.placeholder('nowMs'),
  }),
)

/** How many messages were put up for a receiver after that time and up to that one, without those held back. */
export const messagesWithin = statement<{ messages: number }>('alert_messages_within', (read) => {
  const { alertMessages: messages } = read.tables
  return read
    .select({ messages: count().as('messages') })
    .from(messages)
    .where(
      and(
        eq(messages.receiver, sql.placeholder('receiver')),
        gt(messages.createdAt, sql.placeholder('after')),
        lte(messages.id, sql.placeholder('upTo')),
        ne(messages.state, 'held_back'),
      ),
    )
})

/** The oldest that a receiver's number for an hour held back since then, of what is still wrong or is over. */
export const heldBack = statement<Pick<MessageRow, 'id'>>('alert_messages_held_back', (read) => {
  const { alertMessages: messages, alerts } = read.tables
  return read
    .select({ id: messages.id })
    .from(messages)
    .innerJoin(alerts, eq(alerts.id, messages.alertId))
    .where(
      and(
        eq(messages.receiver, sql.placeholder('receiver')),
        gt(messages.createdAt, sql.placeholder('after')),
        eq(messages.state, 'held_back'),
        sql`(${messages.kind} = 'recovered' OR (${alerts.recoveredAt} IS NULL AND ${alerts.seenAt} > ${sql.placeholder('seenAfter')}))`,
      ),
    )
    .orderBy(asc(messages.id))
    .limit(sql.placeholder('max'))
})

/** It counts for the hour in which it is put up. */
export const putUpAgain = statement('alert_message_put_up_again', (tx) => {
  const { alertMessages: messages } = tx.tables
  const nowMs = sql`${sql.placeholder('nowMs')}`
  return tx
    .update(messages)
    .set({ state: 'pending', dueAt: nowMs, createdAt: nowMs })
    .where(and(eq(messages.id, sql.placeholder('id')), eq(messages.state, 'held_back')))
})

export const messagesOf = statement<MessageRow>('alert_messages_of', (read) => {
  const { alertMessages: messages } = read.tables
  return read
    .select()
    .from(messages)
    .where(eq(messages.alertId, sql.placeholder('alertId')))
    .orderBy(asc(messages.id))
})

/** That something is over comes after that it began, and takes no place among the others until then. */
export const dueMessages = statement<MessageRow>('alert_messages_due', (read) => {
  const { alertMessages: messages } = read.tables
  const isFirstPending = sql`EXISTS (SELECT 1 FROM ${messages} first WHERE first.alert_id = ${messages.alertId}
    AND first.kind = 'fired' AND first.receiver = ${messages.receiver} AND first.state = 'pending')`
  return read
    .select()
    .from(messages)
    .where(
      and(
        lte(messages.dueAt, sql.placeholder('nowMs')),
        sql`(${messages.kind} = 'fired' OR NOT ${isFirstPending})`,
      ),
    )
    .orderBy(asc(messages.dueAt), asc(messages.id))
    .limit(sql.placeholder('max'))
})

/** A try begins, or its outcome is recorded. No row: another gateway has it, because it was due again. */
export const moveMessage = statement<{ id: string }>('alert_message_move', (tx) => {
  const { alertMessages: messages } = tx.tables
  return tx
    .update(messages)
    .set({
      state: sql`${sql.placeholder('state')}`,
      dueAt: sql`${sql.placeholder('dueAt')}`,
      attemptsMade: sql`${sql.placeholder('attemptsMade')}`,
      lastError: sql`${sql.placeholder('lastError')}`,
    })
    .where(and(eq(messages.id, sql.placeholder('id')), eq(messages.dueAt, sql.placeholder('wasDueAt'))))
    .returning({ id: messages.id })
})

export const alertOf = statement<AlertRow>('alert_of', (read) => {
  const { alerts } = read.tables
  return read
    .select()
    .from(alerts)
    .where(eq(alerts.id, sql.placeholder('id')))
})

/** Newest first. */
export const alertsBefore = statement<AlertRow>('alerts_before', (read) => {
  const { alerts } = read.tables
  return read
    .select()
    .from(alerts)
    .where(lt(alerts.id, sql.placeholder('before')))
    .orderBy(desc(alerts.id))
    .limit(sql.placeholder('limit'))
})

/** The oldest that are over, with an id before this one. */
export const oldAlerts = statement<{ id: string }>('alerts_old', (read) => {
  const { alerts } = read.tables
  return read
    .select({ id: alerts.id })
    .from(alerts)
    .where(and(lt(alerts.id, sql.placeholder('before')), sql`${alerts.recoveredAt} IS NOT NULL`))
    .orderBy(asc(alerts.id))
    .limit(sql.placeholder('max'))
})

export const removeMessagesOf = statement('alert_messages_remove', (tx) =>
  tx.delete(tx.tables.alertMessages).where(eq(tx.tables.alertMessages.alertId, sql.placeholder('alertId'))),
)

export const removeAlert = statement('alert_remove', (tx) =>
  tx.delete(tx.tables.alerts).where(eq(tx.tables.alerts.id, sql.placeholder('id'))),
)
