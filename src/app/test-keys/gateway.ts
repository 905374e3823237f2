// The gateway behind test keys: a second one in the same process, with a store of its own and the sandbox as upstream.
import { findTestCaller } from '../../accounts/callers.ts'
import { followCatalog } from '../../catalog/live.ts'
import type { Config } from '../../config/config.ts'
import type { Context } from '../../context.ts'
import { CommitUnknown, isOfStore, isStoreDamaged, StoreRefused } from '../../db/errors.ts'
import { storeAt } from '../../db/store-at.ts'
import type { Front } from '../../http/connections/front.ts'
import type { TestGateway } from '../../http/test-keys/divert.ts'
import { embeddedStoreIn } from '../../config/config.ts'
import type { Logger } from '../../log.ts'
import type { TestKeysReport } from '../../http/test-keys/report.ts'
import { modeOf } from '../upstreams.ts'
import { startPlay } from './play.ts'
import type { Parts, Play } from './play.ts'
import { keepRunning } from './revive.ts'
import { testFolderOf, testSettings, withTestCallbacks } from './settings.ts'

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
  report(): TestKeysReport
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
  /** Resolved once it is known whether it is to run, and if so, once it does. */
  const begun = Promise.withResolvers<void>()

  const life = keepRunning<Play>({
    clock,
    async launch() {
      if (!front || url === null) throw new Error('the gateway is not serving')
      return await launch(ctx, settings, { front, log, url })
    },
    onFailure({ error }, pauseMs) {
      log.error(
        { err: error, pauseMs },
        'the gateway behind test keys failed, and is started anew; real keys are served',
      )
    },
  })

  const testGateway: TestGateway = {
    running: () => life.running()?.answer ?? null,
    async settled() {
      await begun.promise
      await life.settled()
    },
    async open(key) {
      const caller = await findTestCaller(db, key, { nowMs: clock.now() })
      if (!caller) return null
      await begun.promise
      return (await life.start()).answer
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
        .then(async (isThere) => (isThere ? await life.start() : null))
        .catch(() => undefined)
        .finally(begun.resolve)
    },
    report() {
      const { state, last } = life.report()
      return { state, lastError: last && { atMs: last.atMs, words: wordsFor(last.error) } }
    },
    async stop(drained) {
      await begun.promise
      await life.stop(drained)
    },
  }
}

/** Shown without a key: no path, and nothing of an error's own words. */
function wordsFor(error: unknown): string {
  if (isStoreDamaged(error)) return 'Its store was damaged and is made anew; play data is lost.'
  if (error instanceof CommitUnknown || error instanceof StoreRefused || isOfStore(error))
    return 'Its store cannot be read or written. The log says why.'
  return 'It did not start, or ended. The log says why.'
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
