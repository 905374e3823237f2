// The HTTP server of a gateway: all its APIs and pages, and what of its requests is another gateway's.
import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import type { Auditor } from '../ledger/auditor.ts'
import { addAccountRoutes } from './admin/accounts.ts'
import { addActRoutes } from './admin/audit.ts'
import { addCodeRoutes } from './admin/money/codes.ts'
import { addCorrectionRoutes } from './admin/money/corrections.ts'
import { addAlertRoutes } from './admin/alerts.ts'
import { addFindRoute } from './admin/find.ts'
import { addGrantRoutes } from './admin/money/credits.ts'
import { addKeyRoutes } from './admin/keys.ts'
import { addAuditRoutes, addCatalogRoutes, addOperationRoutes } from './admin/operation.ts'
import { doorOf, operatorAuth } from './auth.ts'
import { refuseEncodings } from './bodies/encodings.ts'
import { addLogoRoute } from './brand/logo.ts'
import { addCallbackRoutes } from './callbacks.ts'
import { addPages } from './docs/pages.ts'
import { createFrame } from './frame.ts'
import { createFront } from './connections/front.ts'
import type { Front, ServerBounds } from './connections/front.ts'
import { addHealthRoutes } from './health.ts'
import type { Readiness } from './health.ts'
import type { Limits } from './limits.ts'
import { addReportRoutes } from './reports/report.ts'
import { addMediaRoutes } from './media.ts'
import { createRoutes } from './route.ts'
import type { Routes } from './route.ts'
import { addCustomerApis } from './surfaces/customers.ts'
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
  await addCustomerApis(app, ctx, { front, door: doorOf(ctx), routes, waitersMax, storeFailed })
  await app.register(
    async (scope) => await addOperatorApi(scope, ctx, { limits, routes, auditor: readiness.auditor }),
  )
  await app.register((scope, _options, done) => {
    addCallbackRoutes(scope, ctx, limits)
    done()
  })
  await app.register(async (scope) => addMediaRoutes(scope, ctx, connections))
  addLogoRoute(app, ctx)
  addHealthRoutes(app, ctx, readiness)
  await app.register(async (scope) => addPages(scope, ctx, routes))
  if (ctx.config.surfaces.skill) await app.register(async (scope) => addSkillPages(scope, ctx))
  return app
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
  addReportRoutes(scope, ctx, routes)
  addCorrectionRoutes(scope, ctx, routes)
  addCodeRoutes(scope, ctx, routes)
  addAuditRoutes(scope, ctx, means)
  addAlertRoutes(scope, ctx, routes)
  addFindRoute(scope, ctx, routes)
  addCatalogRoutes(scope, ctx, routes)
  addActRoutes(scope, ctx, routes)
}
