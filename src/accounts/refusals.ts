// Copies revoked keys and suspended accounts from one store to an older copy, so that a restore does not reactivate them.
import { and, eq, isNull, sql } from '../db/drizzle.ts'
import type { Connection, Tx } from '../db/database.ts'

export interface Refusals {
  readonly keys: readonly { readonly id: string; readonly revokedAt: number }[]
  readonly accountIds: readonly string[]
}

/** Reads a store of any version. */
export async function readRefusals(read: Connection): Promise<Refusals> {
  const keys = await read.rows<{ id: string; revoked_at: number }>(
    sql`SELECT id, revoked_at FROM keys WHERE revoked_at IS NOT NULL`,
  )
  const accounts = await read.rows<{ id: string }>(sql`SELECT id FROM accounts WHERE status = 'suspended'`)
  return {
    keys: keys.map(({ id, revoked_at: revokedAt }) => ({ id, revokedAt })),
    accountIds: accounts.map(({ id }) => id),
  }
}

/** Returns the ids of the keys and accounts that were active in this store until now. */
export async function applyRefusals(
  tx: Tx,
  refusals: Refusals,
): Promise<{ keys: string[]; accounts: string[] }> {
  const { accounts, keys } = tx.tables
  const revoked: string[] = []
  for (const { id, revokedAt } of refusals.keys) {
    const open = and(eq(keys.id, id), isNull(keys.revokedAt))
    const rows = await tx.update(keys).set({ revokedAt }).where(open).returning({ id: keys.id })
    revoked.push(...rows.map((row) => row.id))
  }
  const suspended: string[] = []
  for (const id of refusals.accountIds) {
    const active = and(eq(accounts.id, id), eq(accounts.status, 'active'))
    const change = tx.update(accounts).set({ status: 'suspended' }).where(active)
    suspended.push(...(await change.returning({ id: accounts.id })).map((row) => row.id))
  }
  return { keys: revoked, accounts: suspended }
}
