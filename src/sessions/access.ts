// What an account has for the console besides its keys: the key that sessions act as which no key opened, and a password.
import { eq, sql } from '../db/drizzle.ts'
import { createKey, requireKey } from '../accounts/keys.ts'
import type { Connection, Tx } from '../db/database.ts'

/** Its name; nobody ever sees its secret, so only sessions act as it. */
const consoleKeyName = 'console'

/** Makes the key on demand, and another one when it is revoked or expired. */
export async function consoleKeyOf(tx: Tx, accountId: string, nowMs: number): Promise<string> {
  const { consoleAccess } = tx.tables
  // The update changes nothing: it holds the row, so that two that come together make one key.
  const [access] = await tx
    .insert(consoleAccess)
    .values({ accountId, keyId: null, passwordHash: null, passwordSetAt: null })
    .onConflictDoUpdate({
      target: consoleAccess.accountId,
      set: { accountId: sql`${consoleAccess.accountId}` },
    })
    .returning()
  if (access?.keyId) {
    const { id, revokedAt, expiresAt } = await requireKey(tx, access.keyId)
    if (revokedAt === null && (expiresAt === null || expiresAt > nowMs)) return id
  }
  const { id } = await createKey(tx, { accountId, name: consoleKeyName, expiresAt: null, nowMs })
  await tx.update(consoleAccess).set({ keyId: id }).where(eq(consoleAccess.accountId, accountId))
  return id
}

/** Null: the account has none. */
export async function passwordHashOf(read: Connection, accountId: string): Promise<string | null> {
  const { consoleAccess } = read.tables
  const [access] = await read
    .select({ passwordHash: consoleAccess.passwordHash })
    .from(consoleAccess)
    .where(eq(consoleAccess.accountId, accountId))
  return access?.passwordHash ?? null
}

interface NewPassword {
  readonly accountId: string
  readonly passwordHash: string
  readonly nowMs: number
}

export async function keepPassword(
  tx: Tx,
  { accountId, passwordHash, nowMs: passwordSetAt }: NewPassword,
): Promise<void> {
  const { consoleAccess } = tx.tables
  const set = { passwordHash, passwordSetAt }
  await tx
    .insert(consoleAccess)
    .values({ accountId, keyId: null, ...set })
    .onConflictDoUpdate({ target: consoleAccess.accountId, set })
}

export interface Owner {
  readonly accountName: string
  readonly keyName: string
  readonly keyPrefix: string
  readonly passwordHash: string | null
}

/** Names of the account and of the key that a session acts as; null: they are gone. */
export async function ownerOf(
  read: Connection,
  { keyId }: { readonly keyId: string },
): Promise<Owner | null> {
  const { accounts, keys, consoleAccess } = read.tables
  const [owner] = await read
    .select({
      accountName: accounts.name,
      keyName: keys.name,
      keyPrefix: keys.prefix,
      passwordHash: consoleAccess.passwordHash,
    })
    .from(keys)
    .innerJoin(accounts, eq(accounts.id, keys.accountId))
    .leftJoin(consoleAccess, eq(consoleAccess.accountId, keys.accountId))
    .where(eq(keys.id, keyId))
  return owner ?? null
}
