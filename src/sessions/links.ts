// Links that open one session: made for an account, used up by the first that brings one.
import { and, eq, gt, lte } from '../db/drizzle.ts'
import { requireAccount } from '../accounts/accounts.ts'
import type { Context } from '../context.ts'
import type { Connection, Tx } from '../db/database.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import { hashOfToken, looksLikeToken, newToken } from './tokens.ts'

/** More links than anybody sends at once; the store must not be filled with them. */
const openMax = 20

export interface NewLink {
  readonly accountId: string
  readonly expiresAt: number
  readonly nowMs: number
}

/** Returns the token, which is never shown again. Throws not_found, and invalid_request for an account that is suspended. */
export async function makeLink(tx: Tx, { accountId, expiresAt, nowMs }: NewLink): Promise<string> {
  const { status } = await requireAccount(tx, accountId)
  if (status !== 'active') throw notActive()
  const { signInLinks } = tx.tables
  const isOpen = and(eq(signInLinks.accountId, accountId), gt(signInLinks.expiresAt, nowMs))
  const open = await tx.select({ hash: signInLinks.hash }).from(signInLinks).where(isOpen).limit(openMax)
  if (open.length >= openMax) throw tooManyOpen()
  const token = newToken()
  await tx.insert(signInLinks).values({ hash: hashOfToken(token), accountId, createdAt: nowMs, expiresAt })
  return token
}

/** The account of a link, which is used up by it; null: there is none, or it is used or expired. */
export async function useLink(tx: Tx, token: string, nowMs: number): Promise<string | null> {
  if (!looksLikeToken(token)) return null
  const { signInLinks } = tx.tables
  const isOpen = and(eq(signInLinks.hash, hashOfToken(token)), gt(signInLinks.expiresAt, nowMs))
  // Of a hundred that come at once one deletes the row.
  const [link] = await tx.delete(signInLinks).where(isOpen).returning()
  return link?.accountId ?? null
}

/** Deletes expired links. Returns how many were found. */
export async function forgetLinks({ db, clock }: Context, max: number): Promise<number> {
  const isOver = (read: Connection) => lte(read.tables.signInLinks.expiresAt, clock.now())
  const { signInLinks } = db.read.tables
  const rows = await db.read
    .select({ hash: signInLinks.hash })
    .from(signInLinks)
    .where(isOver(db.read))
    .limit(max)
  if (rows.length === 0) return 0
  const forget = async (tx: Tx) => {
    for (const { hash } of rows) {
      await tx.delete(tx.tables.signInLinks).where(and(eq(tx.tables.signInLinks.hash, hash), isOver(tx)))
    }
  }
  await db.transaction(forget, { mayDelay: true })
  return rows.length
}

const notActive = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The account is suspended, so a link would open nothing. No link was made. Make the account active first.',
      zh: '该账户已停用,链接无法使用。未创建链接。请先启用该账户。',
    },
    { field: 'id', detail: conflictsNow },
  )

const tooManyOpen = () =>
  new GatewayError(
    'invalid_request',
    {
      en: `The account has ${openMax} links that nobody has used. No link was made. Wait until they expire, or suspend the account and make it active again, which voids them.`,
      zh: `该账户已有 ${openMax} 个未使用的链接。未创建链接。请等待其过期,或停用后重新启用该账户以使其全部作废。`,
    },
    { field: 'id', detail: conflictsNow },
  )
