// Maps DATABASE_URL to its store. The only file that knows which dialects exist.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../config/problems.ts'
import { StoreRefused } from './errors.ts'
import { postgresStore } from './postgres/store.ts'
import { sqliteStore } from './sqlite/store.ts'
import type { Store } from './dialect.ts'

/** Opens nothing yet. Throws ConfigError if this version has no such store. */
export function storeAt(databaseUrl: string): Store {
  if (databaseUrl.startsWith('file:')) return sqliteStore(databaseUrl.slice('file:'.length))
  if (/^postgres(?:ql)?:/.test(databaseUrl)) return postgresStore(databaseUrl)
  throw new ConfigError([
    'DATABASE_URL: this version keeps its data in SQLite or PostgreSQL. Use file:./data/tollgate.db, ' +
      'postgres://USER:PASSWORD@HOST:5432/DATABASE, or leave it out.',
  ])
}

/** For commands: a mistyped name must not create a store. Throws StoreRefused if there is none. */
export async function existingStore(databaseUrl: string): Promise<Store> {
  const store = storeAt(databaseUrl)
  if (await store.exists()) return store
  throw new StoreRefused(
    `There is no store at ${store.name}. Look at DATA_DIR and DATABASE_URL, and where this command runs; ` +
      'tollgate serve makes a new store.',
  )
}

/**
 * For a starting gateway: if the store is gone but once existed, a new one would forget every account. Throws
 * StoreRefused in that case.
 */
export async function requireStoreOrNone(store: Store, dataDir: string): Promise<void> {
  if (await store.exists()) return
  const left = [
    ...(await store.remains()),
    ...[join(dataDir, 'sealing.key'), join(dataDir, 'media')].filter(isLeft),
  ]
  if (left.length === 0) return
  throw new StoreRefused(
    `There is no store at ${store.name}, but there was one: ${left.join(', ')} ${left.length === 1 ? 'is' : 'are'} still there. ` +
      'A new store would know no account, no key and no credits. Put the store back with its -wal and -shm, or a ' +
      'backup with tollgate restore FILE. To begin anew, move what is left away, or start once with tollgate serve --new-store.',
  )
}

/** An empty folder is no evidence of a former store. */
function isLeft(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat?.isDirectory()) return stat !== undefined
  return readdirSync(path, { recursive: true, withFileTypes: true }).some((each) => each.isFile())
}
