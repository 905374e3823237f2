// Authentication: sk- keys for the client API, the admin token for the operator API; neither opens the other.
import bearerAuth from '@fastify/bearer-auth'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { noteUse } from '../accounts/key-uses.ts'
import { findCaller, mayStillAct } from '../accounts/callers.ts'
import type { Asked, Caller } from '../accounts/callers.ts'
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import { isWithin } from '../net/networks.ts'
import type { Actor } from '../operators/act.ts'
import { hasOperators, operatorByToken, requireRole } from '../operators/roles.ts'
import type { Operator } from '../operators/roles.ts'
import { needs } from './admin/needs.ts'
import { decorateLate, onLateBody } from './bodies/late-body.ts'
import type { Limits } from './limits.ts'
import { shownTestKey } from './test-keys/shown.ts'
import { clientAddress } from './wire/forwarded.ts'
import { readAhead } from './wire/read-ahead.ts'
import { wireOf } from './wire/wire.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The authenticated caller; null until the key is accepted. */
    caller: Caller | null
    /** Whose token opened the operator API; null until it is accepted. */
    operator: Operator | null
  }
}

/** Which keys open an API, and whose they are. */
export interface Door {
  find(secret: string, ahead: Ahead): Caller | null | Promise<Caller | null>
  /** Whether a caller that was found before is still valid. */
  mayStillAct(caller: Caller, ahead: Ahead): boolean | Promise<boolean>
  /** Told of every request that a key was accepted for. */
  used(caller: Caller): void
  /** Done before a caller's request, if given. */
  readonly welcome?: (caller: Caller) => Promise<void>
  /** For a request whose key does not open it; null: the usual words. */
  refusal(request: FastifyRequest): GatewayError | null
}

type Ahead = NonNullable<Asked['ahead']>

/** Real keys. */
export const doorOf = ({ db, clock, config }: Context): Door => ({
  find: (secret, ahead) => findCaller(db, secret, { nowMs: clock.now(), ahead }),
  mayStillAct: (caller, ahead) => mayStillAct(db, caller, { nowMs: clock.now(), ahead }),
  used: ({ keyId }) => noteUse(db, keyId, clock.now()),
  refusal: ({ headers }) =>
    config.testKeys === null && shownTestKey(headers) !== null ? noTestKeys() : null,
})

export async function clientAuth(scope: FastifyInstance, door: Door, limits: Limits): Promise<void> {
  const { welcome } = door
  scope.decorateRequest('caller', null)
  scope.decorateRequest('ahead', null)
  decorateLate(scope)
  const admit = (request: FastifyRequest, caller: Caller | null): boolean => {
    request.caller = caller
    return caller !== null
  }
  // Nothing is read for an account that is refused anyway.
  const aheadFor =
    (request: FastifyRequest): Ahead =>
    (presumed) =>
      limits.isSpent(presumed) ? null : readAhead(request, presumed.accountId)
  const opens = (secret: string, request: FastifyRequest) => {
    const found = door.find(secret, aheadFor(request))
    return found instanceof Promise ? found.then((caller) => admit(request, caller)) : admit(request, found)
  }
  /** The last accepted caller of each connection, with the Authorization header it sent. */
  const lastIn = new WeakMap<
    FastifyRequest['raw']['socket'],
    { readonly shown: string; readonly caller: Caller }
  >()
  const refuseAddress = (request: FastifyRequest, done: (error?: Error) => void): void => {
    limits.stranger(request).then(() => done(elsewhere(request, 'client')), done)
  }
  await requireBearer(scope, limits, {
    api: 'client',
    opens,
    enter(request, done) {
      const caller = callerOf(request)
      if (!mayComeFrom(caller, request.ip)) return refuseAddress(request, done)
      door.used(caller)
      const isLimited = limits.limits(caller)
      if (!isLimited && !welcome) return done()
      const counted = isLimited ? limits.count(caller) : Promise.resolve()
      const admitted = welcome ? counted.then(async () => await welcome(caller)) : counted
      admitted.then(() => done(), done)
    },
    goOn: (request, done) =>
      mayComeFrom(callerOf(request), request.ip) ? done() : refuseAddress(request, done),
    // Most clients reuse their connection and send the same key each time: hashing it and looking it up again
    // would find the same caller.
    recognises(request) {
      const last = lastIn.get(request.raw.socket)
      if (!last || last.shown !== request.headers.authorization) return false
      const may = door.mayStillAct(last.caller, aheadFor(request))
      if (!(may instanceof Promise)) return may && admit(request, last.caller)
      return may.then((is) => is && admit(request, last.caller))
    },
    remember(request) {
      const { authorization: shown = '' } = request.headers
      lastIn.set(request.raw.socket, { shown, caller: callerOf(request) })
    },
    refusal: (request) => door.refusal(request),
  })
}

export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw wireOf(request).words.unauthorized()
  return request.caller
}

export async function operatorAuth(scope: FastifyInstance, ctx: Context, limits: Limits): Promise<void> {
  if (!hasOperators(ctx.config)) {
    refuseOperators(scope)
    return
  }
  scope.decorateRequest('operator', null)
  await requireBearer(scope, limits, {
    api: 'operator',
    opens(token, request) {
      request.operator = operatorByToken(ctx.config, token)
      return request.operator !== null
    },
    enter(request, done) {
      try {
        requireRoleOfRoute(request)
        done()
      } catch (error) {
        done(error as Error)
      }
    },
    // Tokens of operators are those that the gateway was started with.
    goOn: null,
    recognises: () => false,
    remember: () => undefined,
    refusal: () => null,
  })
}

/** Where nobody is an operator. */
export function refuseOperators(scope: FastifyInstance): void {
  scope.addHook('onRequest', async () => {
    throw operatorApiOff()
  })
}

