// Signs customers in: with a key, with a link that is used up by it, or with a password.
import { findCaller } from '../accounts/callers.ts'
import type { Caller } from '../accounts/callers.ts'
import { requireAccount } from '../accounts/accounts.ts'
import { accountIdOf } from '../accounts/named.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { GatewayError } from '../errors.ts'
import { consoleKeyOf, keepPassword, passwordHashOf } from './access.ts'
import { useLink } from './links.ts'
import { hashOfPassword, isPassword } from './passwords.ts'
import { endSessionsOf, holdSession, openForCustomer } from './sessions.ts'
import type { CustomerSession, Opened } from './sessions.ts'

/** The hash of the session that the same browser has had until now; null: none. */
type Instead = string | null

/** Whose key this is; null: nobody's. Throws account_suspended. */
export async function callerByKey({ db, clock }: Context, key: string): Promise<Caller | null> {
  const caller = await findCaller(db, key, { nowMs: clock.now() })
  if (caller && caller.status !== 'active') throw suspended()
  return caller
}

interface ShownKey {
  readonly caller: Caller
  readonly secret: string
}

export async function signInByKey(
  ctx: Context,
  { caller, secret }: ShownKey,
  instead: Instead,
): Promise<Opened> {
  const { accountId, keyId } = caller
  const nowMs = ctx.clock.now()
  return await ctx.db.transaction((tx) =>
    openForCustomer(tx, { accountId, keyId, secret, openedBy: 'key', instead, nowMs }),
  )
}

/** Null: the link opens nothing. */
export async function signInByLink(ctx: Context, token: string, instead: Instead): Promise<Opened | null> {
  const nowMs = ctx.clock.now()
  return await ctx.db.transaction(async (tx) => {
    const accountId = await useLink(tx, token, nowMs)
    if (accountId === null) return null
    return await openAsConsole(tx, { accountId, openedBy: 'link', instead, nowMs })
  })
}

interface Typed {
  /** Its id or its name. */
  readonly account: string
  readonly password: string
}

/**
 * Null: there is no such account, it has no password, or it is another one; each takes as long. Throws
 * account_suspended to who knows the password.
 */
export async function signInByPassword(ctx: Context, typed: Typed, instead: Instead): Promise<Opened | null> {
  const { db, clock } = ctx
  const accountId = await accountOf(ctx, typed.account)
  const stored = await passwordHashOf(db.read, accountId ?? '')
  if (!(await isPassword(typed.password, stored)) || accountId === null) return null
  const nowMs = clock.now()
  return await db.transaction(async (tx) => {
    const { status } = await requireAccount(tx, accountId)
    if (status !== 'active') throw suspended()
    // It may have been changed while this one was checked.
    if ((await passwordHashOf(tx, accountId)) !== stored) return null
    return await openAsConsole(tx, { accountId, openedBy: 'password', instead, nowMs })
  })
}

async function accountOf({ db }: Context, given: string): Promise<string | null> {
  try {
    return await accountIdOf(db.read, given)
  } catch (error) {
    if (error instanceof GatewayError) return null
    throw error
  }
}

interface ConsoleOpening {
  readonly accountId: string
  readonly openedBy: 'link' | 'password'
  readonly instead: Instead
  readonly nowMs: number
}

async function openAsConsole(tx: Tx, wanted: ConsoleOpening): Promise<Opened> {
  const keyId = await consoleKeyOf(tx, wanted.accountId, wanted.nowMs)
  return await openForCustomer(tx, { ...wanted, keyId, secret: null })
}

/** Ends the other sessions of the account. Throws unauthorized if this one has ended while the password was hashed. */
export async function setPassword(ctx: Context, by: CustomerSession, password: string): Promise<void> {
  const { accountId } = by.caller
  const passwordHash = await hashOfPassword(password)
  await ctx.db.transaction(async (tx) => {
    const nowMs = ctx.clock.now()
    await keepPassword(tx, { accountId, passwordHash, nowMs })
    if (!(await holdSession(tx, by.hash, nowMs))) throw hasEnded()
    await endSessionsOf(tx, by, by.hash)
  })
}

const hasEnded = () =>
  new GatewayError('unauthorized', {
    en: 'Your session has ended meanwhile. The password is as it was. Sign in again.',
    zh: '会话已在此期间结束。密码未更改。请重新登录。',
  })

const suspended = () =>
  new GatewayError('account_suspended', {
    en: 'This account is suspended. You are not signed in. Ask your provider.',
    zh: '该账户已停用,未能登录。请联系您的服务商。',
  })
