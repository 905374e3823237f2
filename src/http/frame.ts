// A server without its routes: everything that applies to every request.
import fastify, { LogController } from 'fastify'
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import type { Context } from '../context.ts'
import type { GatewayError } from '../errors.ts'
import { newId } from '../ids.ts'
import type { Logger } from '../log.ts'
import { jsonBytesMax, readJsonBodies } from './bodies/json-body.ts'
import { dropUnreadBodies } from './bodies/unread-body.ts'
import { createBoundedServer, listenOnBothLoopbacks } from './connections/listen.ts'
import type { Front } from './connections/front.ts'
import { observeAnswers } from './observe.ts'
import { answerStrayRequests } from './paths.ts'
import { surfacesOf } from './surfaces/surfaces.ts'
import type { MethodsAt } from './wire/client-error.ts'
import { sendFailure } from './wire/failure.ts'
import { flushInBatches } from './wire/flush-batch.ts'
import { withoutPorts } from './wire/forwarded.ts'
import { createStamp } from './wire/headers/stamp.ts'
import { plainPaths } from './wire/path.ts'
import { badUrl, notOneHost, storeFailed } from './wire/refusals.ts'
import { useSurfaces } from './wire/wire.ts'

/** Longer than any URL that Node accepts: an overlong id is then simply not found, like any other. */
const paramLengthMax = 64 * 1024

export interface FrameOptions {
  /** Whether an answer to this request says that the sandbox is the upstream. */
  isSandbox(request: FastifyRequest): boolean
  /** Whether a refusal of it says so, although another answer would not. */
  isSandboxRefusal(request: FastifyRequest): boolean
  storeFailed(): boolean
  /** Null: it never listens; another server hands requests to `answer`. */
  readonly listens: {
    /** Who answers a request: the frame itself, or another. */
    divert(here: RequestListener): RequestListener
    /** Why a request is refused before all else. */
    refusalOf(request: FastifyRequest): GatewayError | null
  } | null
}

export interface Frame {
  readonly app: FastifyInstance
  readonly answer: RequestListener
}

export function createFrame(ctx: Context, front: Front, options: FrameOptions): Frame {
  const { connections, clientErrors } = front
  const { listens } = options
  const { trustedProxies } = ctx.config.network
  const requestId = () => newId('req', ctx.clock.now())
  const refuse = (error: Error, socket: Socket) =>
    connections.refuse(error, socket, () => clientErrors.answer(error, socket, (path) => methodsAt(path)))
  const surfaces = surfacesOf(ctx.config)
  let listener: RequestListener = () => undefined
  let methodsAt: MethodsAt = () => null
  const newServer = () =>
    listens === null ? createServer() : createBoundedServer(ctx, connections, listens.divert(listener))
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
  const stamp = createStamp({
    surfaces,
    isSandbox: options.isSandbox,
    corsOrigins: ctx.config.network.corsOrigins,
  })
  if (listens !== null && ctx.config.host === 'localhost') {
    listenOnBothLoopbacks(app, newServer().on('clientError', refuse))
  }
  useSurfaces(app, surfaces)
  app.decorate('brand', { getter: () => ctx.catalog.offer.brand })
  app.decorate('isSandboxRefusal', options.isSandboxRefusal)
  readJsonBodies(app)
  app.addHook('onRequest', (request, reply, done) => {
    clientErrors.remember(request, reply)
    const { 'x-forwarded-for': forwarded } = request.headers
    if (typeof forwarded === 'string') request.headers['x-forwarded-for'] = withoutPorts(forwarded)
    if (stamp(request, reply)) return
    if (options.storeFailed()) return done(storeFailed())
    if (!namesOneHost(request)) return done(notOneHost())
    return done(listens?.refusalOf(request) ?? undefined)
  })
  app.decorateRequest('held', null)
  dropUnreadBodies(app)
  observeAnswers(app, ctx)
  flushInBatches(app)
  app.setErrorHandler(async (error: FastifyError, _request, reply) => await sendFailure(reply, error))
  methodsAt = answerStrayRequests(app)
  return { app, answer: (request, response) => listener(request, response) }
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
