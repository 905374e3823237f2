// Webhooks: endpoints, signing secrets, and each delivery until it is made or given up.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import type { TaskTables } from './tasks.ts'
import { callbackForms, deliveryStates, eventTypes, oneOf, receiverSources } from './enums.ts'

export function defineWebhooks(columns: Columns, { accounts }: AccountTables, { tasks }: TaskTables) {
  /** The URL for an account's tasks whose request names no URL of its own. */
  const webhookEndpoints = columns.table('webhook_endpoints', {
    accountId: columns
      .text('account_id')
      .primaryKey()
      .references(() => accounts.id),
    url: columns.text('url').notNull(),
    /** Set when it answered 410: nothing is sent there until the account sets a URL again. */
    disabledAt: columns.integer('disabled_at'),
    changedAt: columns.integer('changed_at').notNull(),
  })

  /** The event types an account has chosen; an account without rows gets the default ones. */
  const webhookChoices = columns.table(
    'webhook_choices',
    {
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      type: columns.choice('type', eventTypes).notNull(),
    },
    (table) => [columns.uniqueIndex('webhook_choices_once').on(table.accountId, table.type)],
  )

  const webhookSecrets = columns.table(
    'webhook_secrets',
    {
      id: columns.text('id').primaryKey(),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      /** Encrypted with the sealing key, which is never in the store. */
      sealed: columns.text('sealed').notNull(),
      createdAt: columns.integer('created_at').notNull(),
      /** How long it still signs beside a newer one; null: it is the newest. */
      retiresAt: columns.integer('retires_at'),
    },
    (table) => [
      columns
        .uniqueIndex('webhook_secrets_newest')
        .on(table.accountId)
        .where(sql`${table.retiresAt} IS NULL`),
      columns.index('webhook_secrets_account').on(table.accountId, table.id),
      columns
        .index('webhook_secrets_retiring')
        .on(table.retiresAt)
        .where(sql`${table.retiresAt} IS NOT NULL`),
    ],
  )

  /** One row once a gateway with a configured sealing key has served: it opens with that key alone. */
  const sealingProbe = columns.table('sealing_probe', {
    id: columns.integer('id').primaryKey(),
    sealed: columns.text('sealed').notNull(),
  })

  const webhookDeliveries = columns.table(
    'webhook_deliveries',
    {
      /** The `webhook-id` header: the same for every try. */
      id: columns.text('id').primaryKey(),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      /** Null: the event is of the account. */
      taskId: columns.text('task_id').references(() => tasks.id),
      type: columns.choice('type', eventTypes).notNull(),
      /** Where the URL comes from: the request, or the account's setting. */
      source: columns.choice('source', receiverSources).notNull(),
      url: columns.text('url').notNull(),
      /** Host and port of the URL; empty while it waits for whatever URL the account then has. */
      receiver: columns.text('receiver').notNull(),
      /** The event: the bytes that are signed and sent, identical for every try, unless `form` is set. */
      body: columns.text('body').notNull(),
      /** The maker in whose form the task is sent instead; written anew for each try. */
      form: columns.choice('form', callbackForms),
      state: columns.choice('state', deliveryStates).notNull(),
      /** When to try next, or the deadline of the try under way; null once nothing is left to do. */
      dueAt: columns.integer('due_at'),
      /** A try is under way. */
      claimed: columns.flag('claimed').notNull(),
      /** During a try: the instance that makes it; null if that is alone on its store. */
      holder: columns.text('holder'),
      attemptsMade: columns.integer('attempts_made').notNull(),
      /** Position in the retry schedule; a resend restarts it. */
      retriesMade: columns.integer('retries_made').notNull(),
      lastStatus: columns.integer('last_status'),
      /** Text for the customer. */
      lastError: columns.text('last_error'),
      createdAt: columns.integer('created_at').notNull(),
      deliveredAt: columns.integer('delivered_at'),
    },
    (table) => [
      columns.check('webhook_deliveries_source', oneOf(table.source, receiverSources)),
      columns.check('webhook_deliveries_state', oneOf(table.state, deliveryStates)),
      columns.check(
        'webhook_deliveries_due',
        sql`(${table.dueAt} IS NOT NULL) = (${table.state} = 'pending')`,
      ),
      columns.uniqueIndex('webhook_deliveries_task').on(table.taskId, table.type),
      columns.index('webhook_deliveries_account').on(table.accountId, table.id),
      columns.index('webhook_deliveries_state').on(table.accountId, table.state, table.id),
      columns
        .index('webhook_deliveries_ended')
        .on(table.createdAt)
        .where(sql`${table.dueAt} IS NULL`),
      columns
        .index('webhook_deliveries_claimed')
        .on(table.accountId)
        .where(sql`${table.claimed}`),
      columns
        .index('webhook_deliveries_due')
        .on(table.dueAt)
        .where(sql`${table.dueAt} IS NOT NULL`),
      columns
        .index('webhook_deliveries_lane')
        .on(table.receiver, table.accountId, table.dueAt)
        .where(sql`${table.dueAt} IS NOT NULL`),
    ],
  )

  return {
    webhookEndpoints,
    webhookChoices,
    webhookSecrets,
    sealingProbe,
    webhookDeliveries,
    ...defineQueues(columns, accounts),
  }
}

/**
 * The fair queue of deliveries: which account comes next, and which of its receivers. Triggers lower `due_at`
 * when a delivery becomes due earlier; the claim raises it again when it finds nothing to take. So `due_at`
 * is never later than the earliest delivery that may be sent, and rows that are not due are never read.
 */
function defineQueues(columns: Columns, accounts: AccountTables['accounts']) {
  const webhookQueues = columns.table(
    'webhook_queues',
    {
      accountId: columns
        .text('account_id')
        .primaryKey()
        .references(() => accounts.id),
      /** Null: the account has nothing pending. */
      dueAt: columns.integer('due_at'),
      /**
       * Number of the claim that last visited it; among accounts due at the same time, the lowest comes
       * first.
       */
      turn: columns.integer('turn').notNull(),
    },
    (table) => [
      columns
        .index('webhook_queues_due')
        .on(table.dueAt, table.turn)
        .where(sql`${table.dueAt} IS NOT NULL`),
    ],
  )

  /** The deliveries of one account to one receiver. */
  const webhookLanes = columns.table(
    'webhook_lanes',
    {
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      receiver: columns.text('receiver').notNull(),
      /** Null: nothing is pending. */
      dueAt: columns.integer('due_at'),
      turn: columns.integer('turn').notNull(),
      /** Its receiver answered the last delivery quickly with 2xx. */
      quick: columns.flag('quick').notNull(),
      /** Its receiver asked to wait until then. */
      pausedUntil: columns.integer('paused_until').notNull(),
      usedAt: columns.integer('used_at').notNull(),
    },
    (table) => [
      columns.uniqueIndex('webhook_lanes_once').on(table.accountId, table.receiver),
      columns
        .index('webhook_lanes_due')
        .on(table.accountId, table.quick, table.dueAt, table.turn)
        .where(sql`${table.dueAt} IS NOT NULL`),
      columns
        .index('webhook_lanes_idle')
        .on(table.usedAt)
        .where(sql`${table.dueAt} IS NULL`),
    ],
  )

  /** One row, maintained by triggers, so that pending deliveries need not be counted. */
  const webhookBacklog = columns.table('webhook_backlog', {
    id: columns.integer('id').primaryKey(),
    pending: columns.integer('pending').notNull(),
  })

  return { webhookQueues, webhookLanes, webhookBacklog }
}
