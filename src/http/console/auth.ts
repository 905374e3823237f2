// Authentication of the console: the session of the cookie opens both APIs below `/console`, and nothing else does.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller } from '../../accounts/callers.ts'
import { noteUse } from '../../accounts/key-uses.ts'
import type { Context } from '../../context.ts'
import { hasOperators, operatorNamed } from '../../operators/roles.ts'
import type { Operator } from '../../operators/roles.ts'
import { findSession } from '../../sessions/sessions.ts'
import type { CustomerSession, OperatorSession, Session } from '../../sessions/sessions.ts'
import { elsewhere, mayComeFrom, refuseOperators, requireRoleOfRoute } from '../auth.ts'
import { decorateLate, onLateBody } from '../bodies/late-body.ts'
import type { Limits } from '../limits.ts'
import { shownToken } from './cookie.ts'
import { cookieKind, refuseOtherPages } from './pages.ts'
import { signedOut } from './wire.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The session that opened the request; null: a key or a token did. */
    session: Session | null
  }
}

export type SignedIn = CustomerSession | (OperatorSession & { readonly is: Operator })

/** Null: no cookie, a wrong one, or a session that is over. Throws forbidden_address, and rate_limited for guesses. */
export async function sessionOf(
  ctx: Context,
  limits: Limits,
  request: FastifyRequest,
): Promise<SignedIn | null> {
  const token = shownToken(request, cookieKind(request, ctx.config))
  return token === null ? null : await signedInBy(ctx, { limits, request }, token)
}

interface Asking {
  readonly limits: Limits
  readonly request: FastifyRequest
}

/** The same for a token that is not in the cookie yet. */
export async function signedInBy(
  ctx: Context,
  { limits, request }: Asking,
  token: string,
): Promise<SignedIn | null> {
  const session = await findSession(ctx, token)
  const signedIn = session && stillIs(ctx, session)
  if (signedIn === null) {
    await limits.stranger(request)
    return null
  }
  if (signedIn.role === 'customer' && !mayComeFrom(signedIn.caller, request.ip)) {
    await limits.stranger(request)
    throw elsewhere(request, 'console')
  }
  return signedIn
}

/** An operator's session ends when the name or the token is no longer the configured one. */
function stillIs({ config }: Context, session: Session): SignedIn | null {
  if (session.role === 'customer') return session
  const now = operatorNamed(config, session.operator)
  return now !== null && session.isOf(now.tokenHash) ? { ...session, is: now.operator } : null
}

/** For the client API: a customer's session, instead of a key. */
export function customerSessions(scope: FastifyInstance, ctx: Context, limits: Limits): void {
  scope.decorateRequest('caller', null)
  scope.decorateRequest('ahead', null)
  scope.decorateRequest('session', null)
  refuseOtherPages(scope, ctx.config)
  decorateLate(scope)
  const enter = async (request: FastifyRequest): Promise<Caller> => {
    const session = await sessionOf(ctx, limits, request)
    if (session?.role !== 'customer') throw signedOut()
    request.caller = session.caller
    request.session = session
    return session.caller
  }
  scope.addHook('onRequest', async (request) => {
    const caller = await enter(request)
    noteUse(ctx.db, caller.keyId, ctx.clock.now())
    if (limits.limits(caller)) await limits.count(caller)
  })
  onLateBody(scope, (request, _reply, done) => void enter(request).then(() => done(), done))
}

/** For the operator API: an operator's session, instead of a token, with the same roles. */
export function operatorSessions(scope: FastifyInstance, ctx: Context, limits: Limits): void {
  if (!hasOperators(ctx.config)) {
    refuseOperators(scope)
    return
  }
  scope.decorateRequest('operator', null)
  scope.decorateRequest('session', null)
  refuseOtherPages(scope, ctx.config)
  decorateLate(scope)
  const enter = async (request: FastifyRequest): Promise<void> => {
    const session = await sessionOf(ctx, limits, request)
    if (session?.role !== 'operator') throw signedOut()
    request.operator = session.is
    request.session = session
    requireRoleOfRoute(request)
  }
  scope.addHook('onRequest', enter)
  onLateBody(scope, (request, _reply, done) => void enter(request).then(() => done(), done))
}
