// Goes through what an erased account has left, in small steps that any gateway can go on with.
import { and, asc, eq, gt, gte, inArray, isNotNull, isNull, or } from '../db/drizzle.ts'
import type { TimedTx } from '../context.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import { forfeit } from '../ledger/refund.ts'
import { expireUploads } from '../media/uploads/rows.ts'
import { eraseActs } from './acts.ts'
import { closeKeys, removeSettings } from './begin.ts'
import { eraseAgain } from './list.ts'
import { eraseOrders } from './orders.ts'

type Erasure = Tables['erasures']['$inferSelect']

/** What a step led to. `waits`: for tasks to end, or for files to be removed. */
type Step = { readonly kind: 'more'; readonly after: string } | { readonly kind: 'done' | 'waits' }

type Stage = (at: TimedTx, of: Pick<Erasure, 'accountId' | 'after'>) => Promise<Step>

const rowsOfStep = 50
const entriesOfStep = 500

const done: Step = { kind: 'done' }
const waits: Step = { kind: 'waits' }
const behind = (last: string | null): Step => (last === null ? done : { kind: 'more', after: last })

/** Their numbers stand in the store: new ones go to the end, before `lastLook`. */
const stages: readonly Stage[] = [
  async (at, of) => behind((await eraseOrders(at, of)).last),
  eraseDeliveries,
  eraseNotes,
  async ({ tx }, of) => behind(await eraseActs(tx, of)),
  eraseRest,
  lastLook,
]

/** One step of the oldest erasure that has something to do. Returns 0 if none has. */
export async function eraseNext(db: Database, nowMs: number): Promise<number> {
  const { erasures } = db.read.tables
  const open = await db.read
    .select()
    .from(erasures)
    // The second condition is true of all: with it the index of open ones is searched.
    .where(and(isNull(erasures.finishedAt), gte(erasures.begunAt, 0)))
    .orderBy(asc(erasures.begunAt))
  for (const { accountId } of open) {
    const moved = await db.transaction(async (tx) => await eraseSome({ tx, nowMs }, accountId), {
      mayDelay: true,
    })
    if (moved) return 1
  }
  return 0
}

/**
 * For a store that nobody serves: erases in it what it does not know of, as far as nothing is open. Returns the ids of the
 * accounts that were there.
 */
export async function eraseAtOnce(db: Database, ids: readonly string[], nowMs: number): Promise<string[]> {
  const begun = await eraseAgain(db, ids, nowMs)
  while ((await eraseNext(db, nowMs)) > 0);
  return begun
}

/** Asks where it stands in the transaction: another gateway may have gone on with it. */
async function eraseSome(at: TimedTx, accountId: string): Promise<boolean> {
  const { tx, nowMs } = at
  const { erasures } = tx.tables
  const [erasure] = await tx.select().from(erasures).where(eq(erasures.accountId, accountId))
  if (erasure?.finishedAt !== null) return false
  const { stage, after } = erasure
  const step = await (stages[stage] ?? lastLook)(at, erasure)
  if (step.kind === 'waits') return false
  const isLast = step.kind === 'done' && stage >= stages.length - 1
  const next = step.kind === 'more' ? { after: step.after } : { stage: stage + 1, after: '' }
  await tx
    .update(erasures)
    .set(isLast ? { finishedAt: nowMs } : next)
    .where(and(eq(erasures.accountId, accountId), eq(erasures.stage, stage), eq(erasures.after, after)))
  return true
}

async function eraseDeliveries(
  { tx }: TimedTx,
  { accountId, after }: Pick<Erasure, 'accountId' | 'after'>,
): Promise<Step> {
  const { webhookDeliveries: deliveries } = tx.tables
  const found = await tx
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(and(eq(deliveries.accountId, accountId), gt(deliveries.id, after)))
    .orderBy(asc(deliveries.id))
    .limit(rowsOfStep)
  const ids = found.map(({ id }) => id)
  await tx.delete(deliveries).where(inArray(deliveries.id, ids))
  return behind(ids.at(-1) ?? null)
}

/** Entries stay, as the ledger needs them: amounts, kinds and balances. */
async function eraseNotes(
  { tx }: TimedTx,
  { accountId, after }: Pick<Erasure, 'accountId' | 'after'>,
): Promise<Step> {
  const { entries } = tx.tables
  const found = await tx
    .select({ id: entries.id })
    .from(entries)
    .where(and(eq(entries.accountId, accountId), gt(entries.id, Number(after))))
    .orderBy(asc(entries.id))
    .limit(entriesOfStep)
  const ids = found.map(({ id }) => id)
  await tx
    .update(entries)
    .set({ privateNote: null, publicNote: null })
    .where(and(inArray(entries.id, ids), or(isNotNull(entries.privateNote), isNotNull(entries.publicNote))))
  const last = ids.at(-1)
  return behind(last === undefined ? null : String(last))
}

async function eraseRest({ tx, nowMs }: TimedTx, { accountId }: Pick<Erasure, 'accountId'>): Promise<Step> {
  const { alerts, codeTries, idempotency, parkedOrders, webhookLanes } = tx.tables
  const keys = await tx
    .select({ key: idempotency.key })
    .from(idempotency)
    .where(eq(idempotency.accountId, accountId))
    .limit(rowsOfStep)
  const ofKeys = inArray(
    idempotency.key,
    keys.map(({ key }) => key),
  )
  await tx.delete(idempotency).where(and(eq(idempotency.accountId, accountId), ofKeys))
  if (keys.length === rowsOfStep) return { kind: 'more', after: keys.at(-1)?.key ?? '' }
  await tx.delete(parkedOrders).where(eq(parkedOrders.accountId, accountId))
  await tx.delete(codeTries).where(eq(codeTries.who, `account ${accountId}`))
  await tx.update(alerts).set({ facts: {} }).where(eq(alerts.subject, accountId))
  await tx.delete(webhookLanes).where(eq(webhookLanes.accountId, accountId))
  await expireUploads(tx, { accountId, name: null, nowMs })
  return done
}

/**
 * Goes through the orders once more, and ends only when nothing is left: what was under way when it began (a create, an
 * upload, a download, a key, a password) may have been committed behind it.
 */
async function lastLook(at: TimedTx, of: Pick<Erasure, 'accountId' | 'after'>): Promise<Step> {
  const { tx, nowMs } = at
  const { accountId } = of
  const { last, isLeft } = await eraseOrders(at, of)
  if (isLeft) return waits
  if (last !== null) return { kind: 'more', after: last }
  await eraseRest(at, of)
  if (await hasUploads(tx, accountId)) return waits
  await closeKeys(at, accountId)
  await removeSettings(tx, accountId)
  await forfeit({ tx, nowMs }, accountId)
  return done
}

async function hasUploads(tx: Tx, accountId: string): Promise<boolean> {
  const { uploads } = tx.tables
  const [left] = await tx
    .select({ name: uploads.name })
    .from(uploads)
    .where(eq(uploads.accountId, accountId))
    .limit(1)
  return left !== undefined
}
