// The ledger: entries that are written once and stay.
import { sql } from '../drizzle.ts'
import type { Kit } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import { entryKinds, oneOf } from './enums.ts'

/** So many numbers of entries, one after another, share one closing for each account. */
export const closingEntries = 1_024

export function defineLedger(kit: Kit, { accounts }: AccountTables) {
  const entries = kit.table(
    'entries',
    {
      id: kit.sequence('id'),
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      kind: kit.choice('kind', entryKinds).notNull(),
      /** Signed credits: a charge is negative. */
      amount: kit.integer('amount').notNull(),
      balanceAfter: kit.integer('balance_after').notNull(),
      /** Of a task that may have been archived since: then a closing accounts for the entry. */
      taskId: kit.text('task_id'),
      /** For the operator alone; the column has its name from when there was only one note. */
      privateNote: kit.text('note'),
      /** Shown to the customer in the account's ledger. */
      publicNote: kit.text('public_note'),
      /** The operator's own key for a grant, so that asking twice grants once. */
      idempotencyKey: kit.text('idempotency_key'),
      createdAt: kit.integer('created_at').notNull(),
    },
    (table) => [
      kit.check('entries_kind', oneOf(table.kind, entryKinds)),
      kit.check('entries_balance', sql`${table.balanceAfter} >= 0`),
      kit.check(
        'entries_sign',
        sql`CASE ${table.kind} WHEN 'charge' THEN ${table.amount} <= 0 WHEN 'refund' THEN ${table.amount} >= 0 WHEN 'grant' THEN ${table.amount} > 0 ELSE ${table.amount} <> 0 END`,
      ),
      kit.check(
        'entries_task',
        sql`(${table.taskId} IS NOT NULL) = (${table.kind} = 'charge' OR ${table.kind} = 'refund')`,
      ),
      kit
        .uniqueIndex('entries_task_kind')
        .on(table.taskId, table.kind)
        .where(sql`${table.taskId} IS NOT NULL`),
      kit
        .uniqueIndex('entries_idempotency')
        .on(table.accountId, table.idempotencyKey)
        .where(sql`${table.idempotencyKey} IS NOT NULL`),
      kit.index('entries_account').on(table.accountId, table.id),
    ],
  )

  /**
   * What was charged and refunded for tasks that were archived, by their entries, which stay. Written in the
   * transaction that removes the tasks: entries without their task add up to it in every committed state.
   */
  const closings = kit.table(
    'closings',
    {
      /** The first of the numbers that the entries may have. */
      firstEntry: kit.integer('first_entry').notNull(),
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      charges: kit.integer('charges').notNull(),
      /** Credits, above zero, as are those that were refunded. */
      charged: kit.integer('charged').notNull(),
      refunds: kit.integer('refunds').notNull(),
      refunded: kit.integer('refunded').notNull(),
    },
    (table) => [
      kit.check(
        'closings_counts',
        sql`${table.charges} >= 0 AND ${table.charged} >= 0 AND ${table.refunds} >= 0 AND ${table.refunded} >= 0`,
      ),
      kit.uniqueIndex('closings_once').on(table.firstEntry, table.accountId),
    ],
  )

  return { entries, closings }
}
