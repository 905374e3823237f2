// The ledger: append-only entries; and redemption codes, who redeemed them, and wrong tries.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import { creditsMax } from './bounds.ts'
import { entryKinds, oneOf, reconcileDecisions } from './enums.ts'

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
      /** Of a charge or a refund. The task may have been archived since; then a closing accounts for the entry. */
      taskId: columns.text('task_id'),
      /** Only for the operator; the column's name is from when there was a single note. */
      privateNote: columns.text('note'),
      /** Shown to the customer in the account's ledger. */
      publicNote: columns.text('public_note'),
      /** The operator's own key for a grant, so that a repeated call grants once; `grant_keys` decides. */
      idempotencyKey: columns.text('idempotency_key'),
      /** What it changed of the credits that the account owes; null: nothing. */
      owedChange: columns.integer('owed_change'),
      owedAfter: columns.integer('owed_after'),
      /** The task that the operator has corrected by it; it may have been archived. */
      forTaskId: columns.text('for_task_id'),
      /** What was paid for a grant: a decimal number, and its currency. */
      paidAmount: columns.text('paid_amount'),
      paidCurrency: columns.text('paid_currency'),
      createdAt: columns.integer('created_at').notNull(),
    },
    (table) => [
      columns.check('entries_kind', oneOf(table.kind, entryKinds)),
      columns.check('entries_balance', sql`${table.balanceAfter} >= 0`),
      columns.check(
        'entries_sign',
        sql`CASE ${table.kind} WHEN 'charge' THEN ${table.amount} <= 0 WHEN 'refund' THEN ${table.amount} >= 0 WHEN 'grant' THEN ${table.amount} > 0 WHEN 'manual_refund' THEN ${table.amount} > 0 WHEN 'recharge' THEN ${table.amount} <= 0 WHEN 'repayment' THEN ${table.amount} < 0 ELSE ${table.amount} <> 0 OR coalesce(${table.owedChange}, 0) > 0 END`,
      ),
      // What is taken back is owed as far as it is not there; what comes in pays as much of that as it takes.
      columns.check(
        'entries_owed',
        sql`(${table.owedChange} IS NULL) = (${table.owedAfter} IS NULL) AND CASE ${table.kind} WHEN 'repayment' THEN ${table.owedChange} IS NOT NULL AND ${table.owedChange} = ${table.amount} WHEN 'adjust' THEN ${table.owedChange} IS NULL OR (${table.owedChange} > 0 AND ${table.amount} <= 0 AND ${table.balanceAfter} = 0) ELSE ${table.owedChange} IS NULL END`,
      ),
      columns.check(
        'entries_for_task',
        sql`(${table.forTaskId} IS NOT NULL) = (${table.kind} = 'manual_refund' OR ${table.kind} = 'recharge')`,
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
      columns
        .index('entries_for_task')
        .on(table.forTaskId)
        .where(sql`${table.forTaskId} IS NOT NULL`),
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

  /** Keys of grants, each of one grant among all accounts: whoever writes the row first has it. */
  const grantKeys = columns.table('grant_keys', {
    key: columns.text('key').primaryKey(),
    accountId: columns
      .text('account_id')
      .notNull()
      .references(() => accounts.id),
  })

  /**
   * Orders that were refunded while nobody knew whether the upstream had taken them. Their ids are of the kind of
   * orphans', with which they are listed; unlike those they stay when their order is archived.
   */
  const unknownSubmits = columns.table(
    'unknown_submits',
    {
      id: columns.text('id').primaryKey(),
      requestId: columns.text('request_id').notNull(),
      taskId: columns.text('task_id').notNull(),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      upstream: columns.text('upstream').notNull(),
      /** Credits that came back. */
      credits: columns.integer('credits').notNull(),
      createdAt: columns.integer('created_at').notNull(),
    },
    (table) => [columns.uniqueIndex('unknown_submits_once').on(table.requestId, table.taskId)],
  )

  /** What the operator has decided of an orphan or an unknown submit; it stays when its order is archived. */
  const orphanDecisions = columns.table(
    'orphan_decisions',
    {
      orphanId: columns.text('orphan_id').primaryKey(),
      decision: columns.choice('decision', reconcileDecisions).notNull(),
      /** Only for the operator. */
      reason: columns.text('reason').notNull(),
      /** Credits that were charged again; 0 for the other decisions. */
      credits: columns.integer('credits').notNull(),
      createdAt: columns.integer('created_at').notNull(),
    },
    (table) => [columns.check('orphan_decisions_decision', oneOf(table.decision, reconcileDecisions))],
  )

  return { entries, closings, grantKeys, unknownSubmits, orphanDecisions }
}

export function defineCodes(columns: Columns, { accounts }: AccountTables) {
  const codeBatches = columns.table('code_batches', {
    id: columns.text('id').primaryKey(),
    /** Only for the operator. */
    note: columns.text('note'),
    createdAt: columns.integer('created_at').notNull(),
  })

  /** A code is spent by the update that sets `redeemed_by`, or voided by the one that sets `voided_at`. */
  const codes = columns.table(
    'codes',
    {
      id: columns.text('id').primaryKey(),
      batchId: columns
        .text('batch_id')
        .notNull()
        .references(() => codeBatches.id),
      hash: columns.text('hash').notNull(),
      /** Its first group, so that people can tell codes apart. */
      prefix: columns.text('prefix').notNull(),
      credits: columns.integer('credits').notNull(),
      expiresAt: columns.integer('expires_at'),
      voidedAt: columns.integer('voided_at'),
      redeemedBy: columns.text('redeemed_by').references(() => accounts.id),
      redeemedAt: columns.integer('redeemed_at'),
      createdAt: columns.integer('created_at').notNull(),
    },
    (table) => [
      columns.check(
        'codes_credits',
        sql`${table.credits} > 0 AND ${table.credits} <= ${sql.raw(String(creditsMax))}`,
      ),
      columns.check('codes_redeemed', sql`(${table.redeemedBy} IS NULL) = (${table.redeemedAt} IS NULL)`),
      columns.check('codes_once', sql`${table.redeemedBy} IS NULL OR ${table.voidedAt} IS NULL`),
      columns.uniqueIndex('codes_hash').on(table.hash),
      columns.index('codes_batch').on(table.batchId, table.id),
    ],
  )

  /** Wrong codes that an account has sent, or that came from an address, since its hour began. */
  const codeTries = columns.table(
    'code_tries',
    {
      /** `account acc_…` or `address 203.0.113.9`. */
      who: columns.text('who').primaryKey(),
      endsAt: columns.integer('ends_at').notNull(),
      tries: columns.integer('tries').notNull(),
    },
    (table) => [columns.index('code_tries_age').on(table.endsAt)],
  )

  return { codeBatches, codes, codeTries }
}
