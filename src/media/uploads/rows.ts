// The rows of uploads that we keep: each is there before its file, and goes after it.
import { and, asc, eq, inArray, lte, sql } from '../../db/drizzle.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import type { Tables } from '../../db/tables.ts'

export type UploadRow = Tables['uploads']['$inferSelect']

export interface UploadTotals {
  readonly files: number
  readonly bytes: number
  /** When the oldest goes; null where there is none. */
  readonly firstDueAt: number | null
}

/** Of one account, with those that are being written or removed: they take room too. */
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

/** False where its writer was taken for gone meanwhile: then the file is being removed. */
export async function markUploadKept(tx: Tx, name: string, dueAt: number): Promise<boolean> {
  const { uploads } = tx.tables
  const marked = await tx
    .update(uploads)
    .set({ state: 'kept', dueAt })
    .where(and(eq(uploads.name, name), eq(uploads.state, 'writing')))
    .returning({ name: uploads.name })
  return marked.length > 0
}

/** The upload of this name that is served; none while it is written, and none once it is to be removed. */
export const uploadByName = statement<UploadRow>('upload_by_name', (read) => {
  const { uploads } = read.tables
  return read
    .select()
    .from(uploads)
    .where(and(eq(uploads.name, sql.placeholder('name')), eq(uploads.state, 'kept')))
    .limit(1)
})

/** Uploads that were kept long enough, and those that a crash left half-written or half-removed. */
export const uploadsDue = statement<Pick<UploadRow, 'name'>>('uploads_due', (read) => {
  const { uploads } = read.tables
  return read
    .select({ name: uploads.name })
    .from(uploads)
    .where(lte(uploads.dueAt, sql.placeholder('nowMs')))
    .orderBy(asc(uploads.dueAt))
    .limit(sql.placeholder('limit'))
})

/** From now on they are not served. Returns those that are due still. */
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

/** Of one that nobody was given the URL of, whenever it would be due. */
export async function giveUpUpload(tx: Tx, name: string, againAt: number): Promise<void> {
  const { uploads } = tx.tables
  await tx.update(uploads).set({ state: 'removing', dueAt: againAt }).where(eq(uploads.name, name))
}

/** The file is gone. */
export async function forgetUpload(tx: Tx, name: string): Promise<void> {
  const { uploads } = tx.tables
  await tx.delete(uploads).where(and(eq(uploads.name, name), eq(uploads.state, 'removing')))
}

/** Which of these files are uploads that the store knows. */
export async function knownUploads(read: Connection, names: readonly string[]): Promise<string[]> {
  const { uploads } = read.tables
  const rows = await read
    .select({ name: uploads.name })
    .from(uploads)
    .where(inArray(uploads.name, [...names]))
  return rows.map(({ name }) => name)
}
