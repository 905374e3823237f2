// Orders whose clients wait on one connection without an Idempotency-Key: found again by an equal request.
import { and, asc, eq, gt, isNotNull, lte, sql } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'

const minuteMs = 60_000
/** An order that takes its longest, and time for a person to try again. */
const claimableForMs = 120 * minuteMs
/** After an answer was sent completely. SDKs try again within a minute. */
const redeliverableForMs = 2 * minuteMs

/** Under what an order is found again. */
export interface Parking {
  /** SHA-256 of path, fields and files. */
  readonly fingerprint: string
  /** How often the client had tried before. */
  readonly retryCount: number
}

export interface ParkedOrder {
  readonly requestId: string
  readonly retryCount: number
  /** Null: no client has received its result. */
  readonly deliveredAt: number | null
}

/** Orders that expire up to this time are gone; none while the clock is not trusted. */
const goneUntil = ({ clock, time }: Pick<Context, 'clock' | 'time'>): number =>
  time.mayEnd(claimableForMs) ? clock.now() : -1

interface NewParking extends Parking {
  readonly requestId: string
  readonly accountId: string
  readonly nowMs: number
}

/** Call it in the transaction that stores the order. */
export async function parkOrder(tx: Tx, { nowMs, ...order }: NewParking): Promise<void> {
  await parkedInsert(tx, { ...order, expiresAt: nowMs + claimableForMs })
}

const parkedInsert = statement('parked_insert', (tx) =>
  tx.insert(tx.tables.parkedOrders).values({
    requestId: sql.placeholder('requestId'),
    accountId: sql.placeholder('accountId'),
    fingerprint: sql.placeholder('fingerprint'),
    retryCount: sql.placeholder('retryCount'),
    expiresAt: sql.placeholder('expiresAt'),
  }),
)

/** The orders of an account under a fingerprint, oldest first. */
export async function parkedOrders(
  ctx: Context,
  { accountId, fingerprint }: { readonly accountId: string; readonly fingerprint: string },
): Promise<ParkedOrder[]> {
  return await parkedAlike(ctx.db.read, { accountId, fingerprint, goneUntil: goneUntil(ctx) })
}

const parkedAlike = statement<ParkedOrder>('parked_alike', (read) => {
  const { parkedOrders: parked } = read.tables
  return read
    .select(columns(read))
    .from(parked)
    .where(
      and(
        eq(parked.accountId, sql.placeholder('accountId')),
        eq(parked.fingerprint, sql.placeholder('fingerprint')),
        gt(parked.expiresAt, sql.placeholder('goneUntil')),
      ),
    )
    .orderBy(asc(parked.requestId))
})

/** Whether a request of this account may be about an order that it has made already. */
export async function hasParkedOrder(ctx: Context, accountId: string): Promise<boolean> {
  const found = await parkedOfAccount(ctx.db.read, { accountId, goneUntil: goneUntil(ctx) })
  return found.length > 0
}

const parkedOfAccount = statement<Pick<ParkedOrder, 'requestId'>>('parked_of_account', (read) => {
  const { parkedOrders: parked } = read.tables
  return read
    .select({ requestId: parked.requestId })
    .from(parked)
    .where(
      and(
        gt(parked.expiresAt, sql.placeholder('goneUntil')),
        eq(parked.accountId, sql.placeholder('accountId')),
      ),
    )
    .limit(1)
})

/** As it is now. */
export async function parkedOrder(ctx: Context, requestId: string): Promise<ParkedOrder | null> {
  const [order] = await parkedById(ctx.db.read, { requestId })
  return order ?? null
}

const parkedById = statement<ParkedOrder>('parked_by_id', (read) => {
  const { parkedOrders: parked } = read.tables
  return read
    .select(columns(read))
    .from(parked)
    .where(eq(parked.requestId, sql.placeholder('requestId')))
})

function columns({ tables: { parkedOrders: parked } }: Connection) {
  return { requestId: parked.requestId, retryCount: parked.retryCount, deliveredAt: parked.deliveredAt }
}

/** Its client has its result: soon only a retry of the attempt that was answered could ask for it again. */
export async function markDelivered(ctx: Context, requestId: string, retryCount: number): Promise<void> {
  const deliveredAt = ctx.clock.now()
  await ctx.db.transaction(async (tx) => {
    const { parkedOrders: parked } = tx.tables
    await tx
      .update(parked)
      .set({ deliveredAt, retryCount, expiresAt: deliveredAt + redeliverableForMs })
      .where(eq(parked.requestId, requestId))
  })
}

/** The answer has not arrived after all. */
export async function markUndelivered(ctx: Context, requestId: string): Promise<void> {
  const expiresAt = ctx.clock.now() + claimableForMs
  await ctx.db.transaction(async (tx) => {
    const { parkedOrders: parked } = tx.tables
    await tx
      .update(parked)
      .set({ deliveredAt: null, expiresAt })
      .where(and(eq(parked.requestId, requestId), isNotNull(parked.deliveredAt)))
  })
}

/** Deletes up to `limit` orders that nobody can claim any more from the list of parked ones. */
export async function forgetParked(ctx: Context, limit: number): Promise<number> {
  const until = goneUntil(ctx)
  const expired = await parkedExpired(ctx.db.read, { until, limit })
  if (expired.length === 0) return 0
  const cleanUp = async (tx: Tx) => {
    for (const { requestId } of expired) await parkedForget(tx, { requestId, until })
  }
  await ctx.db.transaction(cleanUp, { mayDelay: true })
  return expired.length
}

const parkedExpired = statement<Pick<ParkedOrder, 'requestId'>>('parked_expired', (read) => {
  const { parkedOrders: parked } = read.tables
  return read
    .select({ requestId: parked.requestId })
    .from(parked)
    .where(lte(parked.expiresAt, sql.placeholder('until')))
    .orderBy(asc(parked.expiresAt))
    .limit(sql.placeholder('limit'))
})

/** Unless it was marked as undelivered since it was found. */
const parkedForget = statement('parked_forget', (tx) => {
  const { parkedOrders: parked } = tx.tables
  return tx
    .delete(parked)
    .where(
      and(
        eq(parked.requestId, sql.placeholder('requestId')),
        lte(parked.expiresAt, sql.placeholder('until')),
      ),
    )
})
