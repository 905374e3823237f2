// The stores of tests, by DATABASE_URL. The only file of the tests that knows which dialects there are.
import { onTestFinished } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import type { CommitUnknown } from '../../src/db/errors.ts'
import { storeAt } from '../../src/db/store-at.ts'
import type { TestDialect, TestStore } from './stores/dialect.ts'
import { hasPostgres } from './stores/postgres-server.ts'
import { postgres } from './stores/postgres.ts'
import { sqlite } from './stores/sqlite.ts'

/** A new one is added here; `test/db/conformance/` is run over each. */
export const dialects: readonly TestDialect[] = hasPostgres ? [sqlite, postgres] : [sqlite]

/** The dialect that the suite runs on: `npm run test:postgres` names another one. */
const ofSuite = process.env['TOLLGATE_TEST_STORES'] === 'postgres' ? postgres : sqlite

/** Of the store that the suite runs on. */
export const newStoreUrl = (): string => ofSuite.newUrl()

/** What a gateway's environment says of its store: an existing one, or a new one, which may be in its folder. */
export function storeEnvironment(existing?: TestStore): Record<string, string> {
  if (!existing) return ofSuite === sqlite ? {} : environmentOf(newStoreUrl())
  return environmentOf(existing.databaseUrl)
}

const environmentOf = (databaseUrl: string): Record<string, string> => ({
  ...dialectOf(databaseUrl).environment,
  DATABASE_URL: databaseUrl,
})

/** The name of a store that several gateways can serve at once; null: this machine has none. */
export const newSharedStoreUrl: (() => string) | null = hasPostgres ? () => postgres.newUrl() : null

/** Removes a store that a folder does not take with it. */
export const discardStore = async (databaseUrl: string): Promise<void> =>
  await dialectOf(databaseUrl).discard(databaseUrl)

/** Opens nothing before the first statement. */
export const openTestStore = (databaseUrl: string): TestStore => dialectOf(databaseUrl).open(databaseUrl)

/** Made once in each process and copied: the migrations took a third of a gateway's start. */
export const placeFreshStore = async (databaseUrl: string): Promise<void> =>
  await dialectOf(databaseUrl).placeFresh(databaseUrl)

function dialectOf(databaseUrl: string): TestDialect {
  const dialect = dialects.find(({ scheme }) => databaseUrl.startsWith(scheme))
  if (!dialect) throw new Error(`tests know no store for ${databaseUrl}`)
  return dialect
}

export interface OpenedDatabase {
  readonly db: Database
  readonly store: TestStore
  readonly fatal: CommitUnknown[]
}

/** The gateway's own interface to a store, without a gateway. Closed when the test ends. */
export async function openDatabase(databaseUrl = newStoreUrl()): Promise<OpenedDatabase> {
  const fatal: CommitUnknown[] = []
  await placeFreshStore(databaseUrl)
  const db = await storeAt(databaseUrl).open({ onFatal: (error) => fatal.push(error) })
  onTestFinished(() => db.close())
  return { db, store: openTestStore(databaseUrl), fatal }
}
