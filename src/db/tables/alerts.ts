// Alerts for the operator, and the messages about them.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import { alertMessageKinds, alertMessageStates, oneOf } from './enums.ts'

export function defineAlerts(columns: Columns) {
  /** One row for each time that a rule found something wrong, from when it was found until it was over. */
  const alerts = columns.table(
    'alerts',
    {
      id: columns.text('id').primaryKey(),
      rule: columns.text('rule').notNull(),
      /** What it is about, where a rule looks at several things: an account, a key. Empty: the gateway. */
      subject: columns.text('subject').notNull(),
      /** What was measured when it was found. */
      facts: columns.json<Readonly<Record<string, string | number | null>>>('facts_json').notNull(),
      firedAt: columns.integer('fired_at').notNull(),
      /** When it was found last. */
      seenAt: columns.integer('seen_at').notNull(),
      /** Null: it is not over. */
      recoveredAt: columns.integer('recovered_at'),
    },
    (table) => [
      // Several gateways may find the same: one row, and one message.
      columns
        .uniqueIndex('alerts_open')
        .on(table.rule, table.subject)
        .where(sql`${table.recoveredAt} IS NULL`),
      // A day is reported once, by one of several gateways; the row is over as soon as it is there.
      columns
        .uniqueIndex('alerts_day_report')
        .on(table.subject)
        .where(sql`${table.rule} = 'day_report'`),
    ],
  )

  /** One row for each message to each receiver. */
  const alertMessages = columns.table(
    'alert_messages',
    {
      id: columns.text('id').primaryKey(),
      alertId: columns
        .text('alert_id')
        .notNull()
        .references(() => alerts.id),
      kind: columns.choice('kind', alertMessageKinds).notNull(),
      receiver: columns.text('receiver').notNull(),
      state: columns.choice('state', alertMessageStates).notNull(),
      /** When it may be sent, or sent again; while it is sent: when another may try. Null: it is not sent any more. */
      dueAt: columns.integer('due_at'),
      attemptsMade: columns.integer('attempts_made').notNull(),
      lastError: columns.text('last_error'),
      createdAt: columns.integer('created_at').notNull(),
    },
    (table) => [
      columns.check('alert_messages_kind', oneOf(table.kind, alertMessageKinds)),
      columns.check('alert_messages_state', oneOf(table.state, alertMessageStates)),
      columns.uniqueIndex('alert_messages_once').on(table.alertId, table.kind, table.receiver),
      columns.index('alert_messages_hour').on(table.receiver, table.createdAt),
      columns
        .index('alert_messages_due')
        .on(table.dueAt)
        .where(sql`${table.dueAt} IS NOT NULL`),
    ],
  )

  return { alerts, alertMessages }
}
