// Remembers in the store when it was last copied.
import type { Connection, Tx } from '../db/database.ts'
import { eq } from '../db/drizzle.ts'

/** There is one row. */
const only = 1

/** Null: it was never copied, or it was by tools of others. */
export async function copiedAt(read: Connection): Promise<number | null> {
  const { copies } = read.tables
  const [row] = await read.select().from(copies).where(eq(copies.id, only))
  return row?.madeAt ?? null
}

export async function noteCopy(tx: Tx, nowMs: number): Promise<void> {
  const { copies } = tx.tables
  await tx
    .insert(copies)
    .values({ id: only, madeAt: nowMs })
    .onConflictDoUpdate({ target: copies.id, set: { madeAt: nowMs } })
}
