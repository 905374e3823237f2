// The HTTP side of the gateway behind test keys: the customers' APIs and the links of results, and nothing else.
import type { RequestListener } from 'node:http'
import type { Context } from '../../context.ts'
import type { Door } from '../auth.ts'
import { addCallbackRoutes } from '../callbacks.ts'
import { createFrame } from '../frame.ts'
import type { Front } from '../connections/front.ts'
import { createLimits } from '../limits.ts'
import { addMediaRoutes } from '../media.ts'
import { createRoutes } from '../route.ts'
import { addCustomerApis } from '../surfaces/customers.ts'

/** Waiting clients of test keys hold at most this part of all connections. */
const waitersPart = 8

export interface TestServer {
  /** It never listens: the server in front hands over what is meant for it. */
  readonly answer: RequestListener
  /** Wakes waiting clients; requests that come later are still answered. */
  close(): Promise<void>
}

interface Behind {
  /** Opens to test keys alone. */
  readonly door: Door
  storeFailed(): boolean
  /** Told what a request throws, besides its answer. */
  onTrouble(error: unknown): void
}

export async function buildTestServer(
  ctx: Context,
  shared: Front,
  { door, storeFailed, onTrouble }: Behind,
): Promise<TestServer> {
  // What a test key asks does not count for its account; who has no valid key is one stranger to both gateways.
  const { stranger } = shared.limits
  const front = { ...shared, limits: { ...createLimits(ctx), stranger } }
  const { app, answer } = createFrame(ctx, front, {
    isSandbox: () => true,
    isSandboxRefusal: () => true,
    storeFailed,
    listens: null,
  })
  const waitersMax = Math.floor(front.descriptorsMax / waitersPart)
  app.addHook('onError', async (_request, _reply, error) => onTrouble(error))
  await addCustomerApis(app, ctx, {
    front,
    door,
    routes: createRoutes(),
    waitersMax,
    storeFailed,
    ofTestKeys: true,
  })
  await app.register((scope, _options, done) => {
    addCallbackRoutes(scope, ctx, front.limits)
    done()
  })
  await app.register(async (scope) => addMediaRoutes(scope, ctx, front.connections))
  await app.ready()
  return { answer, close: async () => await app.close() }
}
