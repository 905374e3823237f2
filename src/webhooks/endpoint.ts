// The account's own webhook URL: set, removed, and switched off when it answers 410 Gone.
import { and, eq, isNull, sql } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import type { Connection, Tx } from '../db/database.ts'
import { GatewayError } from '../errors.ts'
import { choose, typesFor } from './events/choice.ts'
import type { EventType } from './events/types.ts'
import { giveUpSome } from './give-up.ts'
import { accountLane, laneDueAt, laneOf, putLane, refreshQueue } from './queue/fair-queue.ts'
import { removed, switchedOff } from './outbox.ts'
import { endpointOf, secretsAlive } from './store.ts'
import type { DeliveryRow } from './store.ts'

export interface Endpoint {
  readonly url: string | null
  /** Milliseconds since 1970, as everywhere; null: it is on, or there is no URL. */
  readonly disabledAt: number | null
  /** The types that the account receives, at this URL and at those that its requests name. */
  readonly types: readonly EventType[]
  readonly secret: {
    readonly createdAt: number
    /** Until when older ones also sign; null if none does. */
    readonly olderUntil: number | null
  } | null
}

export async function readEndpoint(read: Connection, accountId: string, nowMs: number): Promise<Endpoint> {
  const [endpoint] = await endpointOf(read, { accountId })
  const [newest, ...older] = await secretsAlive(read, { accountId, nowMs })
  const retiring = older.map(({ retiresAt }) => retiresAt ?? 0)
  return {
    url: endpoint?.url ?? null,
    disabledAt: endpoint?.disabledAt ?? null,
    types: await typesFor(read, accountId),
    secret: newest
      ? { createdAt: newest.createdAt, olderUntil: retiring.length > 0 ? Math.max(...retiring) : null }
      : null,
  }
}

export interface EndpointChange {
  readonly url: string | null
  readonly types?: readonly EventType[] | null | undefined
}

/**
 * Sets the URL, or removes it with null. Deliveries that wait for the previous URL go to the new one; without
 * one they are given up. `types` are sent from now on; null: the default ones; undefined: the choice stays as
 * it is. Throws invalid_request for a URL that is not public.
 */
export async function setEndpoint(
  ctx: Context,
  accountId: string,
  { url, types }: EndpointChange,
): Promise<Endpoint> {
  const refusal = url === null ? null : ctx.guard.checkUrl(url)
  if (refusal) {
    const text = { en: `url: ${refusal.en}. Nothing was changed.`, zh: `url:${refusal.zh}。未做任何更改。` }
    throw new GatewayError('invalid_request', text, { field: 'url' })
  }
  const nowMs = ctx.clock.now()
  return await ctx.db.transaction(async (tx) => {
    const { webhookEndpoints: endpoints } = tx.tables
    if (types !== undefined) await choose(tx, accountId, types)
    if (url === null) {
      await tx.delete(endpoints).where(eq(endpoints.accountId, accountId))
      await giveUpWaiting(tx, { accountId, lastError: removed, nowMs })
    } else {
      const change = { url, disabledAt: null, changedAt: nowMs }
      await tx
        .insert(endpoints)
        .values({ accountId, ...change })
        .onConflictDoUpdate({ target: endpoints.accountId, set: change })
      await sendAgain(tx, accountId, nowMs)
    }
    return await readEndpoint(tx, accountId, nowMs)
  })
}

/** After a 410: nothing more is sent to the account's URL, unless another one has been set since. */
export async function switchOff(tx: Tx, { accountId, url }: DeliveryRow, nowMs: number): Promise<void> {
  const { webhookEndpoints: endpoints } = tx.tables
  const asked = and(eq(endpoints.accountId, accountId), eq(endpoints.url, url), isNull(endpoints.disabledAt))
  const [off] = await tx.update(endpoints).set({ disabledAt: nowMs }).where(asked).returning()
  if (off) await giveUpWaiting(tx, { accountId, lastError: switchedOff, nowMs })
}

interface GivenUp {
  readonly accountId: string
  readonly lastError: string
  readonly nowMs: number
}

/** Gives up the first few; the claim gives up the rest, which is due at once. */
async function giveUpWaiting(tx: Tx, { accountId, lastError, nowMs }: GivenUp): Promise<void> {
  const lane = { accountId, receiver: accountLane }
  const isMore = await giveUpSome(tx, { ...lane, lastError })
  await forgetReceiver(tx, accountId, isMore ? nowMs : null)
}

/**
 * Waiting deliveries follow the account's URL by themselves. Those being sent at this moment are sent again:
 * an answer of the previous URL does not count for the new one.
 */
async function sendAgain(tx: Tx, accountId: string, nowMs: number): Promise<void> {
  const { webhookDeliveries: deliveries } = tx.tables
  const own = and(eq(deliveries.accountId, accountId), eq(deliveries.receiver, accountLane))
  await tx
    .update(deliveries)
    .set({ claimed: false, dueAt: nowMs })
    .where(and(own, eq(deliveries.state, 'pending'), sql`${deliveries.claimed}`))
  await forgetReceiver(tx, accountId, null)
}

/** Nothing is known about the new receiver; the lane is due at `dueAt`, or when its earliest delivery is. */
async function forgetReceiver(tx: Tx, accountId: string, dueAt: number | null): Promise<void> {
  const [lane] = await laneOf(tx, { accountId, receiver: accountLane })
  if (!lane) return
  const fresh = { ...lane, quick: false, pausedUntil: 0 }
  await putLane(tx, { ...fresh, dueAt: dueAt ?? (await laneDueAt(tx, fresh)) })
  await refreshQueue(tx, accountId)
}