/** Throws unauthorized. A route without a role is open to nobody, and a test finds it. */
export function requireRoleOfRoute(request: FastifyRequest): void {
  const needed = needs[request.routeOptions.config.operationId ?? '']
  if (needed === undefined) throw new Error(`no role is named for ${request.routeOptions.url}`)
  requireRole(operatorBy(request), needed)
}

function operatorBy(request: FastifyRequest): Operator {
  if (request.operator === null) throw wireOf(request).words.unauthorized()
  return request.operator
}

/** Who acts by this request, for the audit. */
export const actorOf = (request: FastifyRequest): Actor => {
  const { name, refundMax } = operatorBy(request)
  return { name, origin: clientAddress(request), refundMax }
}

interface BearerScheme {
  readonly api: 'client' | 'operator'
  opens(secret: string, request: FastifyRequest): boolean | Promise<boolean>
  /** Further checks after the key is accepted. */
  enter(request: FastifyRequest, done: (error?: Error) => void): void
  /** The checks that are made again for a body that came late; null: nothing can have changed. */
  readonly goOn: ((request: FastifyRequest, done: (error?: Error) => void) => void) | null
  /** Fast path: the same key on the same connection. `false` means: run the full check. */
  recognises(request: FastifyRequest): boolean | Promise<boolean>
  /** Called for every request whose key the full check accepted. */
  remember(request: FastifyRequest): void
  /** Instead of the usual words; null: those. */
  refusal(request: FastifyRequest): GatewayError | null
}

async function requireBearer(scope: FastifyInstance, limits: Limits, scheme: BearerScheme): Promise<void> {
  const options = {
    keys: new Set<string>(),
    addHook: false,
    verifyErrorLogLevel: 'debug',
    // Schemes are case-insensitive, and some clients write "bearer".
    specCompliance: 'rfc6749',
    auth: (secret: string, request: FastifyRequest) => scheme.opens(secret, request),
  } as const
  await scope.register(bearerAuth, options)
  const verify = scope.verifyBearerAuth
  if (!verify) throw new Error('bearer-auth did not register')
  const checkInFull = (request: FastifyRequest, reply: FastifyReply, { enter, done }: Entering) =>
    verify(request, reply, (error?: Error) => {
      if (!error) {
        scheme.remember(request)
        return enter(request, done)
      }
      if (reply.statusCode !== 401) return done(error)
      const refuse = () => {
        // Only logged below the rate limit: this bounds the log lines of an address like its requests.
        const shown = request.headers.authorization === undefined ? 'none' : 'wrong'
        logRefusal(request, scheme.api, shown)
        done(scheme.refusal(request) ?? wireOf(request).words.unauthorized())
      }
      limits.stranger(request).then(refuse, done)
    })
  const check = (request: FastifyRequest, reply: FastifyReply, { enter, done }: Entering): void => {
    const go = (isRecognised: boolean): void => {
      if (isRecognised) enter(request, done)
      else checkInFull(request, reply, { enter, done })
    }
    const recognised = scheme.recognises(request)
    if (recognised instanceof Promise) recognised.then(go, done)
    else go(recognised)
  }
  scope.addHook('onRequest', (request, reply, done) => check(request, reply, { enter: scheme.enter, done }))
  const { goOn } = scheme
  if (goOn) onLateBody(scope, (request, reply, done) => check(request, reply, { enter: goOn, done }))
}

interface Entering {
  /** Further checks after the key is accepted. */
  readonly enter: BearerScheme['enter']
  done(error?: Error): void
}

/**
 * docs/operating.md has a filter for this line: do not change its fields, their order or its message. It is a
 * warning so that it is written at every log level except those for errors only.
 */
export function logRefusal(
  request: FastifyRequest,
  api: 'client' | 'operator' | 'console',
  shown: 'none' | 'wrong' | 'elsewhere',
): void {
  const refusal = { req: request.id, ip: clientAddress(request), api, shown }
  request.log.warn(refusal, 'key refused')
}

/** Both the key and its account may say from where requests may come. */
export const mayComeFrom = ({ cidrs, ofKey }: Caller, ip: string): boolean =>
  (cidrs === null || isWithin(ip, cidrs)) && (!ofKey?.cidrs || isWithin(ip, ofKey.cidrs))

export function elsewhere(request: FastifyRequest, api: 'client' | 'console'): GatewayError {
  logRefusal(request, api, 'elsewhere')
  const from = clientAddress(request)
  return new GatewayError('forbidden_address', {
    en: `This key may not be used from this address (${from}). Nothing was ordered or charged. Send the request from a machine that it is for, or have the address allowed.`,
    zh: `此密钥不允许从该地址(${from})使用。未创建任何任务,也未扣除积分。请从允许的机器发送请求,或请运营方放行该地址。`,
  })
}

const noTestKeys = () =>
  new GatewayError('unauthorized', {
    en: 'This gateway takes no test keys (sk-test-…): its operator has switched them off. Nothing was ordered or charged. Use a key that begins with sk- alone.',
    zh: '此网关不接受测试密钥(sk-test-…),运营方已将其关闭。未创建任何任务,也未扣除积分。请使用以 sk- 开头的正式密钥。',
  })

export const operatorApiOff = () =>
  new GatewayError('unavailable', {
    en: 'The operator API is off because no ADMIN_TOKEN is set and tollgate.yaml names no operators. Set a token of at least 32 characters and restart.',
    zh: '未设置 ADMIN_TOKEN,tollgate.yaml 中也没有 operators,运营接口已关闭。请设置至少 32 个字符的 ADMIN_TOKEN 后重启。',
  })
