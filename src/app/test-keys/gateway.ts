// The gateway behind test keys: a second one in the same process, with a store of its own and the sandbox as upstream.
import { findTestCaller } from '../../accounts/keys.ts'
import { followCatalog } from '../../catalog/live.ts'
import type { Config } from '../../config/config.ts'
import type { Context } from '../../context.ts'
import { storeAt } from '../../db/store-at.ts'
import type { Front } from '../../http/connections/front.ts'
import type { Listener, TestGateway } from '../../http/test-keys/divert.ts'
import { embeddedStoreIn } from '../../config/config.ts'
import type { Logger } from '../../log.ts'
import { modeOf } from '../upstreams.ts'
import { startPlay } from './play.ts'
import type { Parts, Play } from './play.ts'
import { testFolderOf, testSettings, withTestCallbacks } from './settings.ts'

/** A start that failed is not tried again sooner. */
const againAfterMs = 10_000

export interface TestUpstream {
  /** With it as every upstream. */
  readonly config: Config
  close(): Promise<void>
}

export type StartTestUpstream = (config: Config, log: Logger) => Promise<TestUpstream>

interface Settings {
  /** Play credits. */
  readonly credits: number
  readonly startTestUpstream: StartTestUpstream
}

export interface TestKeys {
  readonly ofServer: { readonly testGateway: (front: Front) => TestGateway }
  /** Call it when the gateway in front listens. Starts, unless there was never a test key. */
  begin(url: string): void
  /** `drained` resolves when no client is connected any more. */
  stop(drained: Promise<void>): Promise<void>
}

/** Nothing is started before the first request with a valid test key, or if there was one in an earlier run. */
export function createTestKeys(ctx: Context, settings: Settings): TestKeys {
  const { clock, db } = ctx
  // Lines of its log are told by this field.
  const log = ctx.log.child({ test_keys: true })
  let front: Front | null = null
  let url: string | null = null
  let isStopping = false
  let play: Play | null = null
  let starting: Promise<Play> | null = null
  /** Resolved once it is known whether it is to run, and if so, once it does. */
  const begun = Promise.withResolvers<void>()
  let failedAt = -Infinity

  const start = async (): Promise<Play> => {
    if (play) return play
    if (!front || url === null || isStopping) throw new Error('the gateway is not serving')
    if (!starting && clock.monotonic() - failedAt < againAfterMs) throw new Error('its last start failed')
    starting ??= launch(ctx, settings, { front, log, url })
      .then((started) => (play = started))
      .catch((error: unknown) => {
        failedAt = clock.monotonic()
        log.error({ err: error }, 'the gateway behind test keys did not start; real keys are served')
        throw error
      })
      .finally(() => (starting = null))
    return await starting
  }

  const running = (): Listener | null => (play && !play.hasFailed() ? play.answer : null)

  const testGateway: TestGateway = {
    running,
    async settled() {
      await begun.promise
      await starting?.catch(() => undefined)
    },
    async open(key) {
      const caller = await findTestCaller(db, key, clock.now())
      if (!caller) return null
      await begun.promise
      const started = await start()
      if (started.hasFailed()) throw new Error('its store failed')
      return started.answer
    },
  }

  return {
    ofServer: {
      testGateway(shared) {
        front = shared
        return testGateway
      },
    },
    begin(at) {
      url = at
      void wasThere(ctx.config)
        .then(async (isThere) => (isThere && !isStopping ? await start() : null))
        .catch(() => undefined)
        .finally(begun.resolve)
    },
    async stop(drained) {
      isStopping = true
      await testGateway.settled()
      await play?.stop(drained)
    },
  }
}

interface Place extends Pick<Parts, 'front' | 'log'> {
  readonly url: string
}

async function launch(ctx: Context, settings: Settings, { front, log, url }: Place): Promise<Play> {
  const upstream = await settings.startTestUpstream(testSettings(ctx.config, url), log)
  const config = withTestCallbacks(upstream.config)
  const catalog = followCatalog(ctx.catalog, config, modeOf(ctx.config))
  const closeUpstream = async () => await upstream.close()
  return await startPlay(ctx, { config, catalog, log, front, credits: settings.credits, closeUpstream })
}

const wasThere = async (config: Config): Promise<boolean> =>
  await storeAt(embeddedStoreIn(testFolderOf(config))).exists()
