// The HTTP server: its limits, its hooks, and the scopes with their authentication.
import fastify, { LogController } from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import type { Context } from '../context.ts'
import { newId } from '../ids.ts'
import type { Auditor } from '../ledger/auditor.ts'
import type { Logger } from '../log.ts'
import { createWaiting } from '../tasks/wait/wait.ts'
import { addAccountRoutes, addKeyRoutes } from './admin/accounts.ts'
import { addGrantRoutes } from './admin/credits.ts'
import { addAuditRoutes, addCatalogRoutes, addOperationRoutes } from './admin/operation.ts'
import { clientAuth, operatorAuth } from './auth.ts'
import { addCallbackRoutes } from './callbacks.ts'
import { createClientErrors } from './wire/client-error.ts'
import type { ClientErrors, MethodsAt } from './wire/client-error.ts'
import { connectionBounds } from './connections/bounds.ts'
import type { ConnectionBounds } from './connections/bounds.ts'
import { Connections } from './connections/connections.ts'
import { createBoundedServer, listenOnBothLoopbacks } from './connections/listen.ts'
import { sendFailure } from './wire/failure.ts'
import { badUrl, notOneHost, storeFailed } from './wire/refusals.ts'
import { useSurfaces } from './wire/wire.ts'
import { addSkillPages } from './surfaces/skill/pages.ts'
import type { ClientMeans } from './surfaces/optional.ts'
import { optionalSurfaces, surfacesOf } from './surfaces/surfaces.ts'
import { addHealthRoutes } from './health.ts'
import type { Readiness } from './health.ts'
import { createLimits } from './limits.ts'
import type { Limits } from './limits.ts'
import { createLoad, loadBounds } from './load.ts'
import type { LoadBounds } from './load.ts'
import { addMediaRoutes } from './media.ts'
import { observeAnswers } from './observe.ts'
import { addPages } from './docs/pages.ts'
import { answerStrayRequests } from './paths.ts'
import { createRoutes } from './route.ts'
import type { Routes } from './route.ts'
import { flushInBatches } from './wire/flush-batch.ts'
import { addCreditRoutes } from './v1/credits.ts'
import { addFileRoutes } from './v1/files.ts'
import { addOfferRoutes } from './v1/offer.ts'
import { addTaskRoutes } from './v1/tasks.ts'
import { addTaskEventRoute } from './v1/events.ts'
import { addWebhookRoutes } from './v1/webhooks.ts'
import { refuseEncodings } from './bodies/encodings.ts'
import { withoutPorts } from './wire/forwarded.ts'
import { jsonBytesMax, readJsonBodies } from './bodies/json-body.ts'
import { createMemory } from './bodies/memory.ts'
import { plainPaths } from './wire/path.ts'
import { pictureBodies } from './bodies/picture-body.ts'
import { createUploads } from './bodies/uploads.ts'
import { createStamp } from './wire/headers/stamp.ts'
import { dropUnreadBodies } from './bodies/unread-body.ts'

/** Longer than any URL that Node accepts: an overlong id is then simply not found, like any other. */
const paramLengthMax = 64 * 1024

/** Overrides of the production limits, for tests. */
export interface ServerBounds {
  readonly connections?: Partial<ConnectionBounds>
  readonly load?: Partial<LoadBounds>
}

export async function buildServer(
  ctx: Context,
  readiness: Readiness,
  given: ServerBounds = {},
): Promise<FastifyInstance> {
  const bounds = { ...connectionBounds(readiness.memory.limitBytes), ...given.connections }
  const connections = new Connections(bounds, ctx)
  const clientErrors = createClientErrors(() => newId('req', ctx.clock.now()))
  const app = createServer(ctx, readiness, { connections, clientErrors })
  const limits = createLimits(ctx.config.limits)
  const routes = createRoutes()
  // Each waiting request holds a connection; half of them are left for other requests.
  const waiting = createWaiting(ctx, Math.floor(bounds.descriptorsMax / 2))
  const endChecks = connections.start()
  app.addHook('onClose', async () => endChecks())
  // Before connections are closed: waiting requests must not delay a stop.
  app.addHook('preClose', async () => await waiting.stop())
  const load = createLoad(ctx, { ...loadBounds, ...given.load })
  const detach = ({ raw }: FastifyReply) => {
    const socket = connections.detach(raw)
    if (socket) clientErrors.forget(socket)
    return socket
  }
  const patience = { waiting, storeFailed: readiness.storeFailed, release: load.release, detach }
  const memory = createMemory(readiness.memory)
  const bodies = { pictures: pictureBodies(ctx, memory), uploads: createUploads(ctx, memory) }
  const means: ClientMeans = { limits, routes, patience, load, memory, connections, ...bodies }
  await app.register(async (scope) => await addClientApi(scope, ctx, means))
  for (const surface of optionalSurfaces(ctx.config)) {
    await app.register(async (scope) => {
      await admitCustomers(scope, ctx, means)
      await surface.addRoutes(scope, ctx, means)
    })
  }
  await app.register(
    async (scope) => await addOperatorApi(scope, ctx, { limits, routes, auditor: readiness.auditor }),
  )
  await app.register((scope, _options, done) => {
    addCallbackRoutes(scope, ctx, limits)
    done()
  })
  await app.register(async (scope) => addMediaRoutes(scope, ctx, connections))
  addHealthRoutes(app, ctx, readiness)
  await app.register(async (scope) => await addPages(scope, ctx, routes))
  if (ctx.config.surfaces.skill) await app.register(async (scope) => addSkillPages(scope, ctx))
  return app
}

