// Requests, their submit attempts, and their tasks.
import { sql } from '../drizzle.ts'
import type { Columns } from '../sqlite/columns.ts'
import type { AccountTables } from './accounts.ts'
import {
  attemptStates,
  callbackForms,
  oneOf,
  orphanReasons,
  requestStates,
  taskStates,
  taskSteps,
  taskTypes,
} from './enums.ts'

export function defineTasks(columns: Columns, { accounts }: AccountTables) {
  const requests = columns.table(
    'requests',
    {
      id: columns.text('id').primaryKey(),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      keyId: columns.text('key_id').notNull(),
      modelId: columns.text('model_id').notNull(),
      taskType: columns.choice('task_type', taskTypes).notNull(),
      upstream: columns.text('upstream').notNull(),
      /** The upstream room owns its shape; here it is text that is returned unchanged. */
      order: columns.json<Readonly<Record<string, unknown>>>('order_json').notNull(),
      callbackUrl: columns.text('callback_url'),
      /** The maker in whose form `callback_url` is called; null: our own. */
      callbackForm: columns.choice('callback_form', callbackForms),
      state: columns.choice('state', requestStates).notNull(),
      /** When a loop should check it next; queued: when it was made. Null once nothing is left to do. */
      dueAt: columns.integer('due_at'),
      /** Queued: not posted before this time; null: as soon as its turn has come. */
      notBefore: columns.integer('not_before'),
      /** Its position in the queue, set when it is first posted and kept through retries; null until then. */
      startTag: columns.integer('start_tag'),
      attemptsMade: columns.integer('attempts_made').notNull(),
      /** Submits with an outcome for which Keevx documents a retry; they share one budget. */
      retriesMade: columns.integer('retries_made').notNull(),
      /** Consecutive submits that never reached the upstream; they determine the growing pause. */
      failuresInRow: columns.integer('failures_in_row').notNull(),
      createdAt: columns.integer('created_at').notNull(),
      /** The request whose first frame this one makes; null: it was asked for by a client. */
      firstFrameOf: columns.text('first_frame_of'),
      /** Of a request for a first frame: what of that order's price is for it. */
      firstFrameCredits: columns.integer('first_frame_credits'),
      /** The first frame that was made for it, as it is posted. */
      firstFrameUrl: columns.text('first_frame_url'),
      /** When it was queued, if it had to wait for its first frame. */
      readyAt: columns.integer('ready_at'),
      /** The plan that its price was made by; null: none. */
      plan: columns.text('plan'),
      /** When what its customer wrote was removed from it: prompt, pictures, URLs. Null: it is there. */
      textRemovedAt: columns.integer('text_removed_at'),
    },
    (table) => [
      columns.check('requests_state', oneOf(table.state, requestStates)),
      columns
        .uniqueIndex('requests_first_frame')
        .on(table.firstFrameOf)
        .where(sql`${table.firstFrameOf} IS NOT NULL`),
      columns
        .index('requests_due')
        .on(table.state, table.upstream, table.dueAt)
        .where(sql`${table.dueAt} IS NOT NULL`),
      // The next of an account; ids sort by age.
      columns
        .index('requests_ready')
        .on(table.upstream, table.accountId, table.id)
        .where(sql`${table.state} = 'queued' AND ${table.notBefore} IS NULL`),
      columns
        .index('requests_paused')
        .on(table.upstream, table.notBefore)
        .where(sql`${table.state} = 'queued' AND ${table.notBefore} IS NOT NULL`),
    ],
  )

  const attempts = columns.table(
    'attempts',
    {
      id: columns.text('id').primaryKey(),
      requestId: columns
        .text('request_id')
        .notNull()
        .references(() => requests.id),
      number: columns.integer('number').notNull(),
      /** The upstream key that was used: a fingerprint, never the key. */
      upstreamKey: columns.text('upstream_key').notNull(),
      /** SHA-256 of the token in this attempt's callback URL; null if it had none. */
      callbackTokenHash: columns.text('callback_token_hash'),
      state: columns.choice('state', attemptStates).notNull(),
      detail: columns.text('detail'),
      startedAt: columns.integer('started_at').notNull(),
      finishedAt: columns.integer('finished_at'),
      /** The instance that made it, unless alone. */
      holder: columns.text('holder'),
      cost: columns.integer('cost'),
    },
    (table) => [
      columns.check('attempts_state', oneOf(table.state, attemptStates)),
      columns.uniqueIndex('attempts_request_number').on(table.requestId, table.number),
    ],
  )

  const tasks = columns.table(
    'tasks',
    {
      id: columns.text('id').primaryKey(),
      requestId: columns
        .text('request_id')
        .notNull()
        .references(() => requests.id),
      accountId: columns
        .text('account_id')
        .notNull()
        .references(() => accounts.id),
      modelId: columns.text('model_id').notNull(),
      taskType: columns.choice('task_type', taskTypes).notNull(),
      state: columns.choice('state', taskStates).notNull(),
      /** Credits charged for this task, fixed at the time of the charge. */
      credits: columns.integer('credits').notNull(),
      creditsRefunded: columns.integer('credits_refunded').notNull(),
      /** Given back by the operator since it succeeded; null: nothing. */
      creditsReturned: columns.integer('credits_returned'),
      /** By its owner before it was posted: it has failed, and its request is posted for one output fewer. */
      cancelled: columns.flag('cancelled').notNull().default(false),
      upstream: columns.text('upstream').notNull(),
      operation: columns.text('operation').notNull(),
      upstreamKey: columns.text('upstream_key'),
      upstreamTaskId: columns.text('upstream_task_id'),
      /** Nothing indicates yet that it has begun, so it shows as queued. It never becomes true again. */
      upstreamPending: columns.flag('upstream_pending').notNull(),
      /** Of versions before `polls`, like the two below: always null, until a later version drops them. */
      dueAt: columns.integer('due_at'),
      /**
       * Running: when we stop polling. Storing: the same, or later, when it ends whether or not its files are
       * stored.
       */
      giveUpAt: columns.integer('give_up_at'),
      /** Polls that decided nothing, counted when it no longer runs. */
      pollsMade: columns.integer('polls_made').notNull(),
      missingInRow: columns.integer('missing_in_row').notNull(),
      lastLooks: columns.integer('last_looks').notNull().default(0),
      imageUrl: columns.text('image_url'),
      videoUrl: columns.text('video_url'),
      audioUrl: columns.text('audio_url'),
      thumbnailUrl: columns.text('thumbnail_url'),
      width: columns.integer('width'),
      height: columns.integer('height'),
      /** The upstream's seconds may have a fraction; stored in thousandths. */
      durationMs: columns.integer('duration_ms'),
      errorMessage: columns.text('error_message'),
      /** For the operator: the cause of the error; for an open task, why its result was not accepted. */
      errorDetail: columns.text('error_detail'),
      createdAt: columns.integer('created_at').notNull(),
      finishedAt: columns.integer('finished_at'),
      /** When the URLs stop working; null if unknown. */
      resultExpiresAt: columns.integer('result_expires_at'),
      /** When we removed our stored file; its URLs are no longer shown. */
      resultRemovedAt: columns.integer('result_removed_at'),
      /** When its owner deleted it: it is left out where OpenAI's API shows videos. */
      deletedAt: columns.integer('deleted_at'),
      /** Of an order that makes its first frame first; null for every other. */
      step: columns.choice('step', taskSteps),
      /** The day whose caps of its key, or of its account, it was charged under, as 20261130; null: there was no cap. */
      keyCapDay: columns.integer('key_cap_day'),
      accountCapDay: columns.integer('account_cap_day'),
      /** What its work costs us, in millionths, fixed when it is ordered; null: unknown. Of an attempt, per output. */
      cost: columns.integer('cost'),
    },
    (table) => [
      columns.check('tasks_state', oneOf(table.state, taskStates)),
      columns.check('tasks_credits', sql`${table.credits} >= 0`),
      columns.check(
        'tasks_refunded',
        sql`${table.creditsRefunded} = CASE WHEN ${table.state} = 'failed' THEN ${table.credits} ELSE 0 END`,
      ),
      columns.check(
        'tasks_succeeded',
        sql`${table.state} <> 'succeeded' OR coalesce(${table.imageUrl}, ${table.videoUrl}, ${table.audioUrl}) IS NOT NULL`,
      ),
      columns.check('tasks_cancelled', sql`NOT ${table.cancelled} OR ${table.state} = 'failed'`),
      columns.check('tasks_failed', sql`${table.state} <> 'failed' OR ${table.errorMessage} IS NOT NULL`),
      columns
        .uniqueIndex('tasks_upstream')
        .on(table.upstream, table.upstreamTaskId)
        .where(sql`${table.upstreamTaskId} IS NOT NULL`),
      columns.index('tasks_request').on(table.requestId),
      columns.index('tasks_account').on(table.accountId, table.id),
      // An account's open tasks, for audits: written only when a task is created and when it ends.
      columns
        .index('tasks_unfinished')
        .on(table.accountId, table.credits)
        .where(sql`${table.finishedAt} IS NULL`),
      // Empty: gateways of the version before look there while they are replaced.
      columns
        .index('tasks_due')
        .on(table.dueAt)
        .where(sql`${table.dueAt} IS NOT NULL`),
    ],
  )

  /** Paid upstream work without a live task: known, counted, never charged to a customer. */
  const orphans = columns.table(
    'orphans',
    {
      id: columns.text('id').primaryKey(),
      reason: columns.choice('reason', orphanReasons).notNull(),
      upstream: columns.text('upstream').notNull(),
      upstreamTaskId: columns.text('upstream_task_id').notNull(),
      requestId: columns
        .text('request_id')
        .notNull()
        .references(() => requests.id),
      attemptId: columns.text('attempt_id'),
      taskId: columns.text('task_id'),
      /** Credits the customer was charged for such a task, and got back or never paid. */
      credits: columns.integer('credits').notNull(),
      createdAt: columns.integer('created_at').notNull(),
      cost: columns.integer('cost'),
    },
    (table) => [
      columns.check('orphans_reason', oneOf(table.reason, orphanReasons)),
      columns
        .uniqueIndex('orphans_once')
        .on(table.upstream, table.upstreamTaskId, table.reason, table.requestId),
      columns.index('orphans_request').on(table.requestId),
    ],
  )

  /**
   * Callbacks that arrived before the answer to their submit, stored until that answer shows which task they
   * belong to.
   */
  const earlyCallbacks = columns.table(
    'early_callbacks',
    {
      attemptId: columns
        .text('attempt_id')
        .notNull()
        .references(() => attempts.id),
      upstreamTaskId: columns.text('upstream_task_id').notNull(),
      heardAt: columns.integer('heard_at').notNull(),
    },
    (table) => [columns.uniqueIndex('early_callbacks_once').on(table.attemptId, table.upstreamTaskId)],
  )

  return { requests, attempts, tasks, orphans, earlyCallbacks }
}

export type TaskTables = ReturnType<typeof defineTasks>
