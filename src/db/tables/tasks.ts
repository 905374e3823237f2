// Requests, the attempts to have them made, and the tasks that they became.
import { sql } from '../drizzle.ts'
import type { Kit } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import { attemptStates, oneOf, orphanReasons, requestStates, taskStates, taskTypes } from './enums.ts'

/** An order as it is stored: the upstream room owns its shape, here it is text that comes back as it went in. */
type StoredOrder = Readonly<Record<string, unknown>>

export function defineTasks(kit: Kit, { accounts }: AccountTables) {
  const requests = kit.table(
    'requests',
    {
      id: kit.text('id').primaryKey(),
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      keyId: kit.text('key_id').notNull(),
      modelId: kit.text('model_id').notNull(),
      taskType: kit.choice('task_type', taskTypes).notNull(),
      upstream: kit.text('upstream').notNull(),
      order: kit.json<StoredOrder>('order_json').notNull(),
      callbackUrl: kit.text('callback_url'),
      state: kit.choice('state', requestStates).notNull(),
      /** When a loop should look at it next; queued: when it was made. Null once nothing is left to do. */
      dueAt: kit.integer('due_at'),
      /** Queued: not posted before this time; null: as soon as its turn has come. */
      notBefore: kit.integer('not_before'),
      /** Its place in the queue, given when it was first posted and kept through retries; null until then. */
      startTag: kit.integer('start_tag'),
      attemptsMade: kit.integer('attempts_made').notNull(),
      /** Submits whose outcome Keevx documents a retry for; they share one budget. */
      retriesMade: kit.integer('retries_made').notNull(),
      /** Submits that never reached the upstream, in a row; they set the growing pause. */
      failuresInRow: kit.integer('failures_in_row').notNull(),
      createdAt: kit.integer('created_at').notNull(),
    },
    (table) => [
      kit.check('requests_state', oneOf(table.state, requestStates)),
      kit
        .index('requests_due')
        .on(table.state, table.upstream, table.dueAt)
        .where(sql`${table.dueAt} IS NOT NULL`),
      // The next of an account; ids sort by age.
      kit
        .index('requests_ready')
        .on(table.upstream, table.accountId, table.id)
        .where(sql`${table.state} = 'queued' AND ${table.notBefore} IS NULL`),
      kit
        .index('requests_paused')
        .on(table.upstream, table.notBefore)
        .where(sql`${table.state} = 'queued' AND ${table.notBefore} IS NOT NULL`),
    ],
  )

  const attempts = kit.table(
    'attempts',
    {
      id: kit.text('id').primaryKey(),
      requestId: kit
        .text('request_id')
        .notNull()
        .references(() => requests.id),
      number: kit.integer('number').notNull(),
      /** Which of the upstream's keys was used: a fingerprint, never the key. */
      upstreamKey: kit.text('upstream_key').notNull(),
      /** SHA-256 of the token in this attempt's callback URL; null where it had none. */
      callbackTokenHash: kit.text('callback_token_hash'),
      state: kit.choice('state', attemptStates).notNull(),
      detail: kit.text('detail'),
      startedAt: kit.integer('started_at').notNull(),
      finishedAt: kit.integer('finished_at'),
    },
    (table) => [
      kit.check('attempts_state', oneOf(table.state, attemptStates)),
      kit.uniqueIndex('attempts_request_number').on(table.requestId, table.number),
    ],
  )

  const tasks = kit.table(
    'tasks',
    {
      id: kit.text('id').primaryKey(),
      requestId: kit
        .text('request_id')
        .notNull()
        .references(() => requests.id),
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      modelId: kit.text('model_id').notNull(),
      taskType: kit.choice('task_type', taskTypes).notNull(),
      state: kit.choice('state', taskStates).notNull(),
      /** What this task was charged, fixed when it was charged. */
      credits: kit.integer('credits').notNull(),
      creditsRefunded: kit.integer('credits_refunded').notNull(),
      /** By its owner, before it was posted; it has failed then, and its request is posted for one output fewer. */
      cancelled: kit.flag('cancelled').notNull().default(false),
      upstream: kit.text('upstream').notNull(),
      operation: kit.text('operation').notNull(),
      upstreamKey: kit.text('upstream_key'),
      upstreamTaskId: kit.text('upstream_task_id'),
      /** Nothing says yet that it may have begun, so it shows as queued. It never becomes true again. */
      upstreamPending: kit.flag('upstream_pending').notNull(),
      /** When to ask the upstream next; null unless the task is running. */
      dueAt: kit.integer('due_at'),
      /** Running: when we stop asking. Storing: the same, or later when it ends whether its files are kept or not. */
      giveUpAt: kit.integer('give_up_at'),
      pollsMade: kit.integer('polls_made').notNull(),
      /** How many polls in a row said that there is no such task. */
      missingInRow: kit.integer('missing_in_row').notNull(),
      /** How many looks past the limit decided nothing. */
      lastLooks: kit.integer('last_looks').notNull().default(0),
      imageUrl: kit.text('image_url'),
      videoUrl: kit.text('video_url'),
      audioUrl: kit.text('audio_url'),
      thumbnailUrl: kit.text('thumbnail_url'),
      width: kit.integer('width'),
      height: kit.integer('height'),
      /** Seconds may have a fraction upstream; thousandths are kept. */
      durationMs: kit.integer('duration_ms'),
      errorMessage: kit.text('error_message'),
      /** For the operator: what lay behind the error; of an open task, why its result was not taken for one. */
      errorDetail: kit.text('error_detail'),
      createdAt: kit.integer('created_at').notNull(),
      finishedAt: kit.integer('finished_at'),
      /** When the URLs stop working; null where nobody knows. */
      resultExpiresAt: kit.integer('result_expires_at'),
      /** When we removed the file that we had kept; its URLs are shown no more. */
      resultRemovedAt: kit.integer('result_removed_at'),
    },
    (table) => [
      kit.check('tasks_state', oneOf(table.state, taskStates)),
      kit.check('tasks_credits', sql`${table.credits} >= 0`),
      kit.check(
        'tasks_refunded',
        sql`${table.creditsRefunded} = CASE WHEN ${table.state} = 'failed' THEN ${table.credits} ELSE 0 END`,
      ),
      kit.check(
        'tasks_succeeded',
        sql`${table.state} <> 'succeeded' OR coalesce(${table.imageUrl}, ${table.videoUrl}, ${table.audioUrl}) IS NOT NULL`,
      ),
      kit.check('tasks_cancelled', sql`NOT ${table.cancelled} OR ${table.state} = 'failed'`),
      kit.check('tasks_failed', sql`${table.state} <> 'failed' OR ${table.errorMessage} IS NOT NULL`),
      kit
        .uniqueIndex('tasks_upstream')
        .on(table.upstream, table.upstreamTaskId)
        .where(sql`${table.upstreamTaskId} IS NOT NULL`),
      kit.index('tasks_request').on(table.requestId),
      kit.index('tasks_account').on(table.accountId, table.id),
      // What an account has open, for audits: only a task's making and its end touch it.
      kit
        .index('tasks_unfinished')
        .on(table.accountId, table.credits)
        .where(sql`${table.finishedAt} IS NULL`),
      kit
        .index('tasks_due')
        .on(table.dueAt)
        .where(sql`${table.dueAt} IS NOT NULL`),
    ],
  )

  /** Paid work upstream that no live task stands for: known, counted, never charged to a customer. */
  const orphans = kit.table(
    'orphans',
    {
      id: kit.text('id').primaryKey(),
      reason: kit.choice('reason', orphanReasons).notNull(),
      upstream: kit.text('upstream').notNull(),
      upstreamTaskId: kit.text('upstream_task_id').notNull(),
      requestId: kit
        .text('request_id')
        .notNull()
        .references(() => requests.id),
      attemptId: kit.text('attempt_id'),
      taskId: kit.text('task_id'),
      /** What the customer had been charged for such a task, and got back or never paid. */
      credits: kit.integer('credits').notNull(),
      createdAt: kit.integer('created_at').notNull(),
    },
    (table) => [
      kit.check('orphans_reason', oneOf(table.reason, orphanReasons)),
      kit.uniqueIndex('orphans_once').on(table.upstream, table.upstreamTaskId, table.reason, table.requestId),
      kit.index('orphans_request').on(table.requestId),
    ],
  )

  /** Creates that bore an Idempotency-Key, and what each led to. */
  const idempotency = kit.table(
    'idempotency',
    {
      accountId: kit
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      key: kit.text('key').notNull(),
      /** SHA-256 of the body: the same key with another one is a mistake of the client's. */
      bodyHash: kit.text('body_hash').notNull(),
      requestId: kit
        .text('request_id')
        .notNull()
        .references(() => requests.id),
      createdAt: kit.integer('created_at').notNull(),
    },
    (table) => [
      kit.uniqueIndex('idempotency_key').on(table.accountId, table.key),
      kit.index('idempotency_age').on(table.createdAt),
      kit.index('idempotency_request').on(table.requestId),
    ],
  )

  /** Callbacks that came before the answer to their submit, kept until that says whose they are. */
  const earlyCallbacks = kit.table(
    'early_callbacks',
    {
      attemptId: kit
        .text('attempt_id')
        .notNull()
        .references(() => attempts.id),
      upstreamTaskId: kit.text('upstream_task_id').notNull(),
      heardAt: kit.integer('heard_at').notNull(),
    },
    (table) => [kit.uniqueIndex('early_callbacks_once').on(table.attemptId, table.upstreamTaskId)],
  )

  return { requests, attempts, tasks, orphans, idempotency, earlyCallbacks }
}

export type TaskTables = ReturnType<typeof defineTasks>
