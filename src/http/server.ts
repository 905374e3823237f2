// The HTTP server: its limits, its hooks, and the scopes with their doors.
import underPressure from '@fastify/under-pressure'
import fastify, { LogController } from 'fastify'
import type { FastifyError, FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Auditor } from '../ledger/auditor.ts'
import type { Logger } from '../log.ts'
import { createWaiting } from '../tasks/waiting.ts'
import { addAccountRoutes, addGrantRoutes, addKeyRoutes } from './admin/accounts.ts'
import { addAuditRoutes, addCatalogRoutes, addOperationRoutes } from './admin/operation.ts'
import { clientDoor, operatorDoor } from './auth.ts'
import { addCallbackRoutes } from './callbacks.ts'
import { createClientErrors } from './client-error.ts'
import { badUrl, noHost, sendFailure, storeFailed } from './envelope.ts'
import { addHealthRoutes } from './health.ts'
import type { Readiness } from './health.ts'
import { jsonBytesMax, readJsonBodies } from './json-body.ts'
import { createLimits } from './limits.ts'
import type { Limits } from './limits.ts'
import { addMediaRoutes } from './media.ts'
import { observeAnswers } from './observe.ts'
import { addPages } from './pages.ts'
import { answerStrayRequests } from './paths.ts'
import { createRoutes } from './route.ts'
import type { Routes } from './route.ts'
import { sendTogether } from './together.ts'
import { addCreditRoutes } from './v1/credits.ts'
import { addFileRoutes } from './v1/files.ts'
import { addOfferRoutes } from './v1/offer.ts'
import { addTaskRoutes } from './v1/tasks.ts'
import { addTaskEventRoute } from './v1/wait.ts'
import type { Patience } from './v1/wait.ts'
import { addWebhookRoutes } from './v1/webhooks.ts'
import { withoutPorts } from './wire/forwarded.ts'
import { plainPath } from './wire/path.ts'
import { createStamp } from './wire/stamp.ts'

/** From the first byte of a request to its last; whoever is slower is cut off. */
const requestTimeoutMs = 30_000
/** Node ends slow bodies only when headers have a shorter limit and connections are checked often. */
const headersTimeoutMs = 10_000
const connectionsCheckingMs = 1_000
const keepAliveTimeoutMs = 65_000
/** Beyond this delay of the event loop, new work is turned away before it makes things worse. */
const eventLoopDelayMaxMs = 2_000
/** Longer than Node lets any URL be: an id that cannot be is not found, like any other. */
const paramLengthMax = 64 * 1024

export async function buildServer(ctx: Context, readiness: Readiness): Promise<FastifyInstance> {
  const app = createServer(ctx, readiness)
  const limits = createLimits(ctx.config.limits)
  const routes = createRoutes()
  const waiting = createWaiting(ctx)
  // Before connections are closed: nobody who only waits may hold up a stop.
  app.addHook('preClose', async () => await waiting.stop())
  const patience = { waiting, storeFailed: readiness.storeFailed }
  await app.register(async (scope) => await addClientApi(scope, ctx, limits, routes, patience))
  await app.register(async (scope) => await addOperatorApi(scope, ctx, limits, routes, readiness.auditor))
  await app.register((scope, _options, done) => {
    addCallbackRoutes(scope, ctx, limits)
    done()
  })
  addMediaRoutes(app, ctx)
  addHealthRoutes(app, ctx, readiness)
  await app.register(async (scope) => await addPages(scope, ctx, routes))
  return app
}

async function addClientApi(
  scope: FastifyInstance,
  ctx: Context,
  limits: Limits,
  routes: Routes,
  patience: Patience,
): Promise<void> {
  await scope.register(underPressure, {
    maxEventLoopDelay: eventLoopDelayMaxMs,
    pressureHandler() {
      throw overloaded()
    },
  })
  await clientDoor(scope, ctx, limits)
  addTaskRoutes(scope, ctx, routes, patience)
  addTaskEventRoute(scope, ctx, routes, patience)
  addOfferRoutes(scope, ctx, routes)
  addCreditRoutes(scope, ctx, routes)
  addWebhookRoutes(scope, ctx, routes)
  // In a scope of their own: nowhere else is multipart read.
  await scope.register(async (files) => await addFileRoutes(files, ctx, routes))
}

async function addOperatorApi(
  scope: FastifyInstance,
  ctx: Context,
  limits: Limits,
  routes: Routes,
  auditor: Auditor,
): Promise<void> {
  await operatorDoor(scope, ctx, limits)
  addAccountRoutes(scope, ctx, routes)
  addKeyRoutes(scope, ctx, routes)
  addGrantRoutes(scope, ctx, routes)
  addOperationRoutes(scope, ctx, routes)
  addAuditRoutes(scope, ctx, routes, auditor)
  addCatalogRoutes(scope, ctx, routes)
}

/** The server without its routes: what holds for every request, whatever it asks. */
function createServer(ctx: Context, readiness: Readiness): FastifyInstance {
  const { trustedProxies, corsOrigins } = ctx.config.network
  const requestId = () => newId('req', ctx.clock.now())
  const clientErrors = createClientErrors(requestId)
  const stamp = createStamp({ sandbox: readiness.sandbox, corsOrigins })
  const app = fastify({
    loggerInstance: withoutChildren(ctx.log),
    logController: new LogController({ disableRequestLogging: true }),
    // Whoever is connected while we stop is answered still.
    return503OnClosing: false,
    bodyLimit: jsonBytesMax,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Node's own refusal of a request without a host would be no answer of ours; a hook refuses instead.
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: connectionsCheckingMs,
      requireHostHeader: false,
    },
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    forceCloseConnections: 'idle',
    genReqId: requestId,
    rewriteUrl: plainPath,
    routerOptions: { maxParamLength: paramLengthMax },
    clientErrorHandler: clientErrors.answer,
    // What the router cannot read reaches no hook.
    frameworkErrors(_error, request, reply) {
      if (!stamp(request, reply)) void sendFailure(badUrl(), request, reply)
    },
  }) as unknown as FastifyInstance
  // An expectation that is not known may be passed over; Node's own refusal would be no answer of ours.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response))
  readJsonBodies(app)
  app.addHook('onRequest', (request, reply, done) => {
    clientErrors.remember(request, reply)
    const { 'x-forwarded-for': forwarded } = request.headers
    if (typeof forwarded === 'string') request.headers['x-forwarded-for'] = withoutPorts(forwarded)
    if (stamp(request, reply)) return
    if (readiness.storeFailed()) return done(storeFailed())
    return done(
      request.headers.host === undefined && request.raw.httpVersion === '1.1' ? noHost() : undefined,
    )
  })
  app.addHook('preHandler', (request, reply, done) => {
    if (!clientErrors.refused(request, reply)) return done()
    reply.hijack()
    request.raw.destroy()
  })
  observeAnswers(app, ctx)
  sendTogether(app)
  app.setErrorHandler(async (error: FastifyError, request, reply) => await sendFailure(error, request, reply))
  answerStrayRequests(app)
  return app
}

/**
 * A logger for each request costs more than the one line that it would write; and one from a factory of ours
 * would be examined by Fastify for each request.
 */
function withoutChildren(log: Logger): Logger {
  const logger = Object.create(log, { child: { value: () => logger } }) as Logger
  return logger
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
