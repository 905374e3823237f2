// Signs in to the console by what a request brings: a key, an operator's token, a link, or a password.
import type { FastifyRequest } from 'fastify'
import { beginsAsTest } from '../../accounts/secret.ts'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { hasOperators, operatorByToken, operatorNamed } from '../../operators/roles.ts'
import { openForOperator } from '../../sessions/sessions.ts'
import type { Opened } from '../../sessions/sessions.ts'
import { callerByKey, signInByKey, signInByLink, signInByPassword } from '../../sessions/sign-in.ts'
import { elsewhere, logRefusal, mayComeFrom, operatorApiOff } from '../auth.ts'
import { network } from '../limits.ts'
import type { Limits } from '../limits.ts'
import type { Guesses } from './guesses.ts'

export interface SigningIn {
  readonly limits: Limits
  readonly guesses: Guesses
  readonly request: FastifyRequest
  /** The hash of the session that the browser has until now; null: none. */
  readonly instead: string | null
}

export type Credentials =
  | { readonly secret: string }
  | { readonly link: string }
  | { readonly account: string; readonly password: string }

/** Throws unauthorized, in the same words for everything that is wrong. */
export async function signIn(ctx: Context, by: SigningIn, given: Credentials): Promise<Opened> {
  const opened = await openBy(ctx, by, given)
  if (opened) return opened
  const { limits, request } = by
  await limits.stranger(request)
  logRefusal(request, 'console', 'wrong')
  throw wrong()
}

async function openBy(ctx: Context, by: SigningIn, given: Credentials): Promise<Opened | null> {
  if ('secret' in given) return await openBySecret(ctx, by, given.secret)
  if ('link' in given) return await signInByLink(ctx, given.link, by.instead)
  const guesser = { account: given.account, address: network(by.request.ip) }
  await by.guesses.count(guesser)
  const opened = await signInByPassword(ctx, given, by.instead)
  if (opened) await by.guesses.forgive(guesser)
  return opened
}

async function openBySecret(
  ctx: Context,
  { limits, request, instead }: SigningIn,
  given: string,
): Promise<Opened | null> {
  const secret = given.trim()
  if (beginsAsTest(secret)) throw testKey()
  if (!secret.startsWith('sk-')) return await openAsOperator(ctx, secret, instead)
  const caller = await callerByKey(ctx, secret)
  if (!caller) return null
  if (!mayComeFrom(caller, request.ip)) {
    await limits.stranger(request)
    throw elsewhere(request, 'console')
  }
  if (limits.limits(caller)) await limits.count(caller)
  return await signInByKey(ctx, { caller, secret }, instead)
}

async function openAsOperator(ctx: Context, token: string, instead: string | null): Promise<Opened | null> {
  if (!hasOperators(ctx.config)) throw operatorApiOff()
  const operator = operatorByToken(ctx.config, token)
  const now = operator && operatorNamed(ctx.config, operator.name)
  if (!now) return null
  const { operator: who, tokenHash: operatorTokenHash } = now
  const nowMs = ctx.clock.now()
  return await ctx.db.transaction((tx) =>
    openForOperator(tx, { operator: who.name, operatorTokenHash, instead, nowMs }),
  )
}

const wrong = () =>
  new GatewayError('unauthorized', {
    en: 'This does not sign you in: the key, token, link or password is wrong, used or expired. Check it, or ask your provider for a link.',
    zh: '无法登录:密钥、令牌、链接或密码有误、已使用或已过期。请检查后重试,或向服务商索取登录链接。',
  })

const testKey = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'secret: test keys (sk-test-…) do not sign in, because their play credits and tasks are kept apart from the account. Sign in with a key that begins with sk- alone, or with a link from your provider.',
      zh: 'secret:测试密钥(sk-test-…)不能登录,其试用积分和任务与账户相互独立。请使用以 sk- 开头的正式密钥,或服务商提供的登录链接。',
    },
    { field: 'secret' },
  )
