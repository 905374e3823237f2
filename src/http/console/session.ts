// Who is signed in to the console: signing in, signing out, and the password.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { conflictsNow, GatewayError } from '../../errors.ts'
import { operatorRoles } from '../../config/file/operators-schema.ts'
import { ownerOf } from '../../sessions/access.ts'
import { mayMakeKeys, requireMakingKeys } from '../../sessions/rights.ts'
import { endSession, endSessionsOf, findSession } from '../../sessions/sessions.ts'
import { keyShownTo } from '../../sessions/shown-key.ts'
import type { Session } from '../../sessions/sessions.ts'
import { setPassword } from '../../sessions/sign-in.ts'
import type { Limits } from '../limits.ts'
import { createRoutes } from '../route.ts'
import type { Routes } from '../route.ts'
import { refuseEncodings } from '../bodies/encodings.ts'
import { sessionOf, signedInBy } from './auth.ts'
import type { SignedIn } from './auth.ts'
import { cookieKind, refuseOtherPages } from './pages.ts'
import { dropCookie, keepCookie, shownToken } from './cookie.ts'
import { createGuesses } from './guesses.ts'
import { signIn } from './sign-in.ts'
import type { Credentials } from './sign-in.ts'
import { signedOut } from './wire.ts'

/** More than any secret that is given out. */
const secretTextMax = 500
const passwordMin = 10
const passwordMax = 200

const named = z.object({ id: z.string(), name: z.string() })
const sessionAnswer = z.object({
  signed_in: z.boolean(),
  role: z.enum(['customer', 'operator']).optional(),
  account: named.optional(),
  key: z.object({ ...named.shape, prefix: z.string() }).optional(),
  opened_by: z.enum(['key', 'link', 'password']).optional(),
  has_password: z.boolean().optional(),
  may: z.object({ make_keys: z.boolean(), set_password: z.boolean() }).optional(),
  operator: z.object({ name: z.string(), role: z.enum(operatorRoles) }).optional(),
  expires_at: z.int().optional(),
})

const keyAnswer = z.object({ key: z.string().nullable() })

type SessionView = z.input<typeof sessionAnswer>

const secretText = z.string().min(1).max(secretTextMax).optional()
const credentials = z.strictObject({
  secret: secretText,
  link: secretText,
  account: secretText,
  password: secretText,
})

interface SessionRoutes {
  readonly ctx: Context
  readonly limits: Limits
  readonly routes: Routes
}

/** Documented in docs/console.md alone: they are the console's own. */
export function addSessionRoutes(scope: FastifyInstance, ctx: Context, limits: Limits): void {
  refuseOtherPages(scope, ctx.config)
  refuseEncodings(scope)
  const parts = { ctx, limits, routes: createRoutes() }
  addReading(scope, parts)
  addSignIn(scope, parts)
  addSignOut(scope, parts)
  addPassword(scope, parts)
}

const common = { tag: 'Session', answer: sessionAnswer } as const

function addReading(scope: FastifyInstance, { ctx, limits, routes }: SessionRoutes): void {
  routes.add(scope, {
    ...common,
    method: 'GET',
    url: '/console/session',
    operationId: 'getSession',
    summary: 'Who is signed in',
    run: async ({ request }) => await viewSession(ctx, await sessionOf(ctx, limits, request)),
  })
  routes.add(scope, {
    tag: 'Session',
    answer: keyAnswer,
    method: 'GET',
    url: '/console/session/key',
    operationId: 'getSessionKey',
    summary: 'The key that opened the session',
    async run({ request, reply }) {
      void reply.header('cache-control', 'no-store')
      // Typed as an address it would stand in the window for whoever looks on.
      if (request.headers['sec-fetch-site'] === 'none') return { key: null }
      const session = await sessionOf(ctx, limits, request)
      const token = shownToken(request, cookieKind(request, ctx.config))
      if (session?.role !== 'customer' || token === null) return { key: null }
      return { key: await keyShownTo(ctx.db.read, token) }
    },
  })
}

function addSignIn(scope: FastifyInstance, { ctx, limits, routes }: SessionRoutes): void {
  const guesses = createGuesses()
  routes.add(scope, {
    ...common,
    method: 'POST',
    url: '/console/session',
    operationId: 'signIn',
    summary: 'Sign in',
    body: credentials,
    async run({ body, request, reply }) {
      const kind = cookieKind(request, ctx.config)
      if (kind === null) throw needsTls()
      const before = await sessionOf(ctx, limits, request).catch(() => null)
      const by = { limits, guesses, request, instead: before?.hash ?? null }
      const { token } = await signIn(ctx, by, oneWayOf(body))
      const session = await signedInBy(ctx, { limits, request }, token)
      if (!session) throw signedOut()
      keepCookie(reply, { kind, token, forMs: session.expiresAt - ctx.clock.now() })
      return await viewSession(ctx, session)
    },
  })
}

