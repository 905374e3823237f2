// All APIs that customers call, with what they share: authentication, load, waiting clients, bodies.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Context } from '../../context.ts'
import { createWaiting } from '../../tasks/wait/wait.ts'
import { clientAuth } from '../auth.ts'
import type { Door } from '../auth.ts'
import { refuseEncodings } from '../bodies/encodings.ts'
import { pictureBodies } from '../bodies/picture-body.ts'
import { createUploads } from '../bodies/uploads.ts'
import { addBrandRoute } from '../brand/answer.ts'
import type { Front } from '../connections/front.ts'
import { createLoad, loadBounds } from '../load.ts'
import type { Routes } from '../route.ts'
import { addUsageRoutes } from '../reports/usage.ts'
import { addCreditRoutes } from '../v1/credits.ts'
import { addTaskEventRoute } from '../v1/events.ts'
import { addFileRoutes } from '../v1/files.ts'
import { addOfferRoutes } from '../v1/offer.ts'
import { addTaskRoutes } from '../v1/tasks.ts'
import { addWebhookRoutes } from '../v1/webhooks.ts'
import type { ClientMeans } from './optional.ts'
import { optionalSurfaces } from './surfaces.ts'

export interface Customers {
  readonly front: Front
  /** Which keys open it. */
  readonly door: Door
  readonly routes: Routes
  /** How many clients may wait for a task: each holds a connection. */
  readonly waitersMax: number
  storeFailed(): boolean
}

export async function addCustomerApis(
  app: FastifyInstance,
  ctx: Context,
  customers: Customers,
): Promise<void> {
  const means = meansOf(app, ctx, customers)
  const admit = async (scope: FastifyInstance) => {
    means.load.shed(scope)
    await clientAuth(scope, customers.door, means.limits)
    refuseEncodings(scope)
  }
  await app.register(async (scope) => {
    await admit(scope)
    await addTasksApi(scope, ctx, means)
  })
  // In a scope of its own: it needs no key.
  await app.register(async (scope) => addBrandRoute(scope, ctx, customers.routes))
  for (const surface of optionalSurfaces(ctx.config)) {
    await app.register(async (scope) => {
      await admit(scope)
      await surface.addRoutes(scope, ctx, means)
    })
  }
}

function meansOf(
  app: FastifyInstance,
  ctx: Context,
  { front, routes, waitersMax, storeFailed }: Customers,
): ClientMeans {
  const { connections, clientErrors, memory, limits } = front
  const waiting = createWaiting(ctx, waitersMax)
  // Before connections are closed: waiting requests must not delay a stop.
  app.addHook('preClose', async () => await waiting.stop())
  const load = createLoad(ctx, { ...loadBounds, ...front.load })
  const detach = ({ raw }: FastifyReply) => {
    const socket = connections.detach(raw)
    if (socket) clientErrors.forget(socket)
    return socket
  }
  const patience = { waiting, storeFailed, release: load.release, detach }
  const bodies = { pictures: pictureBodies(ctx, memory), uploads: createUploads(ctx, memory) }
  return { limits, routes, patience, load, memory, connections, ...bodies }
}

async function addTasksApi(scope: FastifyInstance, ctx: Context, means: ClientMeans): Promise<void> {
  const { routes } = means
  addTaskRoutes(scope, ctx, means)
  addTaskEventRoute(scope, ctx, means)
  addOfferRoutes(scope, ctx, routes)
  addCreditRoutes(scope, ctx, routes)
  addUsageRoutes(scope, ctx, routes)
  addWebhookRoutes(scope, ctx, routes)
  // In a scope of its own: multipart is read nowhere else.
  await scope.register((files, _options, done) => {
    addFileRoutes(files, means)
    done()
  })
}
