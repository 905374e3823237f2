// The enumerations used in columns.
import { sql } from '../drizzle.ts'
import type { SQL } from 'drizzle-orm'

export const accountStatuses = ['active', 'suspended'] as const
/**
 * `manual_refund`: given back by the operator. `recharge`: taken again for work that came after its refund.
 * `repayment`: credits that came in and pay what the account owes.
 */
export const entryKinds = [
  'grant',
  'charge',
  'refund',
  'adjust',
  'manual_refund',
  'recharge',
  'repayment',
] as const
export const taskTypes = ['image', 'video'] as const
export const taskStates = [
  'queued',
  'submitting',
  'unknown',
  'running',
  'storing',
  'succeeded',
  'failed',
] as const
export const endedStates = ['succeeded', 'failed'] as const
export const openStates = ['queued', 'submitting', 'unknown', 'running', 'storing'] as const
/** `waiting`: its first frame is still being made by a request of its own. */
export const requestStates = ['waiting', 'queued', 'submitting', 'unknown', 'accepted', 'failed'] as const
/** Of an order that makes its first frame first: the frame, which its owner sees as a step only, and the videos. */
export const taskSteps = ['first_frame', 'video'] as const
export const attemptStates = ['open', 'accepted', 'refused', 'not_accepted', 'ambiguous', 'unknown'] as const
/**
 * Webhook events: those of a task, in the order in which it may go through them, and those of an account.
 * `webhooks/events` defines each.
 */
export const eventTypes = ['task.running', 'task.succeeded', 'task.failed', 'balance.low'] as const
export const deliveryStates = ['pending', 'delivered', 'failed', 'superseded'] as const
export const receiverSources = ['request', 'account'] as const
/** Whose form a webhook has that an order of another maker's API has asked for. */
export const callbackForms = ['keevx', 'kie', 'replicate'] as const
export const mediaParts = ['result', 'thumbnail'] as const
export const mediaStores = ['disk', 's3'] as const
export const mediaStates = ['writing', 'kept', 'removing'] as const
export const reconcileDecisions = ['keep_refund', 'charge', 'write_off'] as const
export const orphanReasons = ['extra_id', 'repeated_id', 'late_success', 'late_accept', 'unanswered'] as const

/** `fired`: something is wrong; `recovered`: it is over. */
export const alertMessageKinds = ['fired', 'recovered'] as const
/** `held_back`: the receiver had its number of messages for the hour. */
export const alertMessageStates = ['pending', 'sent', 'failed', 'held_back'] as const

/** Written as comparisons: for IN with a list SQLite builds a small index on every insert. */
export const oneOf = (column: unknown, words: readonly string[]): SQL =>
  sql.join(
    words.map((word) => sql`${column} = ${sql.raw(`'${word}'`)}`),
    sql` OR `,
  )

/** What opened a session of the console; `token`: an operator's. */
export const sessionOpeners = ['key', 'link', 'password', 'token'] as const
