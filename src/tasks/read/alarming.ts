// What alerts ask about orders: counts that no scan is needed for.
import { and, count, gt, inArray, sql } from '../../db/drizzle.ts'
import type { Connection } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { idTime } from '../../ids.ts'
import { stats } from './stats.ts'

/** How many tasks there are in each state, over all accounts; a state that none has is left out. */
export const tasksByState = async (read: Connection): Promise<Readonly<Record<string, number>>> =>
  (await stats(read)).tasks

export interface LateWorks {
  readonly works: number
  /** What the customers had been charged for them, and got back. */
  readonly credits: number
}

/** Works that the upstream made after their refund, since then. Ids sort by age, so only those are read. */
export async function lateWorksSince(read: Connection, sinceMs: number): Promise<LateWorks> {
  const [found] = await lateOrphans(read, { after: `orph_${idTime(sinceMs)}` })
  return { works: found?.works ?? 0, credits: found?.credits ?? 0 }
}

const lateOrphans = statement<LateWorks>('orphans_late_since', (read) => {
  const { orphans } = read.tables
  return read
    .select({
      works: count().as('works'),
      credits: sql`coalesce(sum(${orphans.credits}), 0)`.mapWith(Number).as('credits'),
    })
    .from(orphans)
    .where(
      and(gt(orphans.id, sql.placeholder('after')), inArray(orphans.reason, ['late_success', 'late_accept'])),
    )
})
