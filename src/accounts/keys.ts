// API keys: created, shown once, found by their hash, revoked immediately.
import { and, asc, eq, isNull, sql } from '../db/drizzle.ts'
import type { Connection, Database, Tx } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import { newId } from '../ids.ts'
import { requireAccount } from './accounts.ts'
import type { AccountLimits, AccountStatus } from './accounts.ts'
import { beginsAsTest, hashOf, looksLikeSecret, looksLikeTestSecret, newSecret, prefixOf } from './secret.ts'
import type { KeyKind } from './secret.ts'

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

/** Its listed beginning tells: see `secret.ts`. */
export const isTestKey = ({ prefix }: Pick<Key, 'prefix'>): boolean => beginsAsTest(prefix)

/** The authenticated caller of a request. */
export interface Caller extends AccountLimits {
  readonly accountId: string
  readonly keyId: string
  readonly keyCreatedAt: number
  readonly status: AccountStatus
  readonly expiresAt: number | null
  /** The counter of the store's rights when it was read. */
  readonly rights: number
}

type Found = Caller | null | Promise<Caller | null>

export interface Asked {
  readonly nowMs: number
  /**
   * For a store that must be asked for its rights: begins a read for the caller as the store last knew them, and
   * returns the rights as that read finds them. Null: there is nothing to read.
   */
  readonly ahead?: (presumed: Caller) => Promise<number> | null
}

/**
 * The caller of a real key, synchronously if cached; null if mistyped, unknown, revoked or expired, and for
 * every test key.
 */
export const findCaller = (db: Database, secret: string, asked: Asked): Found =>
  beginsAsTest(secret) ? null : callerOf(db, { secret, looksRight: looksLikeSecret }, asked)

/** The same for test keys. They stand beside the real ones, so that revoking and suspending are one act. */
export const findTestCaller = (db: Database, secret: string, asked: Asked): Found =>
  beginsAsTest(secret) ? callerOf(db, { secret, looksRight: looksLikeTestSecret }, asked) : null

function callerOf(
  db: Database,
  { secret, looksRight }: { readonly secret: string; looksRight(secret: string): boolean },
  asked: Asked,
): Found {
  const hash = hashOf(secret)
  // A cached secret has been checked before; a mistyped key costs no read of the store.
  const presumed = knownIn.get(db)?.callers.get(hash) ?? null
  if (!presumed && !looksRight(secret)) return null
  const rights = db.rights()
  const found =
    rights === null
      ? rightsNow(db, presumed, asked).then((now) => callerUnder(db, hash, now))
      : callerUnder(db, hash, rights)
  return found instanceof Promise
    ? found.then((caller) => unexpired(caller, asked.nowMs))
    : unexpired(found, asked.nowMs)
}

function callerUnder(db: Database, hash: string, rights: number): Found {
  const known = knownCallers(db, rights)
  return known.callers.get(hash) ?? readCaller(db, hash, known)
}

/** Requests that come together share the answer. */
function rightsNow(db: Database, presumed: Caller | null, { ahead }: Asked): Promise<number> {
  return (presumed && ahead?.(presumed)) ?? rightsAlone(db)
}

async function rightsAlone(db: Database): Promise<number> {
  const [rights] = await rightsVersion(db.read, {})
  return rights?.version ?? 0
}

const rightsVersion = statement<{ version: number }>('rights_now', (read) =>
  read.select({ version: read.tables.rights.version }).from(read.tables.rights),
)

/**
 * Whether a caller is still valid: no rights have changed since, and its key has not expired. Synchronously if the
 * store need not be asked.
 */
export function mayStillAct(db: Database, caller: Caller, asked: Asked): boolean | Promise<boolean> {
  const rights = db.rights()
  if (rights !== null) return isAsRead(caller, rights, asked)
  // Older rights than those that are known: nothing is read ahead for a key that may have been revoked.
  if (knownIn.get(db)?.rights !== caller.rights) return false
  return rightsNow(db, caller, asked).then((now) => isAsRead(caller, knownCallers(db, now).rights, asked))
}

const isAsRead = (caller: Caller, rights: number, { nowMs }: Asked): boolean =>
  caller.rights === rights && unexpired(caller, nowMs) !== null

function unexpired(found: Caller | null, nowMs: number): Caller | null {
  return found && (found.expiresAt === null || found.expiresAt > nowMs) ? found : null
}

interface Known {
  readonly rights: number
  readonly callers: Map<string, Caller>
}

/** A cache of callers; any change of rights, such as a revocation, clears all of it. */
const knownIn = new WeakMap<Database, Known>()
const knownMax = 10_000

function knownCallers(db: Database, rights: number): Known {
  let known = knownIn.get(db)
  if (known?.rights !== rights) {
    known = { rights, callers: new Map() }
    knownIn.set(db, known)
  }
  return known
}

/** `known` belongs to rights from before the read: a change in between only discards the row sooner. */
async function readCaller(db: Database, hash: string, known: Known): Promise<Caller | null> {
  const [found] = await callerByHash(db.read, { hash })
  if (!found) return null
  const caller = { ...found, rights: known.rights }
  if (known.callers.size < knownMax) known.callers.set(hash, caller)
  return caller
}

const callerByHash = statement<Omit<Caller, 'rights'>>('caller_by_hash', (read) => {
  const { keys, accounts } = read.tables
  return read
    .select({
      accountId: keys.accountId,
      keyId: keys.id,
      keyCreatedAt: keys.createdAt,
      expiresAt: keys.expiresAt,
      status: accounts.status,
      requestsPerMinuteMax: accounts.requestsPerMinuteMax,
      tasksInFlightMax: accounts.tasksInFlightMax,
    })
    .from(keys)
    .innerJoin(accounts, eq(accounts.id, keys.accountId))
    .where(and(eq(keys.hash, sql.placeholder('hash')), isNull(keys.revokedAt)))
    .limit(1)
})

/** Throws not_found if there is no such account. The secret is never shown again. */
export async function createKey(
  tx: Tx,
  input: { accountId: string; name: string; expiresAt: number | null; nowMs: number; kind?: KeyKind },
): Promise<Key & { secret: string }> {
  await requireAccount(tx, input.accountId)
  const secret = newSecret(input.kind)
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

/** All keys of an account, oldest first. Throws not_found if there is no such account. */
export async function listKeys(read: Connection, accountId: string): Promise<Key[]> {
  await requireAccount(read, accountId)
  const { keys } = read.tables
  return await read
    .select(columns(read))
    .from(keys)
    .where(eq(keys.accountId, accountId))
    .orderBy(asc(keys.id))
}

/** Takes effect with the next request, which reads the key again. A second revocation changes nothing. */
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

function columns(read: Connection) {
  const { id, accountId, name, prefix, expiresAt, revokedAt, createdAt } = read.tables.keys
  return { id, accountId, name, prefix, expiresAt, revokedAt, createdAt }
}
