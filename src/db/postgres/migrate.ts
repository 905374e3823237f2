// Brings a PostgreSQL database to the newest schema: alone, all or nothing.
import { readMigrationFiles } from '../drizzle.ts'
import { StoreRefused, newerStore } from '../errors.ts'
import type { SchemaAge, Upgrade } from '../dialect.ts'
import { ageOf, changesAfter, journal, migrationsFolderOf } from '../migrations.ts'
import { requireUnmarked } from '../move/mark.ts'
import { markOn } from '../move/postgres.ts'
import { codes, hasCode } from './error-codes.ts'
import { Link } from './link/link.ts'
import type { Answer, Statement } from './link/link.ts'
import { schemaLock, takeInTransaction, writerLock } from './link/locks.ts'
import { hasTable } from './link/tables.ts'

/** Another gateway that is being upgraded takes minutes, not hours. */
const lockWaitMs = 10 * 60_000
/** A table that is in use is waited for no longer, since everything else waits behind. */
const tableLockWaitMs = 10_000
const idleMs = 60_000
const folder = migrationsFolderOf('postgres')

type Asked = Pick<Link, 'run' | 'ask'>

interface Runs {
  run(statement: Statement): Promise<Answer>
}

export interface Place {
  readonly url: string
  /** For operators. */
  readonly name: string
}

/** Null if the schema was current, or made just now. `migrations`: the folder of this version's. */
export async function migratePostgres({ url, name }: Place, migrations = folder): Promise<Upgrade | null> {
  const terms = { name: 'tollgate migration', statementMs: 0, lockMs: lockWaitMs, idleMs }
  const link = await Link.open(url, terms)
  try {
    requireUnmarked(name, await markOn(link))
    if ((await usableAge(link, migrations)) === 'current') return null
    return await upgrade(link, { name, migrations })
  } finally {
    link.close()
  }
}

export const schemaAge = async (link: Asked, migrations = folder): Promise<SchemaAge> =>
  ageOf(await lastApplied(link), migrations)

/**
 * The same for who only wants to serve or read it: gateways of the version before go on beside those of a newer one,
 * if its migrations left everything there that they use.
 */
export async function usableAge(link: Asked, migrations = folder): Promise<SchemaAge> {
  const age = await schemaAge(link, migrations)
  if (age !== 'newer') return age
  const [readers] = await link.ask<{ oldest: number }>(`SELECT oldest FROM ${readersTable}`)
  const newest = readMigrationFiles({ migrationsFolder: migrations }).at(-1)?.folderMillis ?? 0
  return (readers?.oldest ?? Infinity) <= newest ? 'current' : 'newer'
}

const readersTable = 'schema_readers'
/** The time of the migration that made it. */
const readersSince = 1_796_037_685_078
/** Stands at the top of a migration that gateways of the version before can live with. */
export const leavesOthersAlone = '-- Gateways of the version before may go on.'

/** Makes every table and guard of this version among the temporary ones of a connection, inside a transaction. */
export async function makeTemporarySchema(link: Runs): Promise<void> {
  await link.run({ text: 'SET LOCAL search_path = pg_temp' })
  // Functions are never looked for there unless they are named so.
  const run = async ({ text, values = [] }: Statement) =>
    await link.run({ text: text.replaceAll('EXECUTE FUNCTION "', 'EXECUTE FUNCTION pg_temp."'), values })
  await apply({ run }, { applied: 0, migrations: folder })
}

interface Terms {
  /** Of the store, for operators. */
  readonly name: string
  readonly migrations: string
}

async function upgrade(link: Link, { name, migrations }: Terms): Promise<Upgrade | null> {
  await link.run({ text: `BEGIN; ${takeInTransaction(schemaLock)}` })
  await link.run({ text: `SET LOCAL lock_timeout = ${tableLockWaitMs}` })
  try {
    const age = await usableAge(link, migrations)
    // Another process has done it meanwhile.
    if (age === 'current') return null
    if (age === 'newer') throw new StoreRefused(newerStore(name))
    if (age === 'none' && (await holdsTables(link))) {
      throw new StoreRefused(
        `${name} holds the tables of another program. Look at DATABASE_URL; nothing was changed.`,
      )
    }
    const applied = await lastApplied(link)
    // Of gateways that go on: without it, a turn and the upgrade could each hold a table that the other wants.
    await link.run({ text: takeInTransaction(writerLock) })
    await apply(link, { applied, migrations })
    await link.run({ text: 'COMMIT' })
    return age === 'older' ? { copy: null, changes: changesAfter(applied, migrations) } : null
  } catch (error) {
    throw upgradeRefused(name, error)
  } finally {
    if (link.isOpen) await link.run({ text: 'ROLLBACK' })
  }
}

function upgradeRefused(name: string, error: unknown): unknown {
  if (error instanceof StoreRefused) return error
  const words = error instanceof Error ? error.message : String(error)
  const advice = hasCode(error, codes.lockNotAvailable)
    ? 'a session holds one of its tables: end it (SELECT * FROM pg_stat_activity), then start again'
    : 'the version that wrote it can go on with it'
  return new StoreRefused(
    `${name} could not be brought up to this version: ${words}. Nothing was changed: ${advice}.`,
    error,
  )
}

interface Range extends Pick<Terms, 'migrations'> {
  /** The time of the last one that was applied before. */
  readonly applied: number
}

async function apply(link: Runs, { applied, migrations }: Range): Promise<void> {
  const known = readMigrationFiles({ migrationsFolder: migrations })
  await link.run({
    text: `CREATE TABLE IF NOT EXISTS ${journal} (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
  })
  for (const { sql, hash, folderMillis } of known.filter((each) => each.folderMillis > applied)) {
    await link.run({ text: sql.join('\n') })
    const text = `INSERT INTO ${journal} (hash, created_at) VALUES ($1, $2)`
    await link.run({ text, values: [hash, folderMillis] })
    const isOld = folderMillis < readersSince
    if (isOld || sql.join('\n').startsWith(leavesOthersAlone)) continue
    await link.run({ text: `UPDATE ${readersTable} SET oldest = ${folderMillis}` })
  }
}

async function lastApplied(link: Asked): Promise<number> {
  if (!(await hasTable(link, journal))) return 0
  const [last] = await link.ask<{ at: number | null }>(`SELECT max(created_at) AS at FROM ${journal}`)
  return last?.at ?? 0
}

async function holdsTables(link: Asked): Promise<boolean> {
  const rows = await link.ask(
    `SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename <> '${journal}' LIMIT 1`,
  )
  return rows.length > 0
}
