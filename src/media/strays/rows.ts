// Rows of stray files, that is, files without a row: noted when first seen, removed after a grace period.
import { and, asc, eq, inArray, lte, notInArray } from '../../db/drizzle.ts'
import type { Connection, Tx } from '../../db/database.ts'
import type { Tables } from '../../db/tables.ts'
import { knownUploads } from '../uploads/rows.ts'

export type Stray = Tables['strays']['$inferSelect']

/** The subset of `names` that the store knows. */
export async function knownNames(read: Connection, names: readonly string[]): Promise<ReadonlySet<string>> {
  const { media } = read.tables
  const rows = await read
    .select({ name: media.name })
    .from(media)
    .where(inArray(media.name, [...names]))
  return new Set([...rows.map(({ name }) => name), ...(await knownUploads(read, names))])
}

/** Strays noted before keep their time. Returns how many are new. */
export async function noteStrays(tx: Tx, strays: readonly Stray[]): Promise<number> {
  if (strays.length === 0) return 0
  const rows = await tx
    .insert(tx.tables.strays)
    .values([...strays])
    .onConflictDoNothing()
    .returning({ name: tx.tables.strays.name })
  return rows.length
}

/** Oldest first, without `except`: files that could not be removed in this pass. */
export async function straysBefore(
  read: Connection,
  { seenBefore, limit, except }: { seenBefore: number; limit: number; except: readonly string[] },
): Promise<Stray[]> {
  const { strays } = read.tables
  return await read
    .select()
    .from(strays)
    .where(and(lte(strays.seenAt, seenBefore), notInArray(strays.name, [...except])))
    .orderBy(asc(strays.seenAt))
    .limit(limit)
}

export async function forgetStray(tx: Tx, name: string): Promise<void> {
  await tx.delete(tx.tables.strays).where(eq(tx.tables.strays.name, name))
}
