// Converts rows to the API's JSON: snake_case, whole seconds.
import type { Account } from '../accounts/accounts.ts'
import { isTestKey } from '../accounts/keys.ts'
import type { CapUse, Key } from '../accounts/keys.ts'
import type { OrderLimits } from '../accounts/limits.ts'
import { amountOf } from '../ledger/reports/money.ts'
import type { Entry } from '../ledger/statement.ts'
import type { Model } from '../catalog/listing.ts'
import type { ActRow } from '../operators/audit.ts'
import type { ListedCode } from '../credits/codes/codes.ts'
import { kindOf } from '../tasks/corrections/items.ts'
import type { ReconcileItem } from '../tasks/corrections/items.ts'
import type { Reconciled } from '../tasks/corrections/reconcile.ts'
import type { Quote } from '../tasks/create/quote.ts'
import type { Delivery } from '../webhooks/deliveries.ts'
import type { Endpoint } from '../webhooks/endpoint.ts'

export const secondsOf = (ms: number): number => Math.floor(ms / 1000)
export const secondsOrNull = (ms: number | null): number | null => (ms === null ? null : secondsOf(ms))

export function viewEntry(entry: Entry) {
  return {
    id: entry.id,
    kind: entry.kind,
    amount: entry.amount,
    balance: entry.balanceAfter,
    ...(entry.owedAfter !== null && { owed: entry.owedAfter }),
    task_id: entry.taskId ?? entry.forTaskId,
    public_note: entry.publicNote,
    created_at: secondsOf(entry.createdAt),
  }
}

/** Includes the private note. `note` is the former name of `private_note`, kept for compatibility. */
export function viewOperatorEntry(entry: Entry) {
  const { privateNote, paidAmount, paidCurrency } = entry
  return {
    ...viewEntry(entry),
    private_note: privateNote,
    note: privateNote,
    ...(paidAmount !== null && { paid: { amount: paidAmount, currency: paidCurrency ?? '' } }),
  }
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
    owed: account.owed,
    low_balance: limitView(account.lowBalance),
    tasks_in_flight: account.tasksOpen,
    limits: {
      requests_per_minute: limitView(account.requestsPerMinuteMax),
      tasks_in_flight: limitView(account.tasksInFlightMax),
      ...orderLimits(account),
    },
    plan: account.plan,
    created_at: secondsOf(account.createdAt),
    ...(account.erasedAt !== null && { erased_at: secondsOf(account.erasedAt) }),
  }
}

const orderLimits = ({ creditsTotalMax, creditsPerDayMax, models, cidrs }: OrderLimits) => ({
  credits_total: creditsTotalMax,
  credits_per_day: creditsPerDayMax,
  models: models && [...models],
  cidrs: cidrs && [...cidrs],
})

/** What was ordered while there was a cap; null: nothing. `day`: as `today` tells it. */
export const viewUse = (use: CapUse | null, day: number) =>
  use && {
    credits_total: use.credits,
    credits_today: use.day >= day ? use.creditsOfDay : 0,
    tasks_in_flight: use.tasksOpen,
  }

/** The store has null for the configured limit and 0 for no limit; the API has null and `off`. */
const limitView = (max: number | null): number | 'off' | null => (max === 0 ? 'off' : max)

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

export function viewCode({ id, batchId, prefix, credits, status, redeemedBy, note, ...code }: ListedCode) {
  return {
    id,
    batch_id: batchId,
    prefix,
    credits,
    status,
    expires_at: secondsOrNull(code.expiresAt),
    redeemed_by: redeemedBy,
    redeemed_at: secondsOrNull(code.redeemedAt),
    voided_at: secondsOrNull(code.voidedAt),
    created_at: secondsOf(code.createdAt),
    note,
  }
}

export function viewItem({ work, decision, task, attempts, outputs }: ReconcileItem) {
  const { upstreamTaskId } = work
  // Of a submit whose outcome is unknown: what its tasks would have cost, made once.
  const ofTasks = task?.cost == null ? null : task.cost * outputs
  const cost = work.cost ?? ofTasks
  return {
    id: work.id,
    kind: kindOf(work),
    task_id: work.taskId,
    request_id: work.requestId,
    account_id: work.accountId,
    credits: work.credits,
    cost: cost === null ? null : amountOf(BigInt(cost)),
    evidence: {
      reason: work.reason,
      upstream: work.upstream,
      upstream_task_id: upstreamTaskId === '' ? null : upstreamTaskId,
      attempt_id: work.attemptId,
      task_state: task?.state ?? null,
      error_message: task?.errorMessage ?? null,
      error_detail: task?.errorDetail ?? null,
      refunded_at: secondsOrNull(task?.state === 'failed' ? task.finishedAt : null),
      attempts: attempts.map((attempt) => ({
        id: attempt.id,
        state: attempt.state,
        detail: attempt.detail,
        started_at: secondsOf(attempt.startedAt),
      })),
    },
    decision: decision && {
      decision: decision.decision,
      reason: decision.reason,
      credits: decision.credits,
      decided_at: secondsOf(decision.createdAt),
    },
    created_at: secondsOf(work.createdAt),
  }
}

export const viewDecided = (id: string, { decision, charged }: Reconciled) => ({
  id,
  decision,
  task_id: charged?.taskId ?? null,
  credits: charged?.credits ?? 0,
  balance: charged?.balance ?? null,
})

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
