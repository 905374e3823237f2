// Reads a store without changing it: no upgrade, no write permission needed, one committed state.
import { existsSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { StoreRefused, newerStore } from '../../errors.ts'
import { openingRefused } from '../refused.ts'
import type { Connection } from '../../database.ts'
import type { Examination, KeptLook, Look, SchemaAge } from '../../dialect.ts'
import { markIn } from '../../move/sqlite.ts'
import type { Mark } from '../../move/mark.ts'
import { alteredSchema, damageIn } from './integrity.ts'
import { isServed } from '../ownership/lock.ts'
import { damageInLog } from './log-damage.ts'
import { schemaAge } from '../migrate.ts'
import { connect } from '../client.ts'

/** Another process may be in the middle of a checkpoint. */
const busyTimeoutMs = 5_000

/**
 * For audits: each snapshot opens the file anew. Throws StoreRefused if it is missing or of another version.
 */
export function lookAt(file: string): Look {
  return {
    snapshot: async (work) =>
      await withFile(file, async (client) => {
        requireCurrent(file, schemaAge(client))
        client.exec('BEGIN')
        return await work(connect(client))
      }),
  }
}

/**
 * For an audit with many short reads: one connection, and a snapshot for each read, so that the store's log
 * can be truncated in between. Throws like `lookAt`.
 */
export function keepLookingAt(file: string): KeptLook {
  const client = openToLook(file)
  try {
    requireCurrent(file, schemaAge(client))
    const connection = connect(client)
    const [begin, end] = [client.prepare('BEGIN'), client.prepare('COMMIT')]
    return {
      async snapshot(work) {
        begin.run()
        try {
          return await work(connection)
        } finally {
          if (client.inTransaction) end.run()
        }
      },
      close: () => void client.close(),
    }
  } catch (error) {
    client.close()
    throw openingRefused(file, error)
  }
}

/** For a store of any version, using only what all versions have in common. */
export async function lookAtAny<Result>(
  file: string,
  work: (read: Connection) => Promise<Result>,
): Promise<Result> {
  return await withFile(file, async (client) => {
    client.exec('BEGIN')
    return await work(connect(client))
  })
}

/** Null also if there is no file. */
export async function markOf(file: string): Promise<Mark | null> {
  return existsSync(file) ? await withFile(file, async (client) => markIn(client)) : null
}

/** Checks every page, index, reference and guard. Throws StoreRefused if the file cannot be read at all. */
export async function examineStore(file: string): Promise<Examination> {
  // Checked before the file is opened; the log of a store in use belongs to its gateway.
  const lost = isServed(file) ? [] : damageInLog(file)
  return await withFile(file, async (client) => {
    const damage = [...lost, ...damageIn(client)]
    const schema = schemaAge(client)
    return { schema, damage: schema === 'current' ? [...damage, ...alteredSchema(client)] : damage }
  })
}

async function withFile<Result>(
  file: string,
  work: (client: Sqlite.Database) => Promise<Result>,
): Promise<Result> {
  const client = openToLook(file)
  try {
    return await work(client)
  } catch (error) {
    throw openingRefused(file, error)
  } finally {
    client.close()
  }
}

function openToLook(file: string): Sqlite.Database {
  if (!existsSync(file)) throw new StoreRefused(`There is no store at ${file}.`)
  try {
    return new Sqlite(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs })
  } catch (error) {
    throw openingRefused(file, error)
  }
}

function requireCurrent(file: string, age: SchemaAge): void {
  if (age === 'newer') throw new StoreRefused(newerStore(file))
  if (age === 'none') throw new StoreRefused(`${file} holds none of the tables of tollgate.`)
  if (age === 'older') {
    throw new StoreRefused(
      `${file} was written by an older tollgate. tollgate serve brings it up to date; look again then.`,
    )
  }
}
