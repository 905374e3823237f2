// Reads a store's kept files page by page, also of other versions: uses only columns that all versions have.
import { sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'

export interface KeptFile {
  readonly name: string
  readonly bytes: number
}

interface Page {
  readonly after: string
  readonly limit: number
  /** Files due for removal by this time are left out. */
  readonly dueAfter: number
}

/** Ordered by name, and thus folder by folder. */
export async function keptOnDisk(
  read: Connection,
  { after, limit, dueAfter }: Page,
): Promise<readonly KeptFile[]> {
  const ofResults = sql`SELECT name, bytes FROM media
    WHERE store = 'disk' AND state = 'kept' AND due_at > ${dueAfter} AND name > ${after}`
  const ofUploads = sql`UNION ALL SELECT name, bytes FROM uploads
    WHERE state = 'kept' AND due_at > ${dueAfter} AND name > ${after}`
  const more = (await read.hasTable('uploads')) ? ofUploads : sql``
  return await read.rows<KeptFile>(sql`${ofResults} ${more} ORDER BY name LIMIT ${limit}`)
}

/** Those of `names` (at least one, at most a page) that are still kept. */
export async function stillKept(read: Connection, names: readonly string[]): Promise<string[]> {
  const list = sql.join(
    names.map((name) => sql`${name}`),
    sql`, `,
  )
  const among = sql`state = 'kept' AND name IN (${list})`
  const more = (await read.hasTable('uploads'))
    ? sql`UNION ALL SELECT name FROM uploads WHERE ${among}`
    : sql``
  const rows = await read.rows<Pick<KeptFile, 'name'>>(sql`SELECT name FROM media WHERE ${among} ${more}`)
  return rows.map(({ name }) => name)
}

export async function countInBucket(read: Connection): Promise<number> {
  const [row] = await read.rows<{ count: number }>(
    sql`SELECT count(*) AS count FROM media WHERE store = 's3' AND state = 'kept'`,
  )
  return row?.count ?? 0
}

/** False for a store from a version that did not keep files. */
export const hasFiles = async (read: Connection): Promise<boolean> => await read.hasTable('media')
