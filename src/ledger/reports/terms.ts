// What a credit sold for, and in which currency costs were counted: kept with the store, so that no later change of the file moves figures of before.
import { desc, sql } from '../../db/drizzle.ts'
import type { ReportingConfig } from '../../config/config.ts'
import type { Connection, Database } from '../../db/database.ts'
import { quarterMs } from '../../db/tables.ts'
import type { Tables } from '../../db/tables.ts'

/** In force from a quarter on. */
export type Terms = Tables['reportingTerms']['$inferSelect']

const millionths = 1_000_000

const stated = ({ currency, creditValue }: ReportingConfig): Omit<Terms, 'since'> => ({
  currency,
  // The configuration has at most six decimals.
  creditValue: creditValue === null ? null : Math.round(creditValue * millionths),
})

const isSame = (one: Omit<Terms, 'since'>, other: Omit<Terms, 'since'>): boolean =>
  one.currency === other.currency && one.creditValue === other.creditValue

/** Oldest first; the last are those of the configuration, from now on if they are new. */
export async function termsIn(
  read: Connection,
  { reporting, nowMs }: { readonly reporting: ReportingConfig; readonly nowMs: number },
): Promise<Terms[]> {
  const { reportingTerms } = read.tables
  const kept = await read.select().from(reportingTerms).orderBy(reportingTerms.since)
  const now = stated(reporting)
  const last = kept.at(-1)
  if (last && isSame(last, now)) return kept
  const since = last ? Math.floor(nowMs / quarterMs) : 0
  return [...kept.filter((each) => each.since < since), { since, ...now }]
}

/**
 * Notes the terms of the configuration, at a start. The first that are stated are for everything before, too; others
 * are for the quarter of an hour in which they are noted, and later.
 */
export async function noteTerms(
  db: Pick<Database, 'transaction'>,
  { reporting, nowMs }: { readonly reporting: ReportingConfig; readonly nowMs: number },
): Promise<void> {
  const now = stated(reporting)
  await db.transaction(async (tx) => {
    const { reportingTerms } = tx.tables
    const [last] = await tx.select().from(reportingTerms).orderBy(desc(reportingTerms.since)).limit(1)
    if (last ? isSame(last, now) : now.currency === null && now.creditValue === null) return
    // Not before the last ones: a clock that was set back changes nothing of before.
    const since = last ? Math.max(last.since, Math.floor(nowMs / quarterMs)) : 0
    const set = { currency: sql`excluded.currency`, creditValue: sql`excluded.credit_value` }
    await tx
      .insert(reportingTerms)
      .values({ since, ...now })
      .onConflictDoUpdate({ target: reportingTerms.since, set })
  })
}
