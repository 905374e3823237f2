// The beginning of an erasure: from this commit on the account is closed, nameless and without credits.
import { and, eq, isNull, sql } from '../db/drizzle.ts'
import type { TimedTx } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { forfeit } from '../ledger/refund.ts'
import type { Forfeited } from '../ledger/refund.ts'

/** Instead of the names of the account and of its keys, and of URLs that a row must have. */
export const removed = 'removed'

/** Null: it was begun before. What else is known of the account, a loop removes step by step. */
export async function beginErasing({ tx, nowMs }: TimedTx, accountId: string): Promise<Forfeited | null> {
  const { accounts, erasures } = tx.tables
  const begun = await tx
    .insert(erasures)
    .values({ accountId, begunAt: nowMs, stage: 0, after: '', finishedAt: null })
    .onConflictDoNothing()
    .returning({ accountId: erasures.accountId })
  if (begun.length === 0) return null
  const forfeited = await forfeit({ tx, nowMs }, accountId)
  await closeKeys({ tx, nowMs }, accountId)
  await removeSettings(tx, accountId)
  await tx
    .update(accounts)
    .set({ status: 'suspended', name: removed, plan: null, models: null, cidrs: null, erasedAt: nowMs })
    .where(eq(accounts.id, accountId))
  return forfeited
}

/** Their hashes stay, so that none of them is ever another's. */
export async function closeKeys({ tx, nowMs }: TimedTx, accountId: string): Promise<void> {
  const { keys } = tx.tables
  await tx
    .update(keys)
    .set({ name: removed, cidrs: null, revokedAt: sql`coalesce(${keys.revokedAt}, ${nowMs})` })
    .where(eq(keys.accountId, accountId))
}

/** How it is told of tasks, and how its people sign in. */
export async function removeSettings(tx: Tx, accountId: string): Promise<void> {
  const { consoleAccess, sessions, signInLinks } = tx.tables
  const { webhookChoices, webhookEndpoints, webhookSecrets } = tx.tables
  for (const table of [webhookEndpoints, webhookChoices, webhookSecrets]) {
    await tx.delete(table).where(eq(table.accountId, accountId))
  }
  // In the order in which who sets a password locks them.
  for (const table of [consoleAccess, sessions, signInLinks]) {
    await tx.delete(table).where(eq(table.accountId, accountId))
  }
}

/** Of a store that does not have the account: it is remembered all the same. */
export async function rememberErased({ tx, nowMs }: TimedTx, accountId: string): Promise<void> {
  const { erasures } = tx.tables
  const row = { accountId, begunAt: nowMs, stage: 0, after: '', finishedAt: nowMs }
  await tx.insert(erasures).values(row).onConflictDoNothing()
}

export async function isThere(tx: Tx, accountId: string): Promise<boolean> {
  const { accounts } = tx.tables
  const [row] = await tx
    .select({ id: accounts.id })
    .from(accounts)
    .where(and(eq(accounts.id, accountId), isNull(accounts.erasedAt)))
  return row !== undefined
}
