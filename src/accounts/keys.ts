// Keys: made, shown once, found by their hash, revoked at once.
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { Connection, Database, Tx } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import { GatewayError } from '../errors.ts'
import { newId } from '../ids.ts'
import { requireAccount } from './accounts.ts'
import type { AccountLimits, AccountStatus } from './accounts.ts'
import { hashOf, looksLikeSecret, newSecret, prefixOf } from './secret.ts'

export interface Key {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly prefix: string
  /** Milliseconds since 1970, as everywhere. */
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly createdAt: number
}

/** Who is asking, as far as a request has to know. */
export interface Caller extends AccountLimits {
  readonly accountId: string
  readonly keyId: string
  readonly status: AccountStatus
}

/** The account behind a secret, or null for one that is mistyped, unknown, revoked or expired. */
export async function findCaller(db: Database, secret: string, nowMs: number): Promise<Caller | null> {
  if (!looksLikeSecret(secret)) return null
  const found = await findByHash(db, hashOf(secret))
  if (!found || (found.expiresAt !== null && found.expiresAt <= nowMs)) return null
  return found
}

type Found = Caller & { readonly expiresAt: number | null }

interface Known {
  readonly state: number
  readonly callers: Map<string, Found>
}

/** Callers read in the present state of the store; any commit, such as a revocation, makes them unknown. */
const knownIn = new WeakMap<Database, Known>()
const knownMax = 10_000

async function findByHash(db: Database, hash: string): Promise<Found | null> {
  // Taken before the row is read: a commit in between then only makes the row unknown sooner.
  const state = db.state()
  let known = knownIn.get(db)
  if (state !== null && known?.state !== state) {
    known = { state, callers: new Map() }
    knownIn.set(db, known)
  }
  const caller = known?.callers.get(hash) ?? (await callerByHash(db.read, { hash }))[0] ?? null
  if (caller && known && known.callers.size < knownMax) known.callers.set(hash, caller)
  return caller
}

const callerByHash = statement<Found>('caller_by_hash', (read) => {
  const { keys, accounts } = read.tables
  return read
    .select({
      accountId: keys.accountId,
      keyId: keys.id,
      expiresAt: keys.expiresAt,
      status: accounts.status,
      requestsPerMinuteMax: accounts.requestsPerMinuteMax,
      tasksInFlightMax: accounts.tasksInFlightMax,
    })
    .from(keys)
    .innerJoin(accounts, eq(accounts.id, keys.accountId))
    .where(and(eq(keys.hash, sql.placeholder('hash')), isNull(keys.revokedAt)))
})

/** Throws not_found where there is no such account. The secret is shown to nobody a second time. */
export async function createKey(
  tx: Tx,
  input: { accountId: string; name: string; expiresAt: number | null; nowMs: number },
): Promise<Key & { secret: string }> {
  await requireAccount(tx, input.accountId)
  const secret = newSecret()
  const key: Key = {
    id: newId('key', input.nowMs),
    accountId: input.accountId,
    name: input.name,
    prefix: prefixOf(secret),
    expiresAt: input.expiresAt,
    revokedAt: null,
    createdAt: input.nowMs,
  }
  await tx.insert(tx.tables.keys).values({ ...key, hash: hashOf(secret) })
  return { ...key, secret }
}

/** All keys of an account, oldest first. Throws not_found where there is no such account. */
export async function listKeys(read: Connection, accountId: string): Promise<Key[]> {
  await requireAccount(read, accountId)
  const { keys } = read.tables
  return await read
    .select(columns(read))
    .from(keys)
    .where(eq(keys.accountId, accountId))
    .orderBy(asc(keys.id))
}

/** Works at once, for the next request is looked up afresh. Revoking twice is revoking once. */
export async function revokeKey(tx: Tx, keyId: string, nowMs: number): Promise<Key> {
  const { keys } = tx.tables
  await tx
    .update(keys)
    .set({ revokedAt: nowMs })
    .where(and(eq(keys.id, keyId), isNull(keys.revokedAt)))
  const [key] = await tx.select(columns(tx)).from(keys).where(eq(keys.id, keyId))
  if (!key) throw new GatewayError('not_found', noSuchKey, { field: 'id' })
  return key
}

const noSuchKey = { en: 'There is no key with this id.', zh: '没有这个 id 的密钥。' }

function columns(read: Connection) {
  const { id, accountId, name, prefix, expiresAt, revokedAt, createdAt } = read.tables.keys
  return { id, accountId, name, prefix, expiresAt, revokedAt, createdAt }
}
