// What a pass has found so far: a bounded number of lines for each promise that is broken.
import { sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../../db/database.ts'

export interface Drift {
  /** Which promise is broken. */
  readonly check: string
  /** The account, task or other row it is broken for. */
  readonly id: string
  readonly expected: string
  readonly found: string
}

/** A thousand lines say no more than the first hundred. */
const driftPerCheckMax = 100

export interface Findings {
  readonly drift: readonly Drift[]
  add(line: Drift): void
  /** Runs the query of a check, unless the check already has enough lines. */
  collect(read: Connection, check: string, query: SQL): Promise<void>
}

export function createFindings(): Findings {
  const drift: Drift[] = []
  const counts = new Map<string, number>()
  const add = (line: Drift): void => {
    const before = counts.get(line.check) ?? 0
    if (before >= driftPerCheckMax) return
    counts.set(line.check, before + 1)
    drift.push(line)
  }
  return {
    drift,
    add,
    async collect(read, check, query) {
      const room = driftPerCheckMax - (counts.get(check) ?? 0)
      if (room <= 0) return
      const rows = await read.rows<Record<'id' | 'expected' | 'found', unknown>>(sql`${query} LIMIT ${room}`)
      for (const { id, expected, found } of rows) {
        add({ check, id: String(id), expected: String(expected), found: String(found) })
      }
    },
  }
}
