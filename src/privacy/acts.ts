// Of an erased account: what operators did to it stays, with its numbers and without its texts.
import { and, asc, eq, gt, inArray } from '../db/drizzle.ts'
import type { Tx } from '../db/database.ts'
import { removed } from './begin.ts'

type Fields = Readonly<Record<string, unknown>>

const actsOfStep = 50

/** Of the account and of its keys. Returns the last act that was looked at; null: there was none left. */
export async function eraseActs(
  tx: Tx,
  { accountId, after }: { readonly accountId: string; readonly after: string },
): Promise<string | null> {
  const { acts, keys } = tx.tables
  const own = await tx.select({ id: keys.id }).from(keys).where(eq(keys.accountId, accountId))
  const targets = [accountId, ...own.map(({ id }) => id)]
  const found = await tx
    .select()
    .from(acts)
    .where(and(inArray(acts.target, targets), gt(acts.id, Number(after))))
    .orderBy(asc(acts.id))
    .limit(actsOfStep)
  for (const act of found) await removeFrom(tx, act)
  const last = found.at(-1)
  return last ? String(last.id) : null
}

/** Of tasks and of pieces of work, which few acts are about. */
export async function withoutTextsOf(tx: Tx, targets: readonly string[]): Promise<void> {
  const { acts } = tx.tables
  const found = await tx
    .select()
    .from(acts)
    .where(inArray(acts.target, [...targets]))
  for (const act of found) await removeFrom(tx, act)
}

interface Act {
  readonly id: number
  readonly before: Fields | null
  readonly after: Fields | null
}

async function removeFrom(tx: Tx, { id, before, after }: Act): Promise<void> {
  const { acts } = tx.tables
  await tx
    .update(acts)
    .set({ before: before && withoutTexts(before), after: after && withoutTexts(after) })
    .where(eq(acts.id, id))
}

const withoutTexts = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, withoutText(value)]))

function withoutText(value: unknown): unknown {
  if (typeof value === 'string') return removed
  if (Array.isArray(value)) return removed
  return typeof value === 'object' && value !== null ? withoutTexts(value as Fields) : value
}
