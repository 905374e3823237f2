// The list of erased accounts in DATA_DIR: it outlives a store that is replaced by an older copy.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asc, gte, inArray } from '../db/drizzle.ts'
import type { Context } from '../context.ts'
import type { Connection, Database } from '../db/database.ts'
import { makeFolder } from '../disk/folder.ts'
import { ownerOnly, syncToDisk } from '../disk/sync.ts'
import { beginErasing, isThere, rememberErased } from './begin.ts'

export type Place = Pick<Context['config'], 'dataDir'>

export const listPlace = ({ dataDir }: Place): string => join(dataDir, 'erased-accounts.txt')

const isAccountId = /^acc_[0-9a-z]{27}$/

/** One id a line. A line that a crash has cut off is no id, and its account is still in the store's own table. */
export function listedIds(place: Place): string[] {
  const path = listPlace(place)
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => isAccountId.test(line))
}

/** Once it returns, the list survives a power failure. */
export function listErased(place: Place, ids: readonly string[]): void {
  const known = new Set(listedIds(place))
  const more = ids.filter((id) => !known.has(id))
  if (more.length === 0) return
  makeFolder(place.dataDir)
  const path = listPlace(place)
  // Behind a line that was cut off, the first one must begin anew.
  appendFileSync(path, `\n${more.join('\n')}\n`, { mode: ownerOnly })
  syncToDisk(path)
  syncToDisk(place.dataDir)
}

/** Oldest first; those alone that were begun at or after `sinceMs`. */
export async function erasedIn(read: Connection, sinceMs = 0): Promise<string[]> {
  const { erasures } = read.tables
  const rows = await read
    .select({ id: erasures.accountId })
    .from(erasures)
    .where(gte(erasures.begunAt, sinceMs))
    .orderBy(asc(erasures.begunAt), asc(erasures.accountId))
  return rows.map(({ id }) => id)
}

const idsAtOnce = 500

/**
 * Begins what this store does not know of, as an older copy does not. Returns the ids of the accounts that were there.
 */
export async function eraseAgain(db: Database, ids: readonly string[], nowMs: number): Promise<string[]> {
  const { erasures } = db.read.tables
  const known = new Set<string>()
  for (let from = 0; from < ids.length; from += idsAtOnce) {
    const some = ids.slice(from, from + idsAtOnce)
    const rows = await db.read.select().from(erasures).where(inArray(erasures.accountId, some))
    for (const { accountId } of rows) known.add(accountId)
  }
  const begun: string[] = []
  for (const id of new Set(ids)) {
    if (known.has(id)) continue
    const isBegun = await db.transaction(async (tx) => {
      if (await isThere(tx, id)) return (await beginErasing({ tx, nowMs }, id)) !== null
      await rememberErased({ tx, nowMs }, id)
      return false
    })
    if (isBegun) begun.push(id)
  }
  return begun
}

/**
 * At a start, and whenever another gateway may have erased: the store knows what the list does, and the other way round.
 * `place` is where the list lies: the gateway behind test keys goes by that of the one in front.
 */
export async function matchLists(
  { config, db, clock }: Pick<Context, 'config' | 'db' | 'clock'>,
  place: Place = config,
): Promise<string[]> {
  const begun = await eraseAgain(db, listedIds(place), clock.now())
  listErased(place, await erasedIn(db.read))
  return begun
}
