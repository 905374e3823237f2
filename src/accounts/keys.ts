// API keys: created, shown once, limited, revoked immediately.
import { and, asc, desc, eq, inArray, isNull, lt } from '../db/drizzle.ts'
import type { Connection, Tx } from '../db/database.ts'
import { cutPage } from '../db/page.ts'
import type { Page } from '../db/page.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import { idAfterAll, newId } from '../ids.ts'
import { requireAccount, requireOpenAccount } from './accounts.ts'
import { limitColumns, noLimits } from './limits.ts'
import type { KeyLimits } from './limits.ts'
import { beginsAsTest, hashOf, newSecret, prefixOf } from './secret.ts'
import type { KeyKind } from './secret.ts'

export interface Key extends KeyLimits {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly prefix: string
  /** Milliseconds since 1970, as everywhere. */
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly createdAt: number
  /** To the minute, and a minute late; null: never, or before that was noted. */
  readonly lastUsedAt: number | null
  /** What it has ordered while it had a cap; null: nothing. */
  readonly use: CapUse | null
}

export interface CapUse {
  /** Credits, less those that came back. */
  readonly credits: number
  /** The last day on which it ordered, as 20261130, and the credits of that day. */
  readonly day: number
  readonly creditsOfDay: number
  readonly tasksOpen: number
}

/** Its listed beginning tells: see `secret.ts`. */
export const isTestKey = ({ prefix }: Pick<Key, 'prefix'>): boolean => beginsAsTest(prefix)

export interface NewKey {
  readonly accountId: string
  readonly name: string
  readonly expiresAt: number | null
  readonly limits?: Partial<KeyLimits>
  readonly kind?: KeyKind
  readonly nowMs: number
}

/** Throws not_found if there is no such account. The secret is never shown again. */
export async function createKey(tx: Tx, input: NewKey): Promise<Key & { secret: string }> {
  await requireOpenAccount(tx, input.accountId)
  const secret = newSecret(input.kind)
  const key = {
    id: newId('key', input.nowMs),
    accountId: input.accountId,
    name: input.name,
    prefix: prefixOf(secret),
    expiresAt: input.expiresAt,
    revokedAt: null,
    createdAt: input.nowMs,
    ...noLimits,
    ...input.limits,
  }
  await tx.insert(tx.tables.keys).values({ ...key, hash: hashOf(secret) })
  return { ...key, lastUsedAt: null, use: null, secret }
}

/** All keys of an account, oldest first. Throws not_found if there is no such account. */
export async function listKeys(read: Connection, accountId: string): Promise<Key[]> {
  await requireAccount(read, accountId)
  const { keys } = read.tables
  return (await selectKeys(read).where(eq(keys.accountId, accountId)).orderBy(asc(keys.id))).map(keyOf)
}

export interface KeyFilter {
  readonly accountId: string
  /** The `next` of the page before. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function pageOfKeys(
  read: Connection,
  { accountId, before, limit }: KeyFilter,
): Promise<Page<Key>> {
  const { keys } = read.tables
  const rows = await selectKeys(read)
    .where(and(eq(keys.accountId, accountId), lt(keys.id, before ?? idAfterAll('key'))))
    .orderBy(desc(keys.id))
    .limit(limit + 1)
  return cutPage(rows.map(keyOf), limit)
}

/** Throws not_found for a key of another account as for one that never was. */
export async function requireKeyOf(read: Connection, accountId: string, keyId: string): Promise<Key> {
  const key = await requireKey(read, keyId)
  if (key.accountId !== accountId) throw new GatewayError('not_found', noSuchKey, { field: 'id' })
  return key
}

/** Throws not_found. */
export async function requireKey(read: Connection, keyId: string): Promise<Key> {
  const [found] = await selectKeys(read).where(eq(read.tables.keys.id, keyId))
  if (!found) throw new GatewayError('not_found', noSuchKey, { field: 'id' })
  return keyOf(found)
}

function selectKeys(read: Connection) {
  const { keys, keyUses, capUses } = read.tables
  const { id, accountId, name, prefix, expiresAt, revokedAt, createdAt } = keys
  const own = { id, accountId, name, prefix, expiresAt, revokedAt, createdAt, ...limitColumns(read, 'keys') }
  return read
    .select({ own, lastUsedAt: keyUses.usedAt, use: capUses })
    .from(keys)
    .leftJoin(keyUses, eq(keyUses.keyId, keys.id))
    .leftJoin(capUses, eq(capUses.subject, keys.id))
}

const keyOf = ({ own, lastUsedAt, use }: Awaited<ReturnType<typeof selectKeys>>[number]): Key => ({
  ...own,
  lastUsedAt,
  use,
})

/** Those of these keys that still open something. */
export async function liveKeys(read: Connection, ids: readonly string[], nowMs: number): Promise<LiveKey[]> {
  if (ids.length === 0) return []
  const { keys, accounts } = read.tables
  const { id, revokedAt, expiresAt, cidrs } = keys
  const rows = await read
    .select({ id, revokedAt, expiresAt, cidrs, ofAccount: accounts.cidrs })
    .from(keys)
    .innerJoin(accounts, eq(accounts.id, keys.accountId))
    .where(inArray(id, [...new Set(ids)]))
  return rows
    .filter((key) => key.revokedAt === null && (key.expiresAt ?? Infinity) > nowMs)
    .map((key) => ({
      id: key.id,
      networks: [key.cidrs, key.ofAccount].flatMap((list) => (list ? [list] : [])),
    }))
}

export interface LiveKey {
  readonly id: string
  /** Its own and its account's: each of these has to hold the address that it is used from. */
  readonly networks: readonly (readonly string[])[]
}

/** Takes effect with the next request, which reads the key again. A second revocation changes nothing. */
export async function revokeKey(tx: Tx, keyId: string, nowMs: number): Promise<Key> {
  const { keys } = tx.tables
  await tx
    .update(keys)
    .set({ revokedAt: nowMs })
    .where(and(eq(keys.id, keyId), isNull(keys.revokedAt)))
  return await requireKey(tx, keyId)
}

export type KeyChange = Partial<Pick<Key, 'name' | 'expiresAt' | keyof KeyLimits>>

/** Changes only the given fields, from the next request on. Throws not_found. */
export async function changeKey(tx: Tx, keyId: string, change: KeyChange): Promise<Key> {
  const { keys } = tx.tables
  if (Object.keys(change).length > 0) await tx.update(keys).set(change).where(eq(keys.id, keyId))
  return await requireKey(tx, keyId)
}

/** Throws invalid_request for a time that is over: the key would open nothing. */
export function requireFuture(nowMs: number, expiresAt: number | null, field: string): void {
  if (expiresAt === null || expiresAt > nowMs) return
  throw new GatewayError(
    'invalid_request',
    { en: `${field}: lies in the past.`, zh: `${field}:该时间已过去。` },
    { field, detail: conflictsNow },
  )
}

export const testKeysOff = (field: string) =>
  new GatewayError(
    'invalid_request',
    {
      en: `${field}: this gateway takes no test keys: test_keys is false in tollgate.yaml. No key was made.`,
      zh: `${field}:此网关不接受测试密钥:tollgate.yaml 中 test_keys 为 false。未创建密钥。`,
    },
    { field, detail: conflictsNow },
  )

const noSuchKey = { en: 'There is no key with this id.', zh: '没有这个 id 的密钥。' }
