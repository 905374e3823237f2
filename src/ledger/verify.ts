// The auditor: reads the whole ledger in one committed state and names whatever does not add up.
import { sql } from '../db/drizzle.ts'
import type { Connection, Database } from '../db/database.ts'
import { accountChecks, keyChecks, taskChecks } from './checks.ts'
import { coherenceChecks } from './coherence.ts'

export interface Drift {
  /** Which promise is broken. */
  readonly check: string
  /** The account, task or other row it is broken for. */
  readonly id: string
  readonly expected: string
  readonly found: string
}

export interface Verification {
  readonly ok: boolean
  readonly accounts: number
  readonly entries: number
  readonly drift: readonly Drift[]
}

/** A thousand lines tell no more than the first hundred do. */
const driftPerCheckMax = 100

export interface Lateness {
  /** How long past its limit an open task may be before it counts as forgotten. */
  readonly overdueMs: number
  /** The limit of tasks that no upstream has taken yet, from their making. */
  readonly queueForMs: number
}

/** For a store that nobody serves, or not for long: what is past its limit is ended once somebody does. */
export const neverLate: Lateness = { overdueMs: Number.MAX_SAFE_INTEGER, queueForMs: 0 }

/** Needs nothing but a look: what is audited is not touched. */
export async function verifyLedger(
  db: Pick<Database, 'snapshot'>,
  nowMs: number,
  late: Lateness,
): Promise<Verification> {
  return await db.snapshot(async (read) => {
    const drift: Drift[] = []
    const checks = [
      ...accountChecks(read),
      ...taskChecks(read, nowMs - late.overdueMs, late.queueForMs),
      ...keyChecks(read),
      ...coherenceChecks(read),
    ]
    for (const { check, query } of checks) {
      const rows = await read.rows<Record<'id' | 'expected' | 'found', unknown>>(
        sql`${query} LIMIT ${driftPerCheckMax}`,
      )
      for (const { id, expected, found } of rows) {
        drift.push({ check, id: String(id), expected: String(expected), found: String(found) })
      }
    }
    const [accounts, entries] = [await count(read, 'accounts'), await count(read, 'entries')]
    return { ok: drift.length === 0, accounts, entries, drift }
  })
}

async function count(read: Connection, table: 'accounts' | 'entries'): Promise<number> {
  const [row] = await read.select({ count: sql`count(*)`.mapWith(Number) }).from(read.tables[table])
  return row?.count ?? 0
}
