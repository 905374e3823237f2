// Sessions of the console: opened, found by the hash of their token, moved on by use, and ended everywhere at once.
import { and, desc, eq, inArray, lte, ne, sql } from '../db/drizzle.ts'
import { liveKeys } from '../accounts/keys.ts'
import type { LiveKey } from '../accounts/keys.ts'
import { callerColumns, callerIn } from '../accounts/callers.ts'
import type { Caller, CallerRow } from '../accounts/callers.ts'
import type { Context } from '../context.ts'
import type { Connection, Database, Tx } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import type { sessionOpeners } from '../db/tables.ts'
import { sealKey } from './shown-key.ts'
import { hashOfToken, looksLikeToken, newToken, proofOf } from './tokens.ts'

const hourMs = 60 * 60_000
const dayMs = 24 * hourMs

interface Times {
  /** Without use. */
  readonly idleMs: number
  readonly atMostMs: number
}

const times: Readonly<Record<'customer' | 'operator', Times>> = {
  customer: { idleMs: 7 * dayMs, atMostMs: 30 * dayMs },
  // Who finds an operator's computer open can give credits away.
  operator: { idleMs: 12 * hourMs, atMostMs: 3 * dayMs },
}

/** A use is written when the one before is older: a page asks many times a minute. */
const coarseMs = 5 * 60_000
/** More devices than anybody has; the oldest session makes room, so that rows do not grow without bound. */
const ofOneMax = 50

type Opener = (typeof sessionOpeners)[number]

interface Lasting {
  readonly hash: string
  readonly endsAt: number
  readonly expiresAt: number
}

export interface CustomerSession extends Lasting {
  readonly role: 'customer'
  readonly openedBy: Opener
  /** The key that it acts as. */
  readonly caller: Caller
}

export interface OperatorSession extends Lasting {
  readonly role: 'operator'
  readonly operator: string
  /** Whether this is the hash of the token that the operator has now. */
  isOf(operatorTokenHash: string): boolean
}

export type Session = CustomerSession | OperatorSession

export interface Opened {
  /** For the cookie; never shown again. */
  readonly token: string
  readonly hash: string
}

interface NewSession {
  readonly openedBy: Opener
  /** The session that the same browser has had until now: it ends. */
  readonly instead: string | null
  readonly nowMs: number
}

export interface CustomerOpening extends NewSession {
  readonly accountId: string
  readonly keyId: string
  /** The key that was shown; null: something else opens it. */
  readonly secret: string | null
}

export async function openForCustomer(tx: Tx, wanted: CustomerOpening): Promise<Opened> {
  const { accountId, keyId, secret } = wanted
  const { sessions } = tx.tables
  const older = await tx
    .select({ hash: sessions.hash })
    .from(sessions)
    .where(eq(sessions.accountId, accountId))
    .orderBy(desc(sessions.createdAt))
    .offset(ofOneMax - 1)
    .limit(ofOneMax)
  const ownerOf = (token: string) => ({
    accountId,
    keyId,
    operator: null,
    operatorProof: null,
    sealedKey: secret === null ? null : sealKey(token, secret),
  })
  return await open(tx, wanted, { older, ownerOf, ...times.customer })
}

export interface OperatorOpening extends Omit<NewSession, 'openedBy'> {
  readonly operator: string
  readonly operatorTokenHash: string
}

export async function openForOperator(tx: Tx, wanted: OperatorOpening): Promise<Opened> {
  const { operator, operatorTokenHash } = wanted
  const { sessions } = tx.tables
  const older = await tx
    .select({ hash: sessions.hash })
    .from(sessions)
    .where(eq(sessions.operator, operator))
    .orderBy(desc(sessions.createdAt))
    .offset(ofOneMax - 1)
    .limit(ofOneMax)
  const ownerOf = (token: string) => ({
    accountId: null,
    keyId: null,
    operator,
    operatorProof: proofOf(token, operatorTokenHash),
    sealedKey: null,
  })
  return await open(tx, { ...wanted, openedBy: 'token' }, { older, ownerOf, ...times.operator })
}

interface Owner {
  readonly accountId: string | null
  readonly keyId: string | null
  readonly operator: string | null
  readonly operatorProof: string | null
  readonly sealedKey: string | null
}

interface Opening extends Times {
  readonly older: readonly { readonly hash: string }[]
  ownerOf(token: string): Owner
}

async function open(
  tx: Tx,
  { openedBy, instead, nowMs }: NewSession,
  { older, ownerOf, idleMs, atMostMs }: Opening,
): Promise<Opened> {
  const token = newToken()
  const hash = hashOfToken(token)
  for (const { hash: old } of older) await endSession(tx, old)
  if (instead !== null) await endSession(tx, instead)
  await tx.insert(tx.tables.sessions).values({
    hash,
    ...ownerOf(token),
    openedBy,
    createdAt: nowMs,
    endsAt: nowMs + idleMs,
    expiresAt: nowMs + atMostMs,
  })
  return { token, hash }
}

/**
 * The session of this token. Null: there is none, it is over, or its key or account opens nothing any more. One read by
 * index, and nothing is remembered: what ends a session ends it for the next request, at every instance.
 */
