// The account's own URL: named, removed, and switched off when it says that it is gone.
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
  /** Milliseconds since 1970, as everywhere; null: it is on, or there is none. */
  readonly disabledAt: number | null
  /** What its account is sent, at this URL and at those that its requests name. */
  readonly types: readonly EventType[]
  readonly secret: {
    readonly createdAt: number
    /** Until when older ones sign too; null where none does. */
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
 * Names the URL, or removes it with null. What is still to be sent to the one before goes to the new one; with
 * none it is given up. `types` are sent from now on; null: the default ones. Without them the choice stays as it was.
 * Throws invalid_request for a URL that is not public.
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

/** It answered 410: unless its owner has named another since, nothing more is sent there. */
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

/** What is left after the first few is given up by the claim, which finds it due at once. */
async function giveUpWaiting(tx: Tx, { accountId, lastError, nowMs }: GivenUp): Promise<void> {
  const lane = { accountId, receiver: accountLane }
  const isMore = await giveUpSome(tx, { ...lane, lastError })
  await forgetReceiver(tx, accountId, isMore ? nowMs : null)
}

/**
 * What waits follows the account's URL by itself. What is being sent at this moment is sent again: whatever the URL
 * before says of it was not said of this one.
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

/** Nothing is known of where the URL leads now; the lane is due at `dueAt`, or when its earliest delivery is. */
async function forgetReceiver(tx: Tx, accountId: string, dueAt: number | null): Promise<void> {
  const [lane] = await laneOf(tx, { accountId, receiver: accountLane })
  if (!lane) return
  const fresh = { ...lane, quick: false, pausedUntil: 0 }
  await putLane(tx, { ...fresh, dueAt: dueAt ?? (await laneDueAt(tx, fresh)) })
  await refreshQueue(tx, accountId)
}
