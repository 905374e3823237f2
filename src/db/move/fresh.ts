// The rows that a new store has before anything was written to it.
import Sqlite from 'better-sqlite3'
import { makeSchema } from '../sqlite/migrate.ts'
import { tableShapes } from './shapes.ts'
import type { Row } from './shapes.ts'
import { readSlice } from './sqlite.ts'

/** By table. The other dialects make no others. */
export function freshRows(): ReadonlyMap<string, readonly Row[]> {
  const client = new Sqlite(':memory:')
  try {
    makeSchema(client)
    const found = tableShapes().map((shape) => {
      return [shape.name, readSlice(client, shape, { after: null, limit: 100 })] as const
    })
    return new Map(found.filter(([, rows]) => rows.length > 0))
  } finally {
    client.close()
  }
}
