// The account's own URL: named, removed, and switched off when it says that it is gone.
import { and, eq, isNotNull, isNull } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import type { Connection, Tx } from '../db/database.ts'
import { GatewayError } from '../errors.ts'
import { receiverOf, switchedOff } from './outbox.ts'
import { endpointOf, secretsAlive } from './store.ts'
import type { DeliveryRow, EndpointRow } from './store.ts'

export interface Endpoint {
  readonly url: string | null
  /** Milliseconds since 1970, as everywhere; null: it is on, or there is none. */
  readonly disabledAt: number | null
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
    secret: newest
      ? { createdAt: newest.createdAt, olderUntil: retiring.length > 0 ? Math.max(...retiring) : null }
      : null,
  }
}

/**
 * Names the URL, or removes it with null. What is still to be sent to the one before goes to the new one; with
 * none it is given up. Throws invalid_request for a URL that is not public.
 */
export async function setEndpoint(ctx: Context, accountId: string, url: string | null): Promise<Endpoint> {
  const refusal = url === null ? null : ctx.guard.checkUrl(url)
  if (refusal) {
    const text = { en: `url: ${refusal.en}. Nothing was changed.`, zh: `url:${refusal.zh}。未做任何更改。` }
    throw new GatewayError('invalid_request', text, { field: 'url' })
  }
  const nowMs = ctx.clock.now()
  return await ctx.db.transaction(async (tx) => {
    const { webhookEndpoints: endpoints } = tx.tables
    const [before] = await endpointOf(tx, { accountId })
    if (url === null) {
      await tx.delete(endpoints).where(eq(endpoints.accountId, accountId))
      if (before) await giveUpWaiting(tx, before, removed)
    } else {
      const change = { url, disabledAt: null, changedAt: nowMs }
      await tx
        .insert(endpoints)
        .values({ accountId, ...change })
        .onConflictDoUpdate({ target: endpoints.accountId, set: change })
      if (before) await redirectWaiting(tx, before, url, nowMs)
    }
    return await readEndpoint(tx, accountId, nowMs)
  })
}

/** It answered 410: unless its owner has named another since, nothing more is sent there. */
export async function switchOff(tx: Tx, { accountId, url }: DeliveryRow, nowMs: number): Promise<void> {
  const { webhookEndpoints: endpoints } = tx.tables
  const asked = and(eq(endpoints.accountId, accountId), eq(endpoints.url, url), isNull(endpoints.disabledAt))
  const [off] = await tx.update(endpoints).set({ disabledAt: nowMs }).where(asked).returning()
  if (off) await giveUpWaiting(tx, off, switchedOff)
}

const removed = "The account's URL was removed before it was told."

async function giveUpWaiting(tx: Tx, endpoint: EndpointRow, lastError: string): Promise<void> {
  await tx
    .update(tx.tables.webhookDeliveries)
    .set({ state: 'failed', dueAt: null, claimed: false, lastError })
    .where(waitingFor(tx, endpoint))
}

/** What is being sent at this moment is sent again: whatever the URL before says of it was not said of this one. */
async function redirectWaiting(tx: Tx, endpoint: EndpointRow, url: string, nowMs: number): Promise<void> {
  const { webhookDeliveries: deliveries } = tx.tables
  const waiting = waitingFor(tx, endpoint)
  await tx
    .update(deliveries)
    .set({ claimed: false, dueAt: nowMs })
    .where(and(waiting, eq(deliveries.claimed, true)))
  await tx
    .update(deliveries)
    .set({ url, receiver: receiverOf(url) })
    .where(waiting)
}

/** What waits always goes to the present URL, so one lane holds all of it, and nothing that has ended is looked at. */
function waitingFor(tx: Tx, { accountId, url }: EndpointRow) {
  const { webhookDeliveries: deliveries } = tx.tables
  return and(
    isNotNull(deliveries.dueAt),
    eq(deliveries.receiver, receiverOf(url)),
    eq(deliveries.accountId, accountId),
    eq(deliveries.source, 'account'),
  )
}
