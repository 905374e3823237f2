// Where a store is on its server, and whether it is there: an operator may name a database that is still to be made.
import { StoreRefused } from '../errors.ts'
import type { Mark } from '../move/mark.ts'
import { markOn } from '../move/postgres.ts'
import { codes, hasCode } from './error-codes.ts'
import { Link } from './link/link.ts'
import type { LinkTerms } from './link/link.ts'
import { migratePostgres, schemaAge } from './migrate.ts'
import type { Place } from './migrate.ts'
import type { Upgrade } from '../dialect.ts'
import { sharesBackends } from './link/pooler.ts'
import { openingRefused, pooled } from './refused.ts'

/** For single questions of commands. */
export const briefly: LinkTerms = { name: 'tollgate', statementMs: 20_000, lockMs: 5_000, idleMs: 60_000 }
/** Every server has it, and every user may connect to it. */
const maintenanceDatabase = 'postgres'

/** Whether there is a store of any version. Throws StoreRefused if the server does not answer. */
export async function exists(place: Place): Promise<boolean> {
  try {
    return await withLink(place, briefly, async (link) => (await schemaAge(link)) !== 'none')
  } catch (error) {
    if (hasCode(error, codes.noDatabase)) return false
    throw openingRefused(place.name, error)
  }
}

/** Null also if there is no database. */
export async function markOf(place: Place): Promise<Mark | null> {
  try {
    return await withLink(place, briefly, markOn)
  } catch (error) {
    if (hasCode(error, codes.noDatabase)) return null
    throw openingRefused(place.name, error)
  }
}

/** Throws StoreRefused behind a pooler that gives each transaction another connection. */
export async function requireOwnBackends({ url, name }: Place): Promise<void> {
  if (await sharesBackends(url, briefly)) throw pooled(name)
}

/** Makes what is missing, and brings an older store up to date. Throws StoreRefused. */
export async function prepare(place: Place): Promise<Upgrade | null> {
  try {
    await requireOwnBackends(place)
    return await migratePostgres(place)
  } catch (error) {
    if (!hasCode(error, codes.noDatabase)) throw openingRefused(place.name, error)
  }
  await makeDatabase(place)
  try {
    return await migratePostgres(place)
  } catch (error) {
    throw openingRefused(place.name, error)
  }
}

export async function withLink<Result>(
  { url }: Place,
  terms: LinkTerms,
  work: (link: Link) => Promise<Result>,
): Promise<Result> {
  const link = await Link.open(url, terms)
  try {
    return await work(link)
  } finally {
    link.close()
  }
}

/** Every table and function of the schema; the database itself may have been made by somebody else. */
export async function removeAll(place: Place): Promise<void> {
  await withLink(place, briefly, async (link) => {
    const rows = await link.ask<{ drop: string }>(
      `SELECT 'DROP TABLE ' || c.oid::regclass || ' CASCADE' AS drop FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        UNION ALL SELECT 'DROP FUNCTION ' || p.oid::regprocedure || ' CASCADE' FROM pg_proc p
        WHERE p.pronamespace = current_schema()::regnamespace`,
    )
    await link.run({ text: ['BEGIN', ...rows.map((row) => row.drop), 'COMMIT'].join('; ') })
  })
}

async function makeDatabase(place: Place): Promise<void> {
  const url = new URL(place.url)
  const database = decodeURIComponent(url.pathname.slice(1))
  url.pathname = `/${maintenanceDatabase}`
  const text = `CREATE DATABASE "${database.replaceAll('"', '""')}" ENCODING 'UTF8' TEMPLATE template0`
  try {
    await withLink({ ...place, url: url.href }, { ...briefly, statementMs: 0 }, async (link) => {
      await link.run({ text })
    })
  } catch (error) {
    // Another process was faster.
    if (hasCode(error, codes.databaseIsThere, codes.duplicate)) return
    throw new StoreRefused(
      `There is no database at ${place.name}, and this user may not make it. As a user who may: ${text} OWNER …;`,
      error,
    )
  }
}
