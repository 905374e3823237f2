// Links that open one session: made for an account, used up by the first that brings one.
import { and, eq, gt, lte } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import type { Connection, Tx } from '../db/database.ts'
import { hashOfToken, looksLikeToken } from './tokens.ts'

/** The account of a link, which is used up by it; null: there is none, or it is used or expired. */
export async function useLink(tx: Tx, token: string, nowMs: number): Promise<string | null> {
  if (!looksLikeToken(token)) return null
  const { signInLinks } = tx.tables
  const isOpen = and(eq(signInLinks.hash, hashOfToken(token)), gt(signInLinks.expiresAt, nowMs))
  // Of a hundred that come at once one deletes the row.
  const [link] = await tx.delete(signInLinks).where(isOpen).returning()
  return link?.accountId ?? null
}

/** Deletes expired links. Returns how many were found. */
export async function forgetLinks({ db, clock }: Context, max: number): Promise<number> {
  const isOver = (read: Connection) => lte(read.tables.signInLinks.expiresAt, clock.now())
  const { signInLinks } = db.read.tables
  const rows = await db.read
    .select({ hash: signInLinks.hash })
    .from(signInLinks)
    .where(isOver(db.read))
    .limit(max)
  if (rows.length === 0) return 0
  const forget = async (tx: Tx) => {
    for (const { hash } of rows) {
      await tx.delete(tx.tables.signInLinks).where(and(eq(tx.tables.signInLinks.hash, hash), isOver(tx)))
    }
  }
  await db.transaction(forget, { mayDelay: true })
  return rows.length
}
