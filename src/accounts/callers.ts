// Who calls: the account and the key behind a secret, found by its hash and remembered until rights change.
import { and, eq, isNull, sql } from '../db/drizzle.ts'
import type { Connection, Database } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import type { AccountStatus } from './accounts.ts'
import { limitColumns } from './limits.ts'
import type { KeyLimits, OrderLimits, RateLimits } from './limits.ts'
import { beginsAsTest, hashOf, looksLikeSecret, looksLikeTestSecret } from './secret.ts'

/** The authenticated caller of a request. */
export interface Caller extends RateLimits, OrderLimits {
  readonly accountId: string
  readonly keyId: string
  readonly keyCreatedAt: number
  readonly status: AccountStatus
  readonly expiresAt: number | null
  /** Of its account; null: none. */
  readonly plan: string | null
  /** Of the key itself; null: none. The other limits are the account's. */
  readonly ofKey: KeyLimits | null
  /** The counter of the store's rights when it was read. */
  readonly rights: number
}

type Answer = Caller | null | Promise<Caller | null>

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
export const findCaller = (db: Database, secret: string, asked: Asked): Answer =>
  beginsAsTest(secret) ? null : callerOf(db, { secret, looksRight: looksLikeSecret }, asked)

/** The same for test keys. They stand beside the real ones, so that revoking and suspending are one act. */
export const findTestCaller = (db: Database, secret: string, asked: Asked): Answer =>
  beginsAsTest(secret) ? callerOf(db, { secret, looksRight: looksLikeTestSecret }, asked) : null

function callerOf(
  db: Database,
  { secret, looksRight }: { readonly secret: string; looksRight(secret: string): boolean },
  asked: Asked,
): Answer {
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

function callerUnder(db: Database, hash: string, rights: number): Answer {
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
  const caller = callerIn(found, known.rights)
  if (known.callers.size < knownMax) known.callers.set(hash, caller)
  return caller
}

/** A caller as a row has it: the limits of the key beside those of its account. */
export interface CallerRow extends Omit<Caller, 'rights' | 'ofKey'> {
  readonly keyRequestsPerMinuteMax: number | null
  readonly keyTasksInFlightMax: number | null
  readonly keyCreditsTotalMax: number | null
  readonly keyCreditsPerDayMax: number | null
  readonly keyModels: readonly string[] | null
  readonly keyCidrs: readonly string[] | null
}

export function callerIn(found: CallerRow, rights: number): Caller {
  const {
    keyRequestsPerMinuteMax: requestsPerMinuteMax,
    keyTasksInFlightMax: tasksInFlightMax,
    keyCreditsTotalMax: creditsTotalMax,
    keyCreditsPerDayMax: creditsPerDayMax,
    keyModels: models,
    keyCidrs: cidrs,
    ...caller
  } = found
  const limits = { requestsPerMinuteMax, tasksInFlightMax, creditsTotalMax, creditsPerDayMax, models, cidrs }
  const ofKey = Object.values(limits).every((limit) => limit === null) ? null : limits
  return { ...caller, ofKey, rights }
}

/** Of keys and their accounts. */
export function callerColumns(read: Connection) {
  const { keys, accounts } = read.tables
  const { status, plan } = accounts
  const ofKey = limitColumns(read, 'keys')
  return {
    accountId: keys.accountId,
    keyId: keys.id,
    keyCreatedAt: keys.createdAt,
    expiresAt: keys.expiresAt,
    status,
    plan,
    ...limitColumns(read, 'accounts'),
    keyRequestsPerMinuteMax: ofKey.requestsPerMinuteMax,
    keyTasksInFlightMax: ofKey.tasksInFlightMax,
    keyCreditsTotalMax: ofKey.creditsTotalMax,
    keyCreditsPerDayMax: ofKey.creditsPerDayMax,
    keyModels: ofKey.models,
    keyCidrs: ofKey.cidrs,
  }
}

const callerByHash = statement<CallerRow>('caller_by_hash', (read) => {
  const { keys, accounts } = read.tables
  return read
    .select(callerColumns(read))
    .from(keys)
    .innerJoin(accounts, eq(accounts.id, keys.accountId))
    .where(and(eq(keys.hash, sql.placeholder('hash')), isNull(keys.revokedAt)))
    .limit(1)
})
