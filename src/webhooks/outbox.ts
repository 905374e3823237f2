// Stores a webhook for its receiver, in the transaction that changes the task.
import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import { bodyOf } from './events/body.ts'
import { typesFor } from './events/choice.ts'
import { isInterim } from './events/types.ts'
import type { EventType } from './events/types.ts'
import { supersedeWaiting } from './events/interim.ts'
import { accountLane } from './queue/fair-queue.ts'
import { callbackOf, deliveryInsert, endpointOf } from './store.ts'
import type { DeliveryRow } from './store.ts'

export interface TaskEvent {
  readonly type: EventType
  readonly accountId: string
  readonly requestId: string
  readonly taskId: string
  readonly nowMs: number
  /** The `data` of the event; built only if there is a receiver. */
  view(): Promise<unknown>
  /** Whether all tasks of its request have ended. */
  isLast(): Promise<boolean>
}

/** The error of deliveries for which the account's URL was switched off. */
export const switchedOff =
  "The account's URL has answered 410 Gone and is switched off. Set it again with PUT /api/v1/webhooks, then resend."

export const removed = "The account's URL was removed before it was told."

/**
 * Stores a delivery if the account wants this type: to the request's own URL, else to the account's. Returns
 * whether it will be sent. Joins the caller's transaction: after a rollback nothing is sent.
 */
export async function announce(tx: Tx, event: TaskEvent): Promise<boolean> {
  const { accountId, taskId, type, nowMs } = event
  const types = await typesFor(tx, accountId)
  // If the account has changed its types since, the claim supersedes older interim events.
  if (!isInterim(type) && types.some(isInterim)) await supersedeWaiting(tx, { taskId })
  if (!types.includes(type) && isInterim(type)) return false
  const [callback] = await callbackOf(tx, { requestId: event.requestId })
  const form = callback?.form ?? null
  if (!(form === null ? types.includes(type) : await isToldIn(form, event))) return false
  const source = typeof callback?.url === 'string' ? 'request' : 'account'
  const [endpoint] = source === 'account' ? await endpointOf(tx, { accountId }) : []
  const url = callback?.url ?? endpoint?.url
  if (url === undefined) return false
  const isOff = endpoint !== undefined && endpoint.disabledAt !== null
  await deliveryInsert(tx, {
    id: newId('msg', nowMs),
    accountId,
    taskId,
    type,
    source,
    url,
    receiver: laneFor(source, url),
    body: bodyOf(type, nowMs, await event.view()),
    form,
    state: isOff ? 'failed' : 'pending',
    dueAt: isOff ? null : nowMs,
    lastError: isOff ? switchedOff : null,
    createdAt: nowMs,
  })
  return !isOff
}

export interface AccountEvent {
  readonly type: EventType
  readonly accountId: string
  readonly data: unknown
  readonly nowMs: number
}

/** Like `announce`, for an event of the account itself: to its own URL. */
export async function announceOfAccount(tx: Tx, event: AccountEvent): Promise<boolean> {
  const { accountId, type, nowMs } = event
  if (!(await typesFor(tx, accountId)).includes(type)) return false
  const [endpoint] = await endpointOf(tx, { accountId })
  if (!endpoint) return false
  const isOff = endpoint.disabledAt !== null
  await deliveryInsert(tx, {
    id: newId('msg', nowMs),
    accountId,
    taskId: null,
    type,
    source: 'account',
    url: endpoint.url,
    receiver: accountLane,
    body: bodyOf(type, nowMs, event.data),
    form: null,
    state: isOff ? 'failed' : 'pending',
    dueAt: isOff ? null : nowMs,
    lastError: isOff ? switchedOff : null,
    createdAt: nowMs,
  })
  return !isOff
}

/**
 * Other makers' clients know nothing of event types: whatever the account has chosen, they are told of the end.
 * Keevx tells of each task, the others of a request as a whole.
 */
async function isToldIn(form: NonNullable<DeliveryRow['form']>, event: TaskEvent): Promise<boolean> {
  if (isInterim(event.type)) return false
  return form === 'keevx' || (await event.isLast())
}

/** Deliveries to the account's URL follow changes of it, so their lane is not named after a host. */
export function laneFor(source: DeliveryRow['source'], url: string): string {
  return source === 'account' ? accountLane : receiverOf(url)
}

/** Host and port. Never throws: an invalid URL must not prevent the end of a task. */
export function receiverOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}
