// The rows of webhooks, and the statements that stand in the way of every task's end and every delivery.
import { and, asc, eq, gt, isNotNull, isNull, lte, or, sql } from '../db/drizzle.ts'
import { statement } from '../db/statement.ts'
import type { Tables } from '../db/tables.ts'

export type EndpointRow = Tables['webhookEndpoints']['$inferSelect']
export type SecretRow = Tables['webhookSecrets']['$inferSelect']
export type DeliveryRow = Tables['webhookDeliveries']['$inferSelect']

/** By itself: joined with the account's URL, it costs SQLite five times what the two looks cost. */
export const callbackUrlOf = statement<{ callbackUrl: string | null }>('webhook_callback_url', (read) => {
  const { requests } = read.tables
  return read
    .select({ callbackUrl: requests.callbackUrl })
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

/** Those that sign now, the newest first. */
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

/** Anything at all to do, asked before lanes are walked. */
export const firstDue = statement<{ id: string }>('webhook_first_due', (read) => {
  const { webhookDeliveries } = read.tables
  return read
    .select({ id: webhookDeliveries.id })
    .from(webhookDeliveries)
    .where(and(isNotNull(webhookDeliveries.dueAt), lte(webhookDeliveries.dueAt, sql.placeholder('nowMs'))))
    .limit(1)
})

/** The deliveries of one account to one receiver wait in one line. */
export interface Lane {
  readonly receiver: string
  readonly accountId: string
}

/** The lane after another, in the order of their names, found without walking along either. */
export const laneAfter = statement<Lane>('webhook_lane_after', (read) => {
  const { webhookDeliveries: deliveries } = read.tables
  const after = sql`(${sql.placeholder('receiver')}, ${sql.placeholder('accountId')})`
  return read
    .select({ receiver: deliveries.receiver, accountId: deliveries.accountId })
    .from(deliveries)
    .where(
      and(isNotNull(deliveries.dueAt), sql`(${deliveries.receiver}, ${deliveries.accountId}) > ${after}`),
    )
    .orderBy(asc(deliveries.receiver), asc(deliveries.accountId))
    .limit(1)
})

export const dueInLane = statement<{ id: string }>('webhook_due_in_lane', (read) => {
  const { webhookDeliveries: deliveries } = read.tables
  return read
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        isNotNull(deliveries.dueAt),
        eq(deliveries.receiver, sql.placeholder('receiver')),
        eq(deliveries.accountId, sql.placeholder('accountId')),
        lte(deliveries.dueAt, sql.placeholder('nowMs')),
      ),
    )
    .orderBy(asc(deliveries.dueAt))
    .limit(sql.placeholder('max'))
})
