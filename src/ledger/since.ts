// The ledger entries that a store has beyond an older copy of it.
import { sql } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'

/** The newest entry of a copy; null if it has none. */
export interface LastEntry {
  readonly id: number
  readonly account_id: string
  readonly amount: number
  readonly created_at: number
}

export interface Since {
  /** Entries of the operator, and codes that were redeemed, one by one: they can be repeated only from this list. */
  readonly grants: readonly GrantSince[]
  readonly charges: number
  readonly refunds: number
}

export interface GrantSince {
  readonly account_id: string
  readonly account_name: string | null
  /** Credits; negative if they were taken away. */
  readonly amount: number
  /** Only for the operator. */
  readonly note: string | null
  readonly public_note: string | null
  readonly created_at: number
}

export async function lastEntry(read: Connection): Promise<LastEntry | null> {
  const [row] = await read.rows<LastEntry>(
    sql`SELECT id, account_id, amount, created_at FROM entries ORDER BY id DESC LIMIT 1`,
  )
  return row ?? null
}

/** Whether the copy with this last entry is an earlier state of this store. */
export async function isSameLedger(read: Connection, last: LastEntry | null): Promise<boolean> {
  if (!last) return true
  const [same] = await read.rows(
    sql`SELECT 1 FROM entries WHERE id = ${last.id} AND account_id = ${last.account_id}
      AND amount = ${last.amount} AND created_at = ${last.created_at}`,
  )
  return same !== undefined
}

/** Null if the copy is of another ledger. Reads a store of any version. */
export async function entriesSince(read: Connection, last: LastEntry | null): Promise<Since | null> {
  if (!(await isSameLedger(read, last))) return null
  const after = sql`id > ${last?.id ?? 0}`
  // All columns, because older stores have no public note and no debts.
  type Given = Omit<GrantSince, 'public_note'> & Partial<GrantSince> & { owed_change?: number | null }
  const given = await read.rows<Given>(
    sql`SELECT entries.*, (SELECT name FROM accounts WHERE accounts.id = entries.account_id) AS account_name
      FROM entries WHERE ${after} AND kind IN ('grant', 'adjust', 'manual_refund', 'recharge') ORDER BY id`,
  )
  const grants = given.map(({ owed_change: owed, public_note = null, amount: moved, ...entry }) => {
    const { account_id, account_name, note, created_at } = entry
    // What was asked for: a part of it may be owed.
    return { account_id, account_name, amount: moved - (owed ?? 0), note, public_note, created_at }
  })
  const [moved] = await read.rows<{ charges: number; refunds: number }>(
    sql`SELECT coalesce(sum(CASE kind WHEN 'charge' THEN 1 ELSE 0 END), 0) AS charges,
      coalesce(sum(CASE kind WHEN 'refund' THEN 1 ELSE 0 END), 0) AS refunds FROM entries WHERE ${after}`,
  )
  return { grants, charges: moved?.charges ?? 0, refunds: moved?.refunds ?? 0 }
}
