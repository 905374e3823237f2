// The HTTP server of a gateway: all its APIs and pages, and what of its requests is another gateway's.
import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import type { Auditor } from '../ledger/auditor.ts'
import { addAccountRoutes } from './admin/accounts/accounts.ts'
import { addPrivacyRoutes } from './admin/accounts/privacy.ts'
import { addActRoutes } from './admin/audit.ts'
import { addCodeRoutes } from './admin/money/codes.ts'
import { addCorrectionRoutes } from './admin/money/corrections.ts'
import { addAlertRoutes } from './admin/alerts.ts'
import { addFindRoute } from './admin/find.ts'
import { addGrantRoutes } from './admin/money/credits.ts'
import { addKeyRoutes } from './admin/accounts/keys.ts'
import { addLinkRoute } from './admin/accounts/links.ts'
import { addSystemRoutes } from './admin/system.ts'
import { addUpstreamRoutes } from './admin/upstreams.ts'
import { addCatalogRoutes, addReloadRoutes } from './admin/catalog.ts'
import { addAuditRoutes, addOperationRoutes } from './admin/operation.ts'
import { doorOf, operatorAuth } from './auth.ts'
import { refuseEncodings } from './bodies/encodings.ts'
import { customerSessions, operatorSessions } from './console/auth.ts'
import { addSessionRoutes } from './console/session.ts'
import { addLogoRoute } from './brand/logo.ts'
import { addCallbackRoutes } from './callbacks.ts'
import { addConsolePages } from './console/bundle.ts'
import { addPages } from './docs/pages.ts'
import { createFrame } from './frame.ts'
import { createFront } from './connections/front.ts'
import type { Front, ServerBounds } from './connections/front.ts'
import { addHealthRoutes } from './health.ts'
import type { Readiness } from './health.ts'
import { addOperatorEventRoute } from './live/routes.ts'
import type { Streams } from './live/streams.ts'
import { addReportRoutes } from './reports/report.ts'
import { addMediaRoutes } from './media.ts'
import { createRoutes } from './route.ts'
import type { Routes } from './route.ts'
import { addCustomerApis, consolePath } from './surfaces/customers.ts'
import { addSkillPages } from './surfaces/skill/pages.ts'
import { createDivert } from './test-keys/divert.ts'
import type { TestGateway } from './test-keys/divert.ts'

export interface ServerOptions extends ServerBounds {
  /** Answers what is asked with test keys, given the front that it shares. Left out: it is as if they were off. */
  readonly testGateway?: (front: Front) => TestGateway
}

export async function buildServer(
  ctx: Context,
  readiness: Readiness,
  options: ServerOptions = {},
): Promise<FastifyInstance> {
  const front = createFront(ctx, readiness.memory, options)
  const { connections, limits } = front
  const divert = createDivert(ctx.config, options.testGateway?.(front) ?? null)
  const { storeFailed } = readiness
  const { app } = createFrame(ctx, front, {
    isSandbox: (request) => readiness.sandbox || divert.isMeant(request),
    isSandboxRefusal: (request) => divert.bringsKey(request),
    storeFailed,
    listens: divert,
  })
  const routes = createRoutes()
  const endChecks = connections.start()
  app.addHook('onClose', async () => endChecks())
  // Each waiting request holds a connection; half of them are left for other requests.
  const waitersMax = Math.floor(front.descriptorsMax / 2)
  const consoleAuth = (scope: FastifyInstance) => customerSessions(scope, ctx, limits)
  const customers = { front, door: doorOf(ctx), routes, waitersMax, storeFailed, consoleAuth }
  const streams = await addCustomerApis(app, ctx, customers)
  const { auditor } = readiness
  await app.register(async (scope) => {
    await operatorAuth(scope, ctx, limits)
    addOperatorApi(scope, ctx, { routes, auditor, streams })
  })
  await app.register(
    async (scope) => {
      operatorSessions(scope, ctx, limits)
      addOperatorApi(scope, ctx, { routes: createRoutes(), auditor, streams })
    },
    { prefix: consolePath },
  )
  await app.register(async (scope) => addSessionRoutes(scope, ctx, limits))
  await app.register((scope, _options, done) => {
    addCallbackRoutes(scope, ctx, limits)
    done()
  })
  await app.register(async (scope) => addMediaRoutes(scope, ctx, connections))
  addLogoRoute(app, ctx)
  addHealthRoutes(app, ctx, readiness)
  await app.register(async (scope) => addPages(scope, ctx, routes))
  await app.register(async (scope) => addConsolePages(scope, ctx))
  if (ctx.config.surfaces.skill) await app.register(async (scope) => addSkillPages(scope, ctx))
  return app
}

interface OperatorApi {
  readonly routes: Routes
  readonly auditor: Auditor
  readonly streams: Streams
}

function addOperatorApi(scope: FastifyInstance, ctx: Context, means: OperatorApi): void {
  const { routes } = means
  refuseEncodings(scope)
  addAccountRoutes(scope, ctx, routes)
  addPrivacyRoutes(scope, ctx, routes)
  addKeyRoutes(scope, ctx, routes)
  addLinkRoute(scope, ctx, routes)
  addGrantRoutes(scope, ctx, routes)
  addOperationRoutes(scope, ctx, routes)
  addReportRoutes(scope, ctx, routes)
  addCorrectionRoutes(scope, ctx, routes)
  addCodeRoutes(scope, ctx, routes)
  addAuditRoutes(scope, ctx, means)
  addAlertRoutes(scope, ctx, routes)
  addSystemRoutes(scope, ctx, routes)
  addUpstreamRoutes(scope, ctx, routes)
  addFindRoute(scope, ctx, routes)
  addCatalogRoutes(scope, ctx, routes)
  addReloadRoutes(scope, ctx, routes)
  addActRoutes(scope, ctx, routes)
  addOperatorEventRoute(scope, routes, means.streams)
}
