// The ledger: append-only entries.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import { entryKinds, oneOf } from './enums.ts'

/** This many consecutive entry numbers share one closing per account. */
export const closingEntries = 1_024

export function defineLedger(columns: Columns, { accounts }: AccountTables) {
  const entries = columns.table(
    'entries',
    {
      id: columns.sequence('id'),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      kind: columns.choice('kind', entryKinds).notNull(),
      /** Signed credits: a charge is negative. */
      amount: columns.integer('amount').notNull(),
      balanceAfter: columns.integer('balance_after').notNull(),
      /** The task may have been archived since; then a closing accounts for the entry. */
      taskId: columns.text('task_id'),
      /** Only for the operator; the column's name is from when there was a single note. */
      privateNote: columns.text('note'),
      /** Shown to the customer in the account's ledger. */
      publicNote: columns.text('public_note'),
      /** The operator's own key for a grant, so that a repeated call grants once. */
      idempotencyKey: columns.text('idempotency_key'),
      createdAt: columns.integer('created_at').notNull(),
    },
    (table) => [
      columns.check('entries_kind', oneOf(table.kind, entryKinds)),
      columns.check('entries_balance', sql`${table.balanceAfter} >= 0`),
      columns.check(
        'entries_sign',
        sql`CASE ${table.kind} WHEN 'charge' THEN ${table.amount} <= 0 WHEN 'refund' THEN ${table.amount} >= 0 WHEN 'grant' THEN ${table.amount} > 0 ELSE ${table.amount} <> 0 END`,
      ),
      columns.check(
        'entries_task',
        sql`(${table.taskId} IS NOT NULL) = (${table.kind} = 'charge' OR ${table.kind} = 'refund')`,
      ),
      columns
        .uniqueIndex('entries_task_kind')
        .on(table.taskId, table.kind)
        .where(sql`${table.taskId} IS NOT NULL`),
      columns
        .uniqueIndex('entries_idempotency')
        .on(table.accountId, table.idempotencyKey)
        .where(sql`${table.idempotencyKey} IS NOT NULL`),
      columns.index('entries_account').on(table.accountId, table.id),
    ],
  )

  /**
   * Charges and refunds of archived tasks, per range of their entries, which stay. Written in the transaction
   * that removes the tasks: in every committed state, entries without a task add up to it.
   */
  const closings = columns.table(
    'closings',
    {
      /** The first entry number of the range. */
      firstEntry: columns.integer('first_entry').notNull(),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      charges: columns.integer('charges').notNull(),
      /** Credits, as a positive number; so are the refunded ones. */
      charged: columns.integer('charged').notNull(),
      refunds: columns.integer('refunds').notNull(),
      refunded: columns.integer('refunded').notNull(),
    },
    (table) => [
      columns.check(
        'closings_counts',
        sql`${table.charges} >= 0 AND ${table.charged} >= 0 AND ${table.refunds} >= 0 AND ${table.refunded} >= 0`,
      ),
      columns.uniqueIndex('closings_once').on(table.firstEntry, table.accountId),
    ],
  )

  return { entries, closings }
}
