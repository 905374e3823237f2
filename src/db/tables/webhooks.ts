// How customers are told: where, signed with which secrets, and each delivery until it is made or given up.
import { sql } from '../drizzle.ts'
import type { Kit } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import type { TaskTables } from './tasks.ts'
import { deliveryStates, eventTypes, oneOf, receiverSources } from './enums.ts'

export function defineWebhooks(kit: Kit, { accounts }: AccountTables, { tasks }: TaskTables) {
  /** Where an account wants to be told of tasks whose request names no URL of its own. */
  const webhookEndpoints = kit.table('webhook_endpoints', {
    accountId: kit
      .text('account_id')
      .primaryKey()
      .references(() => accounts.id),
    url: kit.text('url').notNull(),
    /** Since it answered 410: nothing is sent there until its owner names a URL again. */
    disabledAt: kit.integer('disabled_at'),
    changedAt: kit.integer('changed_at').notNull(),
  })

  /** The event types that an account has chosen; without a row of it, it gets the default ones. */
  const webhookChoices = kit.table(
    'webhook_choices',
    {
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      type: kit.choice('type', eventTypes).notNull(),
    },
    (table) => [
      kit.check('webhook_choices_type', oneOf(table.type, eventTypes)),
      kit.uniqueIndex('webhook_choices_once').on(table.accountId, table.type),
    ],
  )

  const webhookSecrets = kit.table(
    'webhook_secrets',
    {
      id: kit.text('id').primaryKey(),
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      /** Under the key that lies beside the store, never in it. */
      sealed: kit.text('sealed').notNull(),
      createdAt: kit.integer('created_at').notNull(),
      /** Until when it signs beside a newer one; null: it is the newest. */
      retiresAt: kit.integer('retires_at'),
    },
    (table) => [
      kit
        .uniqueIndex('webhook_secrets_newest')
        .on(table.accountId)
        .where(sql`${table.retiresAt} IS NULL`),
      kit.index('webhook_secrets_account').on(table.accountId, table.id),
      kit
        .index('webhook_secrets_retiring')
        .on(table.retiresAt)
        .where(sql`${table.retiresAt} IS NOT NULL`),
    ],
  )

  const webhookDeliveries = kit.table(
    'webhook_deliveries',
    {
      /** What receivers read as `webhook-id`: the same for every try. */
      id: kit.text('id').primaryKey(),
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      taskId: kit
        .text('task_id')
        .notNull()
        .references(() => tasks.id),
      type: kit.choice('type', eventTypes).notNull(),
      /** Who named the URL: the request, or the account for all of its tasks. */
      source: kit.choice('source', receiverSources).notNull(),
      url: kit.text('url').notNull(),
      /** Host and port of the URL; empty while it waits for the account's URL, whichever that is by then. */
      receiver: kit.text('receiver').notNull(),
      /** The bytes that are signed and sent, the same with every try. */
      body: kit.text('body').notNull(),
      state: kit.choice('state', deliveryStates).notNull(),
      /** When to try next, or until when the try under way is waited for; null once nothing is left to do. */
      dueAt: kit.integer('due_at'),
      /** A try is under way. */
      claimed: kit.flag('claimed').notNull(),
      attemptsMade: kit.integer('attempts_made').notNull(),
      /** How far the schedule has been walked; a resend begins it anew. */
      retriesMade: kit.integer('retries_made').notNull(),
      lastStatus: kit.integer('last_status'),
      /** In words for the customer. */
      lastError: kit.text('last_error'),
      createdAt: kit.integer('created_at').notNull(),
      deliveredAt: kit.integer('delivered_at'),
    },
    (table) => [
      kit.check('webhook_deliveries_type', oneOf(table.type, eventTypes)),
      kit.check('webhook_deliveries_source', oneOf(table.source, receiverSources)),
      kit.check('webhook_deliveries_state', oneOf(table.state, deliveryStates)),
      kit.check('webhook_deliveries_due', sql`(${table.dueAt} IS NOT NULL) = (${table.state} = 'pending')`),
      kit.uniqueIndex('webhook_deliveries_task').on(table.taskId, table.type),
      kit.index('webhook_deliveries_account').on(table.accountId, table.id),
      kit.index('webhook_deliveries_state').on(table.accountId, table.state, table.id),
      kit
        .index('webhook_deliveries_ended')
        .on(table.createdAt)
        .where(sql`${table.dueAt} IS NULL`),
      kit
        .index('webhook_deliveries_claimed')
        .on(table.accountId)
        .where(sql`${table.claimed}`),
      kit
        .index('webhook_deliveries_due')
        .on(table.dueAt)
        .where(sql`${table.dueAt} IS NOT NULL`),
      kit
        .index('webhook_deliveries_lane')
        .on(table.receiver, table.accountId, table.dueAt)
        .where(sql`${table.dueAt} IS NOT NULL`),
    ],
  )

  return {
    webhookEndpoints,
    webhookChoices,
    webhookSecrets,
    webhookDeliveries,
    ...defineQueues(kit, accounts),
  }
}

/**
 * The fair queue of deliveries: which account comes next, and which of its receivers. Triggers lower `due_at` when
 * a delivery becomes due earlier; the claim raises it again when it finds nothing to take. So `due_at` is never
 * later than the earliest delivery that may be sent, and what is not due is never looked at.
 */
function defineQueues(kit: Kit, accounts: AccountTables['accounts']) {
  const webhookQueues = kit.table(
    'webhook_queues',
    {
      accountId: kit
        .text('account_id')
        .primaryKey()
        .references(() => accounts.id),
      /** Null: nothing of the account is pending. */
      dueAt: kit.integer('due_at'),
      /** Number of the claim that visited it last; of accounts that are due equally, the lowest comes first. */
      turn: kit.integer('turn').notNull(),
    },
    (table) => [
      kit
        .index('webhook_queues_due')
        .on(table.dueAt, table.turn)
        .where(sql`${table.dueAt} IS NOT NULL`),
    ],
  )

  /** What one account has for one receiver. */
  const webhookLanes = kit.table(
    'webhook_lanes',
    {
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      receiver: kit.text('receiver').notNull(),
      /** Null: nothing is pending. */
      dueAt: kit.integer('due_at'),
      turn: kit.integer('turn').notNull(),
      /** It answered its last delivery quickly with 2xx. */
      quick: kit.flag('quick').notNull(),
      /** Its receiver asked for patience until then. */
      pausedUntil: kit.integer('paused_until').notNull(),
      usedAt: kit.integer('used_at').notNull(),
    },
    (table) => [
      kit.uniqueIndex('webhook_lanes_once').on(table.accountId, table.receiver),
      kit
        .index('webhook_lanes_due')
        .on(table.accountId, table.quick, table.dueAt, table.turn)
        .where(sql`${table.dueAt} IS NOT NULL`),
      kit
        .index('webhook_lanes_idle')
        .on(table.usedAt)
        .where(sql`${table.dueAt} IS NULL`),
    ],
  )

  /** One row, kept by triggers, so that nobody counts what is pending. */
  const webhookBacklog = kit.table('webhook_backlog', {
    id: kit.integer('id').primaryKey(),
    pending: kit.integer('pending').notNull(),
  })

  return { webhookQueues, webhookLanes, webhookBacklog }
}
