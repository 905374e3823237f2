// Accounts and their keys.
import { sql } from '../drizzle.ts'
import type { Kit } from '../sqlite/columns.ts'
import { creditsMax } from './bounds.ts'
import { accountStatuses, oneOf } from './enums.ts'

export function defineAccounts(kit: Kit) {
  const accounts = kit.table(
    'accounts',
    {
      id: kit.text('id').primaryKey(),
      name: kit.text('name').notNull(),
      status: kit.choice('status', accountStatuses).notNull(),
      /** Credits; always the sum of the account's entries. */
      balance: kit.integer('balance').notNull(),
      /** Tasks that have not ended; the limit on them is enforced by the same update that charges. */
      tasksOpen: kit.integer('tasks_open').notNull(),
      /** What those tasks were charged together. */
      creditsOpen: kit.integer('credits_open').notNull().default(0),
      /** Null: as configured. 0: no limit. */
      requestsPerMinuteMax: kit.integer('requests_per_minute_max'),
      tasksInFlightMax: kit.integer('tasks_in_flight_max'),
      createdAt: kit.integer('created_at').notNull(),
    },
    (table) => [
      kit.check('accounts_status', oneOf(table.status, accountStatuses)),
      kit.check(
        'accounts_balance',
        sql`${table.balance} >= 0 AND ${table.balance} + ${table.creditsOpen} <= ${sql.raw(String(creditsMax))}`,
      ),
      kit.check('accounts_tasks_open', sql`${table.tasksOpen} >= 0`),
      kit.check('accounts_credits_open', sql`${table.creditsOpen} >= 0`),
    ],
  )

  const keys = kit.table(
    'keys',
    {
      id: kit.text('id').primaryKey(),
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      name: kit.text('name').notNull(),
      hash: kit.text('hash').notNull(),
      /** The first characters of the key, for people to tell keys apart. */
      prefix: kit.text('prefix').notNull(),
      expiresAt: kit.integer('expires_at'),
      revokedAt: kit.integer('revoked_at'),
      createdAt: kit.integer('created_at').notNull(),
    },
    (table) => [kit.uniqueIndex('keys_hash').on(table.hash), kit.index('keys_account').on(table.accountId)],
  )

  /** One row, whose version grows with every change of a key or of what an account may do; triggers see to it. */
  const rights = kit.table('rights', {
    id: kit.integer('id').primaryKey(),
    version: kit.integer('version').notNull(),
  })

  return { accounts, keys, rights }
}

export type AccountTables = ReturnType<typeof defineAccounts>
