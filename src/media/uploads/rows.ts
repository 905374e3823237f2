// Rows of uploads that we keep: each is inserted before its file is written, and deleted after the file is.
import { and, asc, eq, gt, inArray, lte, sql } from '../../db/drizzle.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import type { Tables } from '../../db/tables.ts'

export type UploadRow = Tables['uploads']['$inferSelect']

export interface UploadTotals {
  readonly files: number
  readonly bytes: number
  /** When the next one expires; null if there are none. */
  readonly firstDueAt: number | null
}

/** Totals of one account, including uploads being written or removed: they use space too. */
export const uploadTotals = statement<UploadTotals>('upload_totals', (read) => {
  const { uploads } = read.tables
  return read
    .select({
      files: sql<number>`count(*)`,
      bytes: sql<number>`coalesce(sum(${uploads.bytes}), 0)`,
      firstDueAt: sql<number | null>`min(${uploads.dueAt})`,
    })
    .from(uploads)
    .where(eq(uploads.accountId, sql.placeholder('accountId')))
})

export async function insertUpload(tx: Tx, row: Omit<UploadRow, 'state'>): Promise<void> {
  await tx.insert(tx.tables.uploads).values({ ...row, state: 'writing' })
}

/** False if its writer was presumed dead meanwhile: then the file is being removed. */
export async function markUploadKept(tx: Tx, name: string, dueAt: number): Promise<boolean> {
  const { uploads } = tx.tables
  const marked = await tx
    .update(uploads)
    .set({ state: 'kept', dueAt })
    .where(and(eq(uploads.name, name), eq(uploads.state, 'writing')))
    .returning({ name: uploads.name })
  return marked.length > 0
}

/** The servable upload of this name; none while it is being written or removed. */
export const uploadByName = statement<UploadRow>('upload_by_name', (read) => {
  const { uploads } = read.tables
  return read
    .select()
    .from(uploads)
    .where(and(eq(uploads.name, sql.placeholder('name')), eq(uploads.state, 'kept')))
    .limit(1)
})

/** Expired uploads, and those that a crash left half-written or half-removed. */
export const uploadsDue = statement<Pick<UploadRow, 'name'>>('uploads_due', (read) => {
  const { uploads } = read.tables
  return read
    .select({ name: uploads.name })
    .from(uploads)
    .where(lte(uploads.dueAt, sql.placeholder('nowMs')))
    .orderBy(asc(uploads.dueAt))
    .limit(sql.placeholder('limit'))
})

/** Stops serving them. Returns those that are still due. */
export async function beginUploadRemoval(
  tx: Tx,
  names: readonly string[],
  { nowMs, againAt }: { readonly nowMs: number; readonly againAt: number },
): Promise<UploadRow[]> {
  const { uploads } = tx.tables
  return await tx
    .update(uploads)
    .set({ state: 'removing', dueAt: againAt })
    .where(and(inArray(uploads.name, [...names]), lte(uploads.dueAt, nowMs)))
    .returning()
}

/** For an upload whose URL was never given out: makes it removable before it expires. */
export async function giveUpUpload(tx: Tx, name: string, againAt: number): Promise<void> {
  const { uploads } = tx.tables
  await tx.update(uploads).set({ state: 'removing', dueAt: againAt }).where(eq(uploads.name, name))
}

/** Its time is over: it is removed like one that was kept long enough. Null: every one of the account. */
export async function expireUploads(
  tx: Tx,
  of: { readonly accountId: string; readonly name: string | null; readonly nowMs: number },
): Promise<void> {
  const { uploads } = tx.tables
  const { accountId, name, nowMs } = of
  await tx
    .update(uploads)
    .set({ dueAt: nowMs })
    .where(
      and(
        eq(uploads.accountId, accountId),
        name === null ? undefined : eq(uploads.name, name),
        eq(uploads.state, 'kept'),
        gt(uploads.dueAt, nowMs),
      ),
    )
}

/** Call it when the file is gone. */
export async function forgetUpload(tx: Tx, name: string): Promise<void> {
  const { uploads } = tx.tables
  await tx.delete(uploads).where(and(eq(uploads.name, name), eq(uploads.state, 'removing')))
}

/** The subset of `names` that are uploads in the store. */
export async function knownUploads(read: Connection, names: readonly string[]): Promise<string[]> {
  const { uploads } = read.tables
  const rows = await read
    .select({ name: uploads.name })
    .from(uploads)
    .where(inArray(uploads.name, [...names]))
  return rows.map(({ name }) => name)
}
