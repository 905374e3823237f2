// Removes sessions that are over.
import { and, eq, lte } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import type { Connection, Tx } from '../db/database.ts'

/** Returns how many were found. */
export async function forgetSessions({ db, clock }: Context, max: number): Promise<number> {
  const isOver = (read: Connection) => lte(read.tables.sessions.endsAt, clock.now())
  const { sessions } = db.read.tables
  const rows = await db.read.select({ hash: sessions.hash }).from(sessions).where(isOver(db.read)).limit(max)
  if (rows.length === 0) return 0
  const forget = async (tx: Tx) => {
    for (const { hash } of rows) {
      await tx.delete(tx.tables.sessions).where(and(eq(tx.tables.sessions.hash, hash), isOver(tx)))
    }
  }
  await db.transaction(forget, { mayDelay: true })
  return rows.length
}