export async function findSession(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  token: string,
): Promise<Session | null> {
  if (!looksLikeToken(token)) return null
  const nowMs = clock.now()
  const [row] = await sessionByHash(db.read, { hash: hashOfToken(token) })
  if (!row || row.sessionEndsAt <= nowMs || row.sessionExpiresAt <= nowMs) return null
  const { sessionHash, sessionEndsAt, sessionExpiresAt, openedBy, operator, proof, revokedAt, ...key } = row
  const lasting = { hash: sessionHash, endsAt: sessionEndsAt, expiresAt: sessionExpiresAt }
  moveOn({ db, nowMs }, { ...lasting, ...times[operator === null ? 'customer' : 'operator'] })
  if (operator !== null) {
    return { role: 'operator', ...lasting, operator, isOf: (theirs) => proof === proofOf(token, theirs) }
  }
  if (key.keyId === null || revokedAt !== null || key.status !== 'active') return null
  if (key.expiresAt !== null && key.expiresAt <= nowMs) return null
  return { role: 'customer', ...lasting, openedBy, caller: callerIn(key, 0) }
}

interface Found extends CallerRow {
  readonly sessionHash: string
  readonly sessionEndsAt: number
  readonly sessionExpiresAt: number
  readonly openedBy: Opener
  readonly operator: string | null
  readonly proof: string | null
  readonly revokedAt: number | null
}

const sessionByHash = statement<Found>('session_by_hash', (read) => {
  const { sessions, keys, accounts } = read.tables
  return read
    .select({
      sessionHash: sessions.hash,
      sessionEndsAt: sessions.endsAt,
      sessionExpiresAt: sessions.expiresAt,
      openedBy: sessions.openedBy,
      operator: sessions.operator,
      proof: sessions.operatorProof,
      revokedAt: keys.revokedAt,
      ...callerColumns(read),
    })
    .from(sessions)
    .leftJoin(keys, eq(keys.id, sessions.keyId))
    .leftJoin(accounts, eq(accounts.id, keys.accountId))
    .where(eq(sessions.hash, sql.placeholder('hash')))
    .limit(1)
})

/** A session that goes on; `networks` as those of its key. */
export interface LiveSession {
  readonly hash: string
  readonly networks: LiveKey['networks']
}

/** Those of these sessions that go on. */
export async function liveSessions(
  read: Connection,
  hashes: readonly string[],
  nowMs: number,
): Promise<LiveSession[]> {
  if (hashes.length === 0) return []
  const { sessions, accounts } = read.tables
  const { hash, operator, keyId, endsAt, expiresAt } = sessions
  const rows = await read
    .select({ hash, operator, keyId, endsAt, expiresAt, status: accounts.status })
    .from(sessions)
    .leftJoin(accounts, eq(accounts.id, sessions.accountId))
    .where(inArray(hash, [...new Set(hashes)]))
  const going = rows.filter((row) => row.endsAt > nowMs && row.expiresAt > nowMs)
  const keyIds = going.flatMap((row) => row.keyId ?? [])
  const keys = new Map((await liveKeys(read, keyIds, nowMs)).map((key) => [key.id, key]))
  return going.flatMap((row) => {
    if (row.operator !== null) return [{ hash: row.hash, networks: [] }]
    const key = keys.get(row.keyId ?? '')
    return row.status === 'active' && key ? [{ hash: row.hash, networks: key.networks }] : []
  })
}

/** Whether it goes on; what ends it meanwhile waits for this transaction. */
export async function holdSession(tx: Tx, hash: string, nowMs: number): Promise<boolean> {
  const { sessions } = tx.tables
  await tx
    .update(sessions)
    .set({ endsAt: sql`${sessions.endsAt}` })
    .where(eq(sessions.hash, hash))
  return (await liveSessions(tx, [hash], nowMs)).length > 0
}

/** Sessions whose use is being written, so that requests that come together write it once. */
const moving = new WeakMap<Database, Set<string>>()

/** In the background: if it is not written, the next use writes it. */
function moveOn(
  { db, nowMs }: { readonly db: Database; readonly nowMs: number },
  { hash, endsAt, expiresAt, idleMs }: Lasting & Times,
): void {
  const until = Math.min(nowMs + idleMs, expiresAt)
  const writing = moving.get(db) ?? new Set()
  if (until - endsAt < coarseMs || writing.has(hash)) return
  moving.set(db, writing.add(hash))
  const write = async (tx: Tx) => {
    const { sessions } = tx.tables
    await tx
      .update(sessions)
      .set({ endsAt: until })
      .where(and(eq(sessions.hash, hash), lte(sessions.endsAt, until)))
  }
  db.transaction(write, { mayDelay: true })
    .catch(() => undefined)
    .finally(() => writing.delete(hash))
}

export async function endSession(tx: Tx, hash: string): Promise<void> {
  const { sessions } = tx.tables
  await tx.delete(sessions).where(eq(sessions.hash, hash))
}

/** All of the same account or operator; `except` is the hash of one that goes on. */
export async function endSessionsOf(tx: Tx, whose: Session, except: string | null = null): Promise<void> {
  const { sessions } = tx.tables
  const theirs =
    whose.role === 'operator'
      ? eq(sessions.operator, whose.operator)
      : eq(sessions.accountId, whose.caller.accountId)
  await tx.delete(sessions).where(except === null ? theirs : and(theirs, ne(sessions.hash, except)))
}

/** Of a key that was revoked: what its sessions kept goes with it. */
export async function endSessionsOfKey(tx: Tx, keyId: string): Promise<void> {
  const { sessions } = tx.tables
  await tx.delete(sessions).where(eq(sessions.keyId, keyId))
}

/** Of a store that was put back: what was signed out or used up since its copy would be open again. */
export async function endAllSessions(tx: Tx): Promise<void> {
  await tx.delete(tx.tables.sessions)
  await tx.delete(tx.tables.signInLinks)
}
