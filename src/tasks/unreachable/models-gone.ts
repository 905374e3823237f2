// Models of the other built-in catalogue that the store has sold, or that keys and accounts may order.
import { keevxModels } from '../../catalog/builtin.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import type { Connection } from '../../db/database.ts'
import { and, desc, eq, inArray, isNotNull } from '../../db/drizzle.ts'

/** Sums of a quarter of an hour, an account and a model each: the last days of a store, however large it is. */
const recentMax = 20_000

/** In words for the operator; null: nothing is missing. */
export async function modelsGone(
  read: Connection,
  { models }: Pick<Catalog, 'models'>,
): Promise<string | null> {
  const sold = new Set(models.map(({ id }) => id))
  const missing = Object.keys(keevxModels).filter((id) => !sold.has(id))
  if (missing.length === 0) return null
  const named = await namedModels(read)
  const gone = missing.filter((id) => named.has(id))
  if (gone.length === 0) return null
  return `${gone.join(', ')}: this store has sold or allowed them, and the catalogue does not have them any more, so that orders of them are refused. Open tasks go on. This line in tollgate.yaml brings them back: catalog: keevx`
}

/** Of what was charged lately, and in permissions. */
async function namedModels(read: Connection): Promise<ReadonlySet<string>> {
  const { accounts, keys, rollups, rollupTotals } = read.tables
  const recent = read
    .select({ id: rollups.modelId })
    .from(rollups)
    .orderBy(desc(rollups.quarter))
    .limit(recentMax)
    .as('recent')
  const charged = await read.selectDistinct({ id: recent.id }).from(recent)
  const before = await read
    .selectDistinct({ id: rollupTotals.name })
    .from(rollupTotals)
    .where(and(inArray(rollupTotals.span, ['day', 'month']), eq(rollupTotals.dimension, 'model')))
  const ofKeys = await read.selectDistinct({ ids: keys.models }).from(keys).where(isNotNull(keys.models))
  const ofAccounts = await read
    .selectDistinct({ ids: accounts.models })
    .from(accounts)
    .where(isNotNull(accounts.models))
  return new Set([
    ...[...charged, ...before].map(({ id }) => id),
    ...[...ofKeys, ...ofAccounts].flatMap(({ ids }) => ids ?? []),
  ])
}
