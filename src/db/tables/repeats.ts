// What repeated requests for an order are recognised by.
import type { Columns } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import type { TaskTables } from './tasks.ts'

export function defineRepeats(columns: Columns, { accounts }: AccountTables, { requests }: TaskTables) {
  /** Creates with an Idempotency-Key, and the result of each. */
  const idempotency = columns.table(
    'idempotency',
    {
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      key: columns.text('key').notNull(),
      /** SHA-256 of the body: the same key with a different body is a client error. */
      bodyHash: columns.text('body_hash').notNull(),
      requestId: columns
        .text('request_id')
        .notNull()
        .references(() => requests.id),
      createdAt: columns.integer('created_at').notNull(),
    },
    (table) => [
      columns.uniqueIndex('idempotency_key').on(table.accountId, table.key),
      columns.index('idempotency_age').on(table.createdAt),
      columns.index('idempotency_request').on(table.requestId),
    ],
  )

  /**
   * Orders of clients that wait on their connection and send no Idempotency-Key: an equal request takes up the
   * order whose connection broke, instead of ordering again.
   */
  const parkedOrders = columns.table(
    'parked_orders',
    {
      requestId: columns
        .text('request_id')
        .primaryKey()
        .references(() => requests.id),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      /** SHA-256 of path, fields and files. */
      fingerprint: columns.text('fingerprint').notNull(),
      /** How often its client had tried before, at the attempt that ordered or was answered last. */
      retryCount: columns.integer('retry_count').notNull(),
      /** When its result was sent completely; null: its client still needs it. */
      deliveredAt: columns.integer('delivered_at'),
      /** When it can no longer be claimed. */
      expiresAt: columns.integer('expires_at').notNull(),
    },
    (table) => [
      columns.index('parked_orders_fingerprint').on(table.accountId, table.fingerprint),
      columns.index('parked_orders_age').on(table.expiresAt),
    ],
  )

  return { idempotency, parkedOrders }
}
