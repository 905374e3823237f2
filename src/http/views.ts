// Converts rows to the API's JSON: snake_case, whole seconds.
import type { Account } from '../accounts/accounts.ts'
import { isTestKey } from '../accounts/keys.ts'
import type { CapUse, Key } from '../accounts/keys.ts'
import type { OrderLimits } from '../accounts/limits.ts'
import type { Entry } from '../ledger/statement.ts'
import type { Model } from '../catalog/listing.ts'
import type { ActRow } from '../operators/audit.ts'
import type { Quote } from '../tasks/create/quote.ts'
import type { Delivery } from '../webhooks/deliveries.ts'
import type { Endpoint } from '../webhooks/endpoint.ts'

const secondsOf = (ms: number): number => Math.floor(ms / 1000)
export const secondsOrNull = (ms: number | null): number | null => (ms === null ? null : secondsOf(ms))

export function viewEntry(entry: Entry) {
  return {
    id: entry.id,
    kind: entry.kind,
    amount: entry.amount,
    balance: entry.balanceAfter,
    task_id: entry.taskId,
    public_note: entry.publicNote,
    created_at: secondsOf(entry.createdAt),
  }
}

/** Includes the private note. `note` is the former name of `private_note`, kept for compatibility. */
export function viewOperatorEntry(entry: Entry) {
  return { ...viewEntry(entry), private_note: entry.privateNote, note: entry.privateNote }
}

export function viewModel({ taskType, firstFrame, ...model }: Model) {
  const frame = firstFrame && { model_id: firstFrame.modelId, credits: firstFrame.credits }
  return { ...model, task_type: taskType, ...(frame && { first_frame: frame }) } as const
}

export function viewAccount(account: Account) {
  return {
    id: account.id,
    name: account.name,
    status: account.status,
    balance: account.balance,
    tasks_in_flight: account.tasksOpen,
    limits: {
      requests_per_minute: limitView(account.requestsPerMinuteMax),
      tasks_in_flight: limitView(account.tasksInFlightMax),
      ...orderLimits(account),
    },
    plan: account.plan,
    created_at: secondsOf(account.createdAt),
  }
}

const orderLimits = ({ creditsTotalMax, creditsPerDayMax, models, cidrs }: OrderLimits) => ({
  credits_total: creditsTotalMax,
  credits_per_day: creditsPerDayMax,
  models: models && [...models],
  cidrs: cidrs && [...cidrs],
})

/** What was ordered while there was a cap; null: nothing. */
export const viewUse = (use: CapUse | null, day: number) =>
  use && {
    credits_total: use.credits,
    credits_today: use.day >= day ? use.creditsOfDay : 0,
    tasks_in_flight: use.tasksOpen,
  }

/** The store has null for the configured limit and 0 for no limit; the API has null and `off`. */
const limitView = (max: number | null): number | 'off' | null => (max === 0 ? 'off' : max)

/** `day`: `today`, for what was used of it. */
export function viewKey(key: Key, day: number) {
  return {
    id: key.id,
    account_id: key.accountId,
    name: key.name,
    prefix: key.prefix,
    test: isTestKey(key),
    expires_at: secondsOrNull(key.expiresAt),
    revoked_at: secondsOrNull(key.revokedAt),
    created_at: secondsOf(key.createdAt),
    last_used_at: secondsOrNull(key.lastUsedAt),
    limits: {
      requests_per_minute: key.requestsPerMinuteMax,
      tasks_in_flight: key.tasksInFlightMax,
      ...orderLimits(key),
    },
    used: viewUse(key.use, day),
  }
}

export function viewWebhook({ url, disabledAt, types, secret }: Endpoint) {
  return {
    url,
    enabled: url !== null && disabledAt === null,
    disabled_reason: disabledAt === null ? null : 'It answered 410 Gone. Set it again to switch it on.',
    event_types: [...types],
    has_secret: secret !== null,
    secret_created_at: secondsOrNull(secret?.createdAt ?? null),
    older_secrets_until: secondsOrNull(secret?.olderUntil ?? null),
  }
}

export function viewDelivery(delivery: Delivery) {
  return {
    id: delivery.id,
    task_id: delivery.taskId,
    type: delivery.type,
    url: delivery.url,
    status: delivery.state,
    attempts: delivery.attemptsMade,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    next_at: secondsOrNull(delivery.dueAt),
    created_at: secondsOf(delivery.createdAt),
    delivered_at: secondsOrNull(delivery.deliveredAt),
  }
}

export function viewQuote({ credits, firstFrame, promise }: Quote) {
  return {
    credits,
    quote_id: promise?.quoteId ?? null,
    expires_at: secondsOrNull(promise?.expiresAt ?? null),
    ...(firstFrame && { first_frame: { model_id: firstFrame.modelId, credits: firstFrame.credits } }),
  }
}

export const viewAct = ({ createdAt, ...act }: ActRow) => ({
  id: act.id,
  actor: act.actor,
  origin: act.origin,
  action: act.action,
  target: act.target,
  before: act.before,
  after: act.after,
  created_at: secondsOf(createdAt),
})
