// Accounts and their keys, what they use of their caps, and what operators did.
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
      ...caps(columns),
      /** Its name in `plans` of tollgate.yaml; null: none. */
      plan: columns.text('plan'),
      /** When its operator erased it; null: it was not. */
      erasedAt: columns.integer('erased_at'),
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
      columns
        .index('accounts_plan')
        .on(table.plan)
        .where(sql`${table.plan} IS NOT NULL`),
      columns
        .index('accounts_models')
        .on(table.id)
        .where(sql`${table.models} IS NOT NULL`),
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
      requestsPerMinuteMax: columns.integer('requests_per_minute_max'),
      tasksInFlightMax: columns.integer('tasks_in_flight_max'),
      ...caps(columns),
    },
    (table) => [
      columns.uniqueIndex('keys_hash').on(table.hash),
      columns.index('keys_account').on(table.accountId),
      columns
        .index('keys_models')
        .on(table.id)
        .where(sql`${table.models} IS NOT NULL`),
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

  /** When keys were last used, to the minute: apart from the keys, whose changes are changes of rights. */
  const keyUses = columns.table('key_uses', {
    keyId: columns.text('key_id').primaryKey(),
    usedAt: columns.integer('used_at').notNull(),
  })

  /**
   * What a key or an account has ordered while it had a cap: the row that the update of a charge compares with the
   * cap. The end of a task gives back what it took, by a trigger.
   */
  const capUses = columns.table(
    'cap_uses',
    {
      /** The id of a key or of an account. */
      subject: columns.text('subject').primaryKey(),
      /** Credits, less those that came back. */
      credits: columns.integer('credits').notNull(),
      /** The last day on which something was ordered, as 20261130. */
      day: columns.integer('day').notNull(),
      /** Credits of that day, less those of them that came back. */
      creditsOfDay: columns.integer('credits_of_day').notNull(),
      tasksOpen: columns.integer('tasks_open').notNull(),
    },
    (table) => [
      columns.check(
        'cap_uses_counts',
        sql`${table.credits} >= 0 AND ${table.creditsOfDay} >= 0 AND ${table.tasksOpen} >= 0`,
      ),
    ],
  )

  /** What operators did, for ever: rows are only added. */
  const acts = columns.table(
    'acts',
    {
      id: columns.sequence('id'),
      createdAt: columns.integer('created_at').notNull(),
      /** The operator's name, or `cli`. */
      actor: columns.text('actor').notNull(),
      /** The address that the request came from; null: none did. */
      origin: columns.text('origin'),
      action: columns.text('action').notNull(),
      /** The id of what was changed; null: the whole gateway. */
      target: columns.text('target'),
      /** Without secrets. Null: there was nothing before. */
      before: columns.json<Readonly<Record<string, unknown>>>('before_json'),
      after: columns.json<Readonly<Record<string, unknown>>>('after_json'),
    },
    (table) => [
      columns.index('acts_actor').on(table.actor, table.id),
      columns.index('acts_target').on(table.target, table.id),
    ],
  )

  return { accounts, keys, rights, keyUses, capUses, acts }
}

/** Null: no such cap. Of an account and of a key. */
const caps = (columns: Columns) => ({
  creditsTotalMax: columns.integer('credits_total_max'),
  creditsPerDayMax: columns.integer('credits_per_day_max'),
  /** The ids of the models that may be ordered. */
  models: columns.json<readonly string[]>('models_json'),
  /** The networks that requests may come from. */
  cidrs: columns.json<readonly string[]>('cidrs_json'),
})

export type AccountTables = ReturnType<typeof defineAccounts>