async function addClientApi(scope: FastifyInstance, ctx: Context, means: ClientMeans): Promise<void> {
  const { routes } = means
  await admitCustomers(scope, ctx, means)
  addTaskRoutes(scope, ctx, means)
  addTaskEventRoute(scope, ctx, means)
  addOfferRoutes(scope, ctx, routes)
  addCreditRoutes(scope, ctx, routes)
  addWebhookRoutes(scope, ctx, routes)
  // In a scope of its own: multipart is read nowhere else.
  await scope.register((files, _options, done) => {
    addFileRoutes(files, means)
    done()
  })
}

async function admitCustomers(
  scope: FastifyInstance,
  ctx: Context,
  { load, limits }: ClientMeans,
): Promise<void> {
  load.shed(scope)
  await clientAuth(scope, ctx, limits)
  refuseEncodings(scope)
}

interface OperatorApi {
  readonly limits: Limits
  readonly routes: Routes
  readonly auditor: Auditor
}

async function addOperatorApi(scope: FastifyInstance, ctx: Context, means: OperatorApi): Promise<void> {
  const { limits, routes } = means
  await operatorAuth(scope, ctx, limits)
  refuseEncodings(scope)
  addAccountRoutes(scope, ctx, routes)
  addKeyRoutes(scope, ctx, routes)
  addGrantRoutes(scope, ctx, routes)
  addOperationRoutes(scope, ctx, routes)
  addAuditRoutes(scope, ctx, means)
  addCatalogRoutes(scope, ctx, routes)
}

/** The server without its routes: everything that applies to every request. */
function createServer(
  ctx: Context,
  readiness: Readiness,
  { connections, clientErrors }: { readonly connections: Connections; readonly clientErrors: ClientErrors },
): FastifyInstance {
  const { trustedProxies, corsOrigins } = ctx.config.network
  const requestId = () => newId('req', ctx.clock.now())
  const refuse = (error: Error, socket: Socket) =>
    connections.refuse(error, socket, () => clientErrors.answer(error, socket, (path) => methodsAt(path)))
  const surfaces = surfacesOf(ctx.config)
  const stamp = createStamp({ surfaces, sandbox: readiness.sandbox, corsOrigins })
  let listener: RequestListener = () => undefined
  let methodsAt: MethodsAt = () => null
  const newServer = () => createBoundedServer(ctx, connections, listener)
  const app = fastify({
    loggerInstance: withoutChildren(ctx.log),
    logController: new LogController({ disableRequestLogging: true }),
    // Clients that are connected during a stop still get answers.
    return503OnClosing: false,
    bodyLimit: jsonBytesMax,
    serverFactory(answer) {
      listener = answer
      return newServer()
    },
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    forceCloseConnections: 'idle',
    genReqId: requestId,
    rewriteUrl: plainPaths(surfaces),
    routerOptions: { maxParamLength: paramLengthMax },
    clientErrorHandler: refuse,
    // Hooks do not run for URLs that the router cannot parse.
    frameworkErrors(_error, request, reply) {
      if (!stamp(request, reply)) void sendFailure(reply, badUrl())
    },
  }) as unknown as FastifyInstance
  if (ctx.config.host === 'localhost') {
    listenOnBothLoopbacks(app, newServer().on('clientError', refuse))
  }
  useSurfaces(app, surfaces)
  readJsonBodies(app)
  app.addHook('onRequest', (request, reply, done) => {
    clientErrors.remember(request, reply)
    const { 'x-forwarded-for': forwarded } = request.headers
    if (typeof forwarded === 'string') request.headers['x-forwarded-for'] = withoutPorts(forwarded)
    if (stamp(request, reply)) return
    if (readiness.storeFailed()) return done(storeFailed())
    return done(namesOneHost(request) ? undefined : notOneHost())
  })
  app.decorateRequest('held', null)
  dropUnreadBodies(app)
  observeAnswers(app, ctx)
  flushInBatches(app)
  app.setErrorHandler(async (error: FastifyError, _request, reply) => await sendFailure(reply, error))
  methodsAt = answerStrayRequests(app)
  return app
}

/** With two, we and a proxy might each use a different one. Before HTTP/1.1 the header is optional. */
function namesOneHost({ raw: { rawHeaders, httpVersion } }: FastifyRequest): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (name.length === hostLength && name.toLowerCase() === 'host') hosts += 1
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0')
}

const hostLength = 'host'.length

/**
 * A child logger per request costs more than the one line it would write; and Fastify would examine a logger
 * from a factory of ours for each request.
 */
function withoutChildren(log: Logger): Logger {
  const logger = Object.create(log, { child: { value: () => logger } }) as Logger
  return logger
}
