// Redemption codes, who redeemed them, and wrong tries.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import { creditsMax } from './bounds.ts'

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
