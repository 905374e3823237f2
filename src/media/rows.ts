// Rows of kept files: each is inserted before its file is written, and deleted after the file is.
import { and, asc, eq, inArray, lte, sql } from '../db/drizzle.ts'
import type { Connection, Tx } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import type { Tables } from '../db/tables.ts'

export type MediaRow = Tables['media']['$inferSelect']
export type MediaPart = MediaRow['part']

export async function insertWriting(tx: Tx, row: Omit<MediaRow, 'state'>): Promise<void> {
  await tx.insert(tx.tables.media).values({ ...row, state: 'writing' })
}

/** False if its writer was presumed dead meanwhile: then the file is being removed. */
export async function markKept(tx: Tx, name: string, dueAt: number): Promise<boolean> {
  const { media } = tx.tables
  const marked = await tx
    .update(media)
    .set({ state: 'kept', dueAt })
    .where(and(eq(media.name, name), eq(media.state, 'writing')))
    .returning({ name: media.name })
  return marked.length > 0
}

/** The servable file of this name; none while it is being written or removed. */
export const mediaByName = statement<MediaRow>('media_by_name', (read) => {
  const { media } = read.tables
  return read
    .select()
    .from(media)
    .where(and(eq(media.name, sql.placeholder('name')), eq(media.state, 'kept')))
    .limit(1)
})

/** Which parts of a task's result are kept. */
export async function keptParts(read: Connection, taskId: string): Promise<ReadonlySet<MediaPart>> {
  const { media } = read.tables
  const rows = await read
    .select({ part: media.part })
    .from(media)
    .where(and(eq(media.taskId, taskId), eq(media.state, 'kept')))
  return new Set(rows.map(({ part }) => part))
}

/** Files whose retention is over, and files that a crash left half-written or half-removed. */
export const mediaDue = statement<MediaRow>('media_due', (read) => {
  const { media } = read.tables
  return read
    .select()
    .from(media)
    .where(lte(media.dueAt, sql.placeholder('nowMs')))
    .orderBy(asc(media.dueAt))
    .limit(sql.placeholder('limit'))
})

/** Stops serving them. Returns those that are still due. */
export async function beginRemoval(
  tx: Tx,
  names: readonly string[],
  { nowMs, againAt }: { readonly nowMs: number; readonly againAt: number },
): Promise<MediaRow[]> {
  const { media } = tx.tables
  return await tx
    .update(media)
    .set({ state: 'removing', dueAt: againAt })
    .where(and(inArray(media.name, [...names]), lte(media.dueAt, nowMs)))
    .returning()
}

/** Makes the files of a task due for removal at once. */
export async function endRetention(tx: Tx, taskId: string, nowMs: number): Promise<string[]> {
  const { media } = tx.tables
  const ended = await tx
    .update(media)
    .set({ dueAt: nowMs })
    .where(and(eq(media.taskId, taskId), eq(media.state, 'kept')))
    .returning({ name: media.name })
  return ended.map(({ name }) => name)
}

/** Call it when the file is gone. */
export async function forgetMedia(tx: Tx, name: string): Promise<void> {
  const { media } = tx.tables
  await tx.delete(media).where(and(eq(media.name, name), eq(media.state, 'removing')))
}
