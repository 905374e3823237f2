// Reads a store without changing it: no upgrade, one committed state for each snapshot.
import { StoreRefused, newerStore } from '../errors.ts'
import type { Connection } from '../database.ts'
import type { SchemaAge } from '../dialect.ts'
import { usableAge } from './migrate.ts'
import type { Place } from './migrate.ts'
import { withLink } from './place.ts'
import { Pool } from './link/pool.ts'
import { reading, snapshotOn } from './postgres.ts'
import { openingRefused } from './refused.ts'

/** An audit has its own, so that it never waits for one of a gateway. */
const terms = { ...reading, name: 'tollgate looks', linksMax: 1 }

type Snapshot = <Result>(work: (read: Connection) => Promise<Result>) => Promise<Result>

/** Throws StoreRefused if the store is missing, or of another version unless that is of no matter. */
export function lookAt(place: Place, { anyVersion }: { readonly anyVersion: boolean }): Snapshot {
  return async (work) => {
    try {
      return await withLink(place, terms, async (link) => {
        if (!anyVersion) requireCurrent(place, await usableAge(link))
        return await snapshotOn(link, work)
      })
    } catch (error) {
      throw openingRefused(place.name, error)
    }
  }
}

/** For many short snapshots: one connection for all of them, and no transaction in between. */
export function keepLookingAt(place: Place): { readonly snapshot: Snapshot; readonly close: () => void } {
  const pool = new Pool(place.url, terms)
  let isKnown = false
  const snapshot: Snapshot = async (work) =>
    await pool.use(async (link) => {
      if (!isKnown) requireCurrent(place, await usableAge(link))
      isKnown = true
      return await snapshotOn(link, work)
    })
  return { snapshot, close: () => pool.close() }
}

function requireCurrent({ name }: Place, age: SchemaAge): void {
  if (age === 'newer') throw new StoreRefused(newerStore(name))
  if (age === 'none') throw new StoreRefused(`There is no store at ${name}.`)
  if (age === 'older') {
    throw new StoreRefused(
      `${name} was written by an older tollgate. tollgate serve brings it up to date; look again then.`,
    )
  }
}
