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
import { addEventRoute } from '../live/routes.ts'
import { createStreams } from '../live/streams.ts'
import type { Streams } from '../live/streams.ts'
import { createLoad, loadBounds } from '../load.ts'
import { createRoutes } from '../route.ts'
import type { Routes } from '../route.ts'
import { addUsageRoutes } from '../reports/usage.ts'
import { GatewayError } from '../../errors.ts'
import { addOwnKeyRoutes } from '../v1/account/keys.ts'
import { addLowBalanceRoutes } from '../v1/account/low-balance.ts'
import { addCreditRoutes } from '../v1/credits.ts'
import { addTaskEventRoute } from '../v1/events.ts'
import { addFileRoutes } from '../v1/files.ts'
import { addOfferRoutes } from '../v1/offer.ts'
import { addTaskDetailRoute } from '../v1/task-detail.ts'
import { addTaskRoutes } from '../v1/tasks.ts'
import { addWebhookRoutes } from '../v1/webhooks/routes.ts'
import type { ClientMeans } from './optional.ts'
import { optionalSurfaces } from './surfaces.ts'

/** Both APIs are mounted below it a second time, for sessions instead of keys and tokens. */
export const consolePath = '/console'

export interface Customers {
  readonly front: Front
  /** Which keys open it. */
  readonly door: Door
  readonly routes: Routes
  /** How many clients may wait for a task: each holds a connection. */
  readonly waitersMax: number
  storeFailed(): boolean
  /** Authenticates sessions of the console, which open the tasks API below `/console` as well. Left out: it is not there. */
  readonly consoleAuth?: (scope: FastifyInstance) => void
  /** Behind test keys, whose accounts are mirrored: keys and settings are those of the gateway in front. */
  readonly ofTestKeys?: boolean
}

/** Returns the streams of events, which operators have as well. */
export async function addCustomerApis(
  app: FastifyInstance,
  ctx: Context,
  customers: Customers,
): Promise<Streams> {
  const means = meansOf(app, ctx, customers)
  const streams = createStreams(ctx, means.patience)
  app.addHook('preClose', async () => streams.stop())
  const admit = async (scope: FastifyInstance) => {
    means.load.shed(scope)
    await clientAuth(scope, customers.door, means.limits)
    refuseEncodings(scope)
  }
  await app.register(async (scope) => {
    await admit(scope)
    await addTasksApi(scope, ctx, { ...means, streams, ofTestKeys: customers.ofTestKeys ?? false })
  })
  const { consoleAuth } = customers
  if (consoleAuth) {
    const ofConsole = async (scope: FastifyInstance) => {
      means.load.shed(scope)
      consoleAuth(scope)
      refuseEncodings(scope)
      await addTasksApi(scope, ctx, { ...means, streams, routes: createRoutes(), ofTestKeys: false })
    }
    await app.register(ofConsole, { prefix: consolePath })
  }
  // In a scope of its own: it needs no key.
  await app.register(async (scope) => addBrandRoute(scope, ctx, customers.routes))
  for (const surface of optionalSurfaces(ctx.config)) {
    await app.register(async (scope) => {
      await admit(scope)
      await surface.addRoutes(scope, ctx, means)
    })
  }
  return streams
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

interface TasksMeans extends ClientMeans {
  readonly streams: Streams
  readonly ofTestKeys: boolean
}

async function addTasksApi(scope: FastifyInstance, ctx: Context, means: TasksMeans): Promise<void> {
  const { routes } = means
  addTaskRoutes(scope, ctx, means)
  addTaskEventRoute(scope, ctx, means)
  addEventRoute(scope, routes, means.streams)
  addTaskDetailRoute(scope, ctx, routes)
  addOfferRoutes(scope, ctx, routes)
  addCreditRoutes(scope, ctx, routes)
  addUsageRoutes(scope, ctx, routes)
  addWebhookRoutes(scope, ctx, routes)
  await scope.register((account, _options, done) => {
    if (means.ofTestKeys) account.addHook('preHandler', refuseTestKeys)
    addOwnKeyRoutes(account, ctx, routes)
    addLowBalanceRoutes(account, ctx, routes)
    done()
  })
  // In a scope of its own: multipart is read nowhere else.
  await scope.register((files, _options, done) => {
    addFileRoutes(files, means)
    done()
  })
}

async function refuseTestKeys(): Promise<void> {
  throw new GatewayError('invalid_request', {
    en: 'A test key manages no keys and settings of the account. Nothing was changed. Use a key that begins with sk- alone, or the console.',
    zh: '测试密钥不能管理账户的密钥和设置。未作任何改动。请使用以 sk- 开头的正式密钥,或在控制台中操作。',
  })
}