/** Throws invalid_request unless exactly one way to sign in is given. */
function oneWayOf({ secret, link, account, password }: z.output<typeof credentials>): Credentials {
  const ways: Credentials[] = []
  if (secret !== undefined) ways.push({ secret })
  if (link !== undefined) ways.push({ link })
  if (account !== undefined && password !== undefined) ways.push({ account, password })
  const [way, ...others] = ways
  const isPart = (account === undefined) !== (password === undefined)
  if (way === undefined || others.length > 0 || isPart) throw notOneWay()
  return way
}

function addSignOut(scope: FastifyInstance, { ctx, limits, routes }: SessionRoutes): void {
  const leave = (url: string, operationId: string, end: (session: Session) => Promise<void>) =>
    routes.add(scope, {
      ...common,
      method: 'DELETE',
      url,
      operationId,
      summary: 'Sign out',
      async run({ request, reply }) {
        // Also where the session may not be used: from another address, or by an operator who is none any more.
        const token = shownToken(request, cookieKind(request, ctx.config))
        const session = token === null ? null : await findSession(ctx, token)
        if (session) await end(session)
        else if (token !== null) await limits.stranger(request)
        dropCookie(reply, cookieKind(request, ctx.config))
        void reply.code(204).send()
        return undefined
      },
    })
  leave('/console/session', 'signOut', async ({ hash }) =>
    ctx.db.transaction(async (tx) => await endSession(tx, hash)),
  )
  leave('/console/sessions', 'signOutEverywhere', async (session) =>
    ctx.db.transaction(async (tx) => await endSessionsOf(tx, session)),
  )
}

function addPassword(scope: FastifyInstance, { ctx, limits, routes }: SessionRoutes): void {
  routes.add(scope, {
    ...common,
    method: 'PUT',
    url: '/console/password',
    operationId: 'setPassword',
    summary: 'Set the password',
    body: z.strictObject({ password: z.string().min(passwordMin).max(passwordMax) }),
    async run({ body, request, reply }) {
      const session = await sessionOf(ctx, limits, request)
      if (!session) throw signedOut()
      if (session.role !== 'customer') throw forCustomers()
      requireMakingKeys(ctx.config, session.openedBy)
      if (limits.limits(session.caller)) await limits.count(session.caller)
      await setPassword(ctx, session, body.password)
      void reply.code(204).send()
      return undefined
    },
  })
}

async function viewSession({ db, config }: Context, session: SignedIn | null): Promise<SessionView> {
  if (session === null) return { signed_in: false }
  const lasting = { signed_in: true, role: session.role, expires_at: Math.floor(session.expiresAt / 1_000) }
  if (session.role === 'operator') {
    const { name, role } = session.is
    return { ...lasting, operator: { name, role } }
  }
  const { caller, openedBy } = session
  const owner = await ownerOf(db.read, caller)
  if (!owner) return { signed_in: false }
  const may = mayMakeKeys(config, openedBy)
  return {
    ...lasting,
    account: { id: caller.accountId, name: owner.accountName },
    key: { id: caller.keyId, name: owner.keyName, prefix: owner.keyPrefix },
    ...(openedBy !== 'token' && { opened_by: openedBy }),
    has_password: owner.passwordHash !== null,
    may: { make_keys: may, set_password: may },
  }
}

const notOneWay = () =>
  new GatewayError('invalid_request', {
    en: 'Send one of: secret (a key or an operator’s token), link, or account with password. You are not signed in.',
    zh: '请提供以下之一:secret(密钥或运营令牌)、link,或 account 与 password。未登录。',
  })

const needsTls = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The console is opened over https, or on the machine itself: anybody on the way could read what signs you in. You are not signed in. Open it by its https address; behind a proxy that ends TLS, the operator sets PUBLIC_URL.',
      zh: '请通过 https 或在本机打开控制台,否则网络上的任何人都可能读取登录信息。未登录。请使用 https 地址;若由代理终止 TLS,请运营方设置 PUBLIC_URL。',
    },
    { detail: conflictsNow },
  )

const forCustomers = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'Operators have no password: they sign in with their token. Nothing was changed.',
      zh: '运营人员没有密码,请使用令牌登录。未作任何改动。',
    },
    { detail: conflictsNow },
  )
