// What operators did, for whoever looks through it.
import { and, desc, eq, lt } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'

export type ActRow = Tables['acts']['$inferSelect']

export interface ActFilter {
  readonly actor: string | null
  /** The id of what was changed. */
  readonly target: string | null
  /** The number of the last act of the page before. */
  readonly before: number | null
  readonly limit: number
}

/** Newest first; one more than `limit` if another page follows. */
export async function listActs(read: Connection, filter: ActFilter): Promise<ActRow[]> {
  const { acts } = read.tables
  const { actor, target, before, limit } = filter
  const wanted = [
    ...(actor === null ? [] : [eq(acts.actor, actor)]),
    ...(target === null ? [] : [eq(acts.target, target)]),
    ...(before === null ? [] : [lt(acts.id, before)]),
  ]
  return await read
    .select()
    .from(acts)
    .where(and(...wanted))
    .orderBy(desc(acts.id))
    .limit(limit + 1)
}
