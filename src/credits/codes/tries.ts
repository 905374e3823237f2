// Bounds wrong codes by account and by address, over all instances: the store counts them.
import { and, eq, inArray, lte, sql } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'

const hourMs = 60 * 60_000
/** Clocks of instances differ, and a try may wait for the store: an hour that ends later was begun by a wrong clock. */
const longestMs = 2 * hourMs
/** Enough for a customer who types a batch from paper. */
const ofAccountMax = 20
/** Enough for an office behind one address; of 99 bits nobody guesses one with it either. */
const ofAddressMax = 200

export interface Guesser {
  readonly accountId: string
  readonly address: string
  readonly nowMs: number
}

const boundsOf = ({ accountId, address }: Guesser): ReadonlyMap<string, number> =>
  new Map([
    [`account ${accountId}`, ofAccountMax],
    [`address ${address}`, ofAddressMax],
  ])

/** How long to wait before the next try; null: not at all. */
export async function waitOf(tx: Tx, guesser: Guesser): Promise<number | null> {
  const { codeTries } = tx.tables
  const { nowMs } = guesser
  const bounds = boundsOf(guesser)
  const rows = await tx
    .select()
    .from(codeTries)
    .where(inArray(codeTries.who, [...bounds.keys()]))
  const waits = rows
    .filter(({ endsAt }) => endsAt > nowMs && endsAt <= nowMs + longestMs)
    .filter(({ who, tries }) => tries >= (bounds.get(who) ?? 0))
    .map(({ endsAt }) => endsAt - nowMs)
  return waits.length === 0 ? null : Math.max(...waits)
}

export async function countWrong(tx: Tx, guesser: Guesser): Promise<void> {
  const { codeTries } = tx.tables
  const { nowMs } = guesser
  const isOver = sql`(${codeTries.endsAt} <= ${nowMs} OR ${codeTries.endsAt} > ${nowMs + longestMs})`
  for (const who of boundsOf(guesser).keys()) {
    await tx
      .insert(codeTries)
      .values({ who, endsAt: nowMs + hourMs, tries: 1 })
      .onConflictDoUpdate({
        target: codeTries.who,
        set: {
          tries: sql`CASE WHEN ${isOver} THEN 1 ELSE ${codeTries.tries} + 1 END`,
          endsAt: sql`CASE WHEN ${isOver} THEN ${nowMs + hourMs} ELSE ${codeTries.endsAt} END`,
        },
      })
  }
}

/** Deletes counts of hours that are over. Returns how many were found. */
export async function forgetTries(ctx: Context, max: number): Promise<number> {
  const { codeTries } = ctx.db.read.tables
  const over = lte(codeTries.endsAt, ctx.clock.now())
  const rows = await ctx.db.read.select({ who: codeTries.who }).from(codeTries).where(over).limit(max)
  if (rows.length === 0) return 0
  const forget = async (tx: Tx) => {
    for (const { who } of rows) await tx.delete(codeTries).where(and(eq(codeTries.who, who), over))
  }
  await ctx.db.transaction(forget, { mayDelay: true })
  return rows.length
}
