// The files that a store speaks of, a page at a time; also of a store of another version, by words that all share.
import { sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'

export interface KeptFile {
  readonly name: string
  readonly bytes: number
}

interface Page {
  readonly after: string
  readonly limit: number
  /** Files that were kept long enough by then are left out. */
  readonly dueAfter: number
}

/** In the order of their names, and so folder by folder. */
export async function keptOnDisk(
  read: Connection,
  { after, limit, dueAfter }: Page,
): Promise<readonly KeptFile[]> {
  return await read.rows<KeptFile>(
    sql`SELECT name, bytes FROM media WHERE store = 'disk' AND state = 'kept' AND due_at > ${dueAfter} AND name > ${after}
      ORDER BY name LIMIT ${limit}`,
  )
}

/** Of these, those that are kept still. */
export async function stillKept(read: Connection, names: readonly string[]): Promise<string[]> {
  const rows = await read.rows<Pick<KeptFile, 'name'>>(
    sql`SELECT name FROM media WHERE state = 'kept' AND name IN (SELECT value FROM json_each(${JSON.stringify(names)}))`,
  )
  return rows.map(({ name }) => name)
}

export async function countInBucket(read: Connection): Promise<number> {
  const [row] = await read.rows<{ count: number }>(
    sql`SELECT count(*) AS count FROM media WHERE store = 's3' AND state = 'kept'`,
  )
  return row?.count ?? 0
}

/** False of a store from before files were kept. */
export async function hasFiles(read: Connection): Promise<boolean> {
  const rows = await read.rows<unknown>(
    sql`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'media'`,
  )
  return rows.length > 0
}
