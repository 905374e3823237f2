// Accounts and their keys.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import { creditsMax } from './bounds.ts'
import { accountStatuses, oneOf } from './enums.ts'

export function defineAccounts(columns: Columns) {
  const accounts = columns.table(
    'accounts',
    {
      id: columns.text('id').primaryKey(),
      name: columns.text('name').notNull(),
      status: columns.choice('status', accountStatuses).notNull(),
      /** Credits; always the sum of the account's entries. */
      balance: columns.integer('balance').notNull(),
      /** Tasks that have not ended; the update that charges also enforces their limit. */
      tasksOpen: columns.integer('tasks_open').notNull(),
      /** Total credits charged for those tasks. */
      creditsOpen: columns.integer('credits_open').notNull().default(0),
      /** Credits that were taken back and were not there any more; always the sum of what entries say of it. */
      owed: columns.integer('owed').notNull().default(0),
      /** A charge that leads below it is told by a webhook. Null: as configured. 0: never. */
      lowBalance: columns.integer('low_balance'),
      /** Null: as configured. 0: no limit. */
      requestsPerMinuteMax: columns.integer('requests_per_minute_max'),
      tasksInFlightMax: columns.integer('tasks_in_flight_max'),
      createdAt: columns.integer('created_at').notNull(),
    },
    (table) => [
      columns.check('accounts_status', oneOf(table.status, accountStatuses)),
      columns.check(
        'accounts_balance',
        sql`${table.balance} >= 0 AND ${table.balance} + ${table.creditsOpen} <= ${sql.raw(String(creditsMax))}`,
      ),
      columns.check(
        'accounts_owed',
        sql`${table.owed} >= 0 AND ${table.owed} <= ${sql.raw(String(creditsMax))}`,
      ),
      columns.check('accounts_tasks_open', sql`${table.tasksOpen} >= 0`),
      columns.check('accounts_credits_open', sql`${table.creditsOpen} >= 0`),
    ],
  )

  const keys = columns.table(
    'keys',
    {
      id: columns.text('id').primaryKey(),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      name: columns.text('name').notNull(),
      hash: columns.text('hash').notNull(),
      /** The first characters of the key, so that people can tell keys apart. */
      prefix: columns.text('prefix').notNull(),
      expiresAt: columns.integer('expires_at'),
      revokedAt: columns.integer('revoked_at'),
      createdAt: columns.integer('created_at').notNull(),
    },
    (table) => [
      columns.uniqueIndex('keys_hash').on(table.hash),
      columns.index('keys_account').on(table.accountId),
    ],
  )

  /**
   * One row, whose version grows with every change of a key or of an account's permissions; maintained by
   * triggers.
   */
  const rights = columns.table('rights', {
    id: columns.integer('id').primaryKey(),
    version: columns.integer('version').notNull(),
  })

  return { accounts, keys, rights }
}

export type AccountTables = ReturnType<typeof defineAccounts>
