// The rows of webhooks, and the statements that run when a task ends and for each delivery.
import { and, asc, eq, gt, inArray, isNotNull, isNull, lte, or, sql } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import type { Tables } from '../db/tables.ts'

export type EndpointRow = Tables['webhookEndpoints']['$inferSelect']
export type SecretRow = Tables['webhookSecrets']['$inferSelect']
export type DeliveryRow = Tables['webhookDeliveries']['$inferSelect']

/** What a request says of its own webhook. */
interface Callback {
  readonly url: string | null
  readonly form: DeliveryRow['form']
}

/** A statement of its own: a join with the account's URL costs five times as much as the two reads. */
export const callbackOf = statement<Callback>('webhook_callback', (read) => {
  const { requests } = read.tables
  return read
    .select({ url: requests.callbackUrl, form: requests.callbackForm })
    .from(requests)
    .where(eq(requests.id, sql.placeholder('requestId')))
    .limit(1)
})

export const deliveryInsert = statement('webhook_delivery_insert', (tx) =>
  tx.insert(tx.tables.webhookDeliveries).values({
    id: sql.placeholder('id'),
    accountId: sql.placeholder('accountId'),
    taskId: sql.placeholder('taskId'),
    type: sql.placeholder('type'),
    source: sql.placeholder('source'),
    url: sql.placeholder('url'),
    receiver: sql.placeholder('receiver'),
    body: sql.placeholder('body'),
    form: sql.placeholder('form'),
    state: sql.placeholder('state'),
    dueAt: sql.placeholder('dueAt'),
    claimed: false,
    attemptsMade: 0,
    retriesMade: 0,
    lastError: sql.placeholder('lastError'),
    createdAt: sql.placeholder('createdAt'),
  }),
)

export const endpointOf = statement<EndpointRow>('webhook_endpoint', (read) => {
  const { webhookEndpoints } = read.tables
  return read
    .select()
    .from(webhookEndpoints)
    .where(eq(webhookEndpoints.accountId, sql.placeholder('accountId')))
    .limit(1)
})

/** The secrets that sign now, newest first. */
export const secretsAlive = statement<SecretRow>('webhook_secrets_alive', (read) => {
  const { webhookSecrets } = read.tables
  return read
    .select()
    .from(webhookSecrets)
    .where(
      and(
        eq(webhookSecrets.accountId, sql.placeholder('accountId')),
        or(isNull(webhookSecrets.retiresAt), gt(webhookSecrets.retiresAt, sql.placeholder('nowMs'))),
      ),
    )
    .orderBy(sql`${webhookSecrets.id} DESC`)
})

/** The due deliveries of a lane, earliest first. */
export const dueInLane = statement<DeliveryRow>('webhook_due_in_lane', (read) => {
  const { webhookDeliveries: deliveries } = read.tables
  return read
    .select()
    .from(deliveries)
    .where(and(pendingInLane(read), lte(deliveries.dueAt, sql.placeholder('nowMs'))))
    .orderBy(asc(deliveries.dueAt))
    .limit(sql.placeholder('max'))
})

/** One by one: an update whose ids come from a query costs five times as much in SQLite. */
export const leaseDelivery = statement('webhook_lease', (tx) => {
  const { webhookDeliveries: deliveries } = tx.tables
  return tx
    .update(deliveries)
    .set({
      claimed: true,
      dueAt: sql`${sql.placeholder('dueAt')}`,
      url: sql`${sql.placeholder('url')}`,
      holder: sql`${sql.placeholder('holder')}`,
    })
    .where(eq(deliveries.id, sql.placeholder('id')))
})

/** Records the outcome of a try; no row if the lease is no longer ours. */
export const settleUnderLease = statement<{ id: string }>('webhook_settle_under_lease', (tx) => {
  const { webhookDeliveries: deliveries } = tx.tables
  return tx
    .update(deliveries)
    .set({
      claimed: false,
      state: sql`${sql.placeholder('state')}`,
      dueAt: sql`${sql.placeholder('dueAt')}`,
      attemptsMade: sql`${sql.placeholder('attemptsMade')}`,
      retriesMade: sql`${sql.placeholder('retriesMade')}`,
      lastStatus: sql`${sql.placeholder('lastStatus')}`,
      lastError: sql`${sql.placeholder('lastError')}`,
      deliveredAt: sql`${sql.placeholder('deliveredAt')}`,
    })
    .where(
      and(
        eq(deliveries.id, sql.placeholder('id')),
        eq(deliveries.claimed, true),
        eq(deliveries.dueAt, sql.placeholder('leasedUntil')),
      ),
    )
    .returning({ id: deliveries.id })
})

/** Gives up deliveries that wait in a lane, due or not. */
export const giveUpInLane = statement<{ id: string }>('webhook_give_up_in_lane', (tx) => {
  const { webhookDeliveries: deliveries } = tx.tables
  const waiting = tx
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(pendingInLane(tx))
    .orderBy(asc(deliveries.dueAt))
    .limit(sql.placeholder('max'))
  return tx
    .update(deliveries)
    .set({ state: 'failed', dueAt: null, claimed: false, lastError: sql`${sql.placeholder('lastError')}` })
    .where(inArray(deliveries.id, waiting))
    .returning({ id: deliveries.id })
})

/** When the earliest delivery of a lane may be sent, or its lease ends. */
export const earliestInLane = statement<{ dueAt: number }>('webhook_earliest_in_lane', (read) => {
  const { webhookDeliveries: deliveries } = read.tables
  return read
    .select({ dueAt: deliveries.dueAt })
    .from(deliveries)
    .where(pendingInLane(read))
    .orderBy(asc(deliveries.dueAt))
    .limit(1)
})

function pendingInLane({ tables }: Connection) {
  const { webhookDeliveries: deliveries } = tables
  return and(
    isNotNull(deliveries.dueAt),
    eq(deliveries.receiver, sql.placeholder('receiver')),
    eq(deliveries.accountId, sql.placeholder('accountId')),
  )
}
