// What customers do with the keys of their own account; what operators do with them is in `operators/keys.ts`.
import { and, eq, isNull } from '../db/drizzle.ts'
import {
  changeKey,
  createKey,
  requireFuture,
  requireKeyOf,
  revokeKey,
  testKeysOff,
} from '../accounts/keys.ts'
import type { Key, KeyChange, NewKey } from '../accounts/keys.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { GatewayError } from '../errors.ts'
import { requireMakingKeys } from './rights.ts'
import { endSessionsOfKey } from './sessions.ts'
import type { Shown } from './rights.ts'

/** More than anybody tells apart; the store must not be filled with them. */
const liveMax = 500

/** Whose keys, and what who asks has shown. */
export interface KeyOwner {
  readonly accountId: string
  readonly shown: Shown
}

/** Throws unauthorized, and invalid_request. What the account may not do, its new key does not do either. */
export async function makeOwnKey(
  ctx: Context,
  { accountId, shown }: KeyOwner,
  wanted: Omit<NewKey, 'accountId' | 'nowMs'>,
): Promise<Key & { secret: string }> {
  requireMakingKeys(ctx.config, shown)
  const nowMs = ctx.clock.now()
  requireFuture(nowMs, wanted.expiresAt, 'expires_at')
  if (wanted.kind === 'test' && ctx.config.testKeys === null) throw testKeysOff('test')
  return await ctx.db.transaction(async (tx) => {
    await requireRoom(tx, accountId)
    return await createKey(tx, { ...wanted, accountId, nowMs })
  })
}

async function requireRoom(tx: Tx, accountId: string): Promise<void> {
  const { keys } = tx.tables
  const live = await tx
    .select({ id: keys.id })
    .from(keys)
    .where(and(eq(keys.accountId, accountId), isNull(keys.revokedAt)))
    .limit(liveMax)
  if (live.length >= liveMax) throw tooManyKeys()
}

interface OwnKeyChange {
  readonly keyId: string
  readonly change: KeyChange
}

/** From the next request on. Throws unauthorized, not_found and invalid_request. */
export async function changeOwnKey(
  ctx: Context,
  { accountId, shown }: KeyOwner,
  { keyId, change }: OwnKeyChange,
): Promise<Key> {
  requireMakingKeys(ctx.config, shown)
  requireFuture(ctx.clock.now(), change.expiresAt ?? null, 'expires_at')
  return await ctx.db.transaction(async (tx) => {
    await requireKeyOf(tx, accountId, keyId)
    return await changeKey(tx, keyId, change)
  })
}

/** Whatever was shown: a key that was found is revoked by who finds it missing. Throws not_found. */
export async function endOwnKey(ctx: Context, accountId: string, keyId: string): Promise<Key> {
  return await ctx.db.transaction(async (tx) => {
    await requireKeyOf(tx, accountId, keyId)
    await endSessionsOfKey(tx, keyId)
    return await revokeKey(tx, keyId, ctx.clock.now())
  })
}

const tooManyKeys = () =>
  new GatewayError('invalid_request', {
    en: `This account has ${liveMax} keys that are not revoked. No key was made. Revoke those that are not in use.`,
    zh: `该账户已有 ${liveMax} 个未吊销的密钥。未创建密钥。请先吊销不再使用的密钥。`,
  })
