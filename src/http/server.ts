// The HTTP server: its limits, its hooks, and the scopes with their doors.
import helmet from '@fastify/helmet'
import underPressure from '@fastify/under-pressure'
import fastify, { LogController } from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import { newId } from '../ids.ts'
import { addAccountRoutes, addGrantRoutes, addKeyRoutes } from './admin/accounts.ts'
import { addCatalogRoutes, addOperationRoutes } from './admin/operation.ts'
import { clientDoor, operatorDoor } from './auth.ts'
import { answerClientError } from './client-error.ts'
import { sendFailure } from './envelope.ts'
import { addHealthRoutes } from './health.ts'
import type { Readiness } from './health.ts'
import { createLimits } from './limits.ts'
import { addPages } from './pages.ts'
import { createRoutes } from './route.ts'
import { addCreditRoutes } from './v1/credits.ts'
import { addFileRoutes } from './v1/files.ts'
import { addOfferRoutes } from './v1/offer.ts'
import { addTaskRoutes } from './v1/tasks.ts'

/** A create is a thousand characters and a few URLs. */
const bodyBytesMax = 64 * 1024
/** From the first byte of a request to its last; whoever is slower is cut off. */
const requestTimeoutMs = 30_000
/** Node ends slow bodies only when headers have a shorter limit and connections are checked often. */
const headersTimeoutMs = 10_000
const connectionsCheckingMs = 1_000
const keepAliveTimeoutMs = 65_000
/** Beyond this delay of the event loop, new work is turned away before it makes things worse. */
const eventLoopDelayMaxMs = 2_000
const paramLengthMax = 200

/** Nothing here is a page, but for those that say so themselves. TLS and HSTS belong to the proxy in front. */
const securityHeaders = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"] },
  },
  crossOriginResourcePolicy: { policy: 'same-site' },
  strictTransportSecurity: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} as const

export async function buildServer(ctx: Context, readiness: Readiness): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: ctx.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: connectionsCheckingMs },
    trustProxy: [...ctx.config.network.trustedProxies],
    forceCloseConnections: 'idle',
    genReqId: () => newId('req', ctx.clock.now()),
    routerOptions: { maxParamLength: paramLengthMax },
    clientErrorHandler: answerClientError,
  }) as unknown as FastifyInstance
  // Only JSON is read: the framework's parser for text would let a wrong Content-Type by.
  app.removeContentTypeParser('text/plain')
  addHooks(app, ctx, readiness)
  app.setErrorHandler(async (error: FastifyError, request, reply) => await sendFailure(error, request, reply))
  const paths = collectPaths(app)
  app.setNotFoundHandler(async (request, reply) => await answerNotFound(paths, request, reply))
  await app.register(helmet, securityHeaders)

  const limits = createLimits(ctx.config.limits)
  const routes = createRoutes()
  await app.register(async (scope) => {
    await scope.register(underPressure, {
      maxEventLoopDelay: eventLoopDelayMaxMs,
      pressureHandler() {
        throw overloaded()
      },
    })
    await clientDoor(scope, ctx, limits)
    addTaskRoutes(scope, ctx, routes)
    addOfferRoutes(scope, ctx, routes)
    addCreditRoutes(scope, ctx, routes)
    await addFileRoutes(scope, ctx, routes)
  })
  await app.register(async (scope) => {
    await operatorDoor(scope, ctx, limits)
    addAccountRoutes(scope, ctx, routes)
    addKeyRoutes(scope, ctx, routes)
    addGrantRoutes(scope, ctx, routes)
    addOperationRoutes(scope, ctx, routes)
    addCatalogRoutes(scope, ctx, routes)
  })
  addHealthRoutes(app, ctx, readiness)
  await addPages(app, ctx, routes)
  return app
}

function addHooks(app: FastifyInstance, ctx: Context, { sandbox }: Readiness): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (sandbox) reply.header('x-tollgate-sandbox', 'true')
  })
  app.addHook('onResponse', async (request, reply) => {
    const seconds = reply.elapsedTime / 1000
    const route = request.routeOptions.url ?? 'none'
    const { method } = request
    ctx.metrics.httpSeconds.observe({ method, route, status: reply.statusCode }, seconds)
    // Polls are most of the traffic and say little: they are logged for whoever asks for them.
    const level = reply.statusCode >= 500 ? 'error' : method === 'GET' ? 'debug' : 'info'
    request.log[level](
      { req: request.id, method, route, status: reply.statusCode, ms: Math.round(seconds * 1e6) / 1e3 },
      'answered',
    )
  })
}

interface KnownPath {
  readonly url: string
  readonly form: RegExp
  readonly methods: Set<string>
}

/** The methods of each path, to tell a wrong method from a wrong path. */
function collectPaths(app: FastifyInstance): readonly KnownPath[] {
  const paths: KnownPath[] = []
  app.addHook('onRoute', ({ url, method }) => {
    let known = paths.find((path) => path.url === url)
    if (!known) {
      known = { url, form: new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`), methods: new Set() }
      paths.push(known)
    }
    for (const name of [method].flat()) known.methods.add(name)
  })
  return paths
}

async function answerNotFound(
  paths: readonly KnownPath[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const path = request.url.split('?')[0] ?? ''
  // A path without parameters is meant before one that it happens to fit.
  const known = paths.find(({ url }) => url === path) ?? paths.find(({ form }) => form.test(path))
  if (known) {
    const allowed = [...known.methods]
    await sendFailure(wrongMethod(request.method, allowed), request, reply.header('allow', allowed.join(', ')), 405)
    return
  }
  await sendFailure(noSuchPath(), request, reply, 404)
}

const overloaded = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'The gateway is overloaded at the moment. Nothing was charged. Try again in a few seconds.',
      zh: '网关当前过载。未扣除任何积分。请稍后重试。',
    },
    { retryAfterMs: 5_000 },
  )

const noSuchPath = () =>
  new GatewayError('not_found', {
    en: 'There is no such path here. See /docs.',
    zh: '没有这个路径。请参阅 /docs。',
  })

const wrongMethod = (method: string, allowed: readonly string[]) =>
  new GatewayError('invalid_request', {
    en: `${method} is not what this path takes; it takes ${allowed.join(', ')}.`,
    zh: `该路径不支持 ${method},支持 ${allowed.join('、')}。`,
  })
