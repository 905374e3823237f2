// Removes the texts of orders that ended longer ago than `privacy.prompts`, in small steps, as a part of the cleanup loop.
import { asc, eq, inArray, lte } from '../../db/drizzle.ts'
import type { Context, TimedTx } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { idTime, stepBackMaxMs } from '../../ids.ts'
import { textsAfter, textsOf } from './due.ts'
import type { TextCandidate } from './due.ts'
import { removeTexts } from './remove.ts'

/** An order is several rows, in some twenty indexes together. */
const rowsOfOrder = 5
/**
 * Orders end at different times after they were made. For one that is not due yet the walk waits this long; then it
 * goes on, and that one is looked at by itself.
 */
const waitsMaxMs = 2 * 60 * 60_000
/** What something still needs is looked at again after this. */
const againMs = 60 * 60_000

/** Returns how many orders it looked at; 0: there is nothing to do now. */
export async function removeOldTexts(ctx: Context, max: number): Promise<number> {
  const { promptsMs } = ctx.config.privacy
  if (promptsMs === null || !ctx.time.mayEnd(promptsMs)) return 0
  const terms = { promptsMs, nowMs: ctx.clock.now(), limit: Math.ceil(max / rowsOfOrder) }
  return (await lookAgain(ctx, terms)) || (await walk(ctx, terms))
}

interface Terms {
  readonly promptsMs: number
  readonly nowMs: number
  readonly limit: number
}

/** By age, from where the last step ended: no order is read twice, and none that is too young. */
async function walk({ db }: Context, terms: Terms): Promise<number> {
  const { promptsMs, nowMs, limit } = terms
  const endedBefore = nowMs - promptsMs
  const after = await walkedTo(db.read)
  // If the clock went back, ids are ahead of their creation time.
  const before = `req_${idTime(endedBefore + stepBackMaxMs)}`
  const found = await textsAfter(db.read, endedBefore, { after, before, limit })
  const stop = found.findIndex((order) => waits(order, endedBefore))
  const passed = stop === -1 ? found : found.slice(0, stop)
  const last = passed.at(-1)
  if (!last) return 0
  await db.transaction(
    async (tx) => {
      await decide({ tx, nowMs }, terms, passed)
      await noteWalked(tx, last.id)
    },
    { mayDelay: true },
  )
  return passed.length
}

const waits = ({ stays, createdAt }: TextCandidate, endedBefore: number): boolean =>
  stays !== null && stays !== 'done' && createdAt > endedBefore - waitsMaxMs

async function lookAgain({ db }: Context, terms: Terms): Promise<number> {
  const { heldTexts } = db.read.tables
  const { nowMs, promptsMs, limit } = terms
  const held = await db.read
    .select({ id: heldTexts.requestId })
    .from(heldTexts)
    .where(lte(heldTexts.dueAt, nowMs))
    .orderBy(asc(heldTexts.dueAt))
    .limit(limit)
  if (held.length === 0) return 0
  const ids = held.map(({ id }) => id)
  await db.transaction(
    async (tx) => {
      const found = await textsOf(tx, nowMs - promptsMs, ids)
      await tx.delete(heldTexts).where(inArray(heldTexts.requestId, ids))
      await decide({ tx, nowMs }, terms, found)
    },
    { mayDelay: true },
  )
  return held.length
}

/** Asks once more in the transaction: meanwhile a late result may have been charged, or another instance been here. */
async function decide(at: TimedTx, { promptsMs }: Terms, found: readonly TextCandidate[]): Promise<void> {
  const { tx, nowMs } = at
  const wanted = found.filter(({ stays }) => stays !== 'done').map(({ id }) => id)
  const now = await textsOf(tx, nowMs - promptsMs, wanted)
  await removeTexts(
    at,
    now.flatMap(({ id, stays }) => (stays === null ? [id] : [])),
  )
  const { heldTexts } = tx.tables
  for (const { id: requestId, stays, finishedAt } of now) {
    if (stays === null || stays === 'done') continue
    const endsAt = stays === 'recent' && finishedAt !== null ? finishedAt + promptsMs + 1 : 0
    const dueAt = Math.max(nowMs + againMs, endsAt)
    await tx.insert(heldTexts).values({ requestId, dueAt }).onConflictDoNothing()
  }
}

async function walkedTo(read: Connection): Promise<string> {
  const { textRemovals } = read.tables
  const [row] = await read
    .select({ after: textRemovals.after })
    .from(textRemovals)
    .where(eq(textRemovals.id, onlyRow))
  return row?.after ?? ''
}

const onlyRow = 1

async function noteWalked(tx: Tx, after: string): Promise<void> {
  const { textRemovals } = tx.tables
  await tx
    .insert(textRemovals)
    .values({ id: onlyRow, after })
    .onConflictDoUpdate({ target: textRemovals.id, set: { after } })
}
