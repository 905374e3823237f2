// `tollgate serve`: runs the gateway as a process, from start to orderly stop.
import closeWithGrace from 'close-with-grace'
import { startApp } from '../../app/app.ts'
import type { App, AppOptions } from '../../app/app.ts'
import type { Config } from '../../config/config.ts'
import { createLog } from '../../log.ts'
import type { Logger } from '../../log.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import { banner } from '../output/banner.ts'
import { checkKeys } from '../check-keys.ts'
import { exitCodes } from '../output/exit.ts'
import { reloadOnHangUp, watchCatalog } from '../reload.ts'
import { sayWhere, settingsOfServing } from '../settings.ts'
import { outliveShortages } from '../shortage.ts'
import { startTestUpstream } from '../test-upstream.ts'
import { modelsGone } from '../../tasks/unreachable/models-gone.ts'
import { startSandboxFor } from '../with-sandbox.ts'

/** Time to stop beyond the submit timeout, which a submit may be waiting for. */
const stopSlackMs = 10_000
/** One Ctrl-C can arrive as several signals: it goes to the whole process group, and parents forward it. */
const oneSignalMs = 1_000

export interface ServeOptions {
  readonly sandbox?: boolean
  readonly newStore?: boolean
  readonly orphan?: boolean
  readonly newSealingKey?: boolean
}

export async function serve(options: ServeOptions): Promise<void> {
  const { config, origin } = await settingsOfServing(options.sandbox ? 'sandbox' : 'keevx')
  const log = createLog(config.logLevel)
  const { sandbox, sandboxConfig } = options.sandbox
    ? await startSandboxFor(config)
    : { sandbox: null, sandboxConfig: config }
  const { newStore = false, orphan = false, newSealingKey = false } = options
  const app = await run({ config: sandboxConfig, origin, log, sandbox, newStore, orphan, newSealingKey })
  reloadOnHangUp(app)
}

export interface Running {
  readonly config: Config
  /** Where the parts of the configuration come from, as text. */
  readonly origin: string
  readonly log: Logger
  readonly sandbox: Sandbox | null
  /** Whether a new store may be created although remains of another exist. */
  readonly newStore: boolean
  /** Whether to start although tasks name an upstream or a key that is not configured. */
  readonly orphan: boolean
  /** Whether the sealing key may be another one than that of the store. */
  readonly newSealingKey?: boolean
  /** Runs after the port is reserved, before the store is opened. */
  readonly beforeStore?: NonNullable<AppOptions['beforeStore']>
}

/** Serves until a signal; resolves when it listens and `prepare` is done. On failure, stops everything. */
export async function run(
  { config, origin, sandbox, beforeStore, ...started }: Running,
  prepare: (app: App) => Promise<void> = async () => undefined,
): Promise<App> {
  const { log } = started
  let app: App | null = null
  const onFatal = (error: Error) => {
    log.fatal({ err: error }, 'the store cannot be trusted any more; start again to read it afresh')
    const end = () => process.exit(exitCodes.failed)
    if (app) app.abandon().then(end, end)
    else end()
  }
  try {
    const ours = { ...started, config, sandbox: sandbox !== null, onFatal, startTestUpstream }
    app = await startApp({ ...ours, ...(beforeStore && { beforeStore }) })
    await prepare(app)
  } catch (error) {
    await app?.stop()
    await sandbox?.close()
    sayWhere(config, origin)
    throw error
  }
  const gone = await modelsGone(app.ctx.db.read, app.ctx.catalog.current)
  if (gone !== null) log.warn(`not sold any more: ${gone}`)
  const checking = new AbortController()
  const stopWatching = watchCatalog(app)
  // Before the banner: a supervisor that reads it may send a stop signal at once.
  stopOnSignals(app, sandbox, () => {
    checking.abort()
    stopWatching()
  })
  void checkKeys(app.ctx, checking.signal)
  log.info({ url: app.url, sandbox: sandbox !== null }, 'listening')
  banner(app, { origin, isSandbox: sandbox !== null, modelsGone: gone })
  return app
}

function stopOnSignals(app: App, sandbox: Sandbox | null, beforeStop: () => void): void {
  const { log, config } = app.ctx
  const delay =
    Math.max(...Object.values(config.upstreams).map(({ submit }) => submit.timeoutMs)) + stopSlackMs
  let heardAt: number | null = null
  const onSecondError = (error: unknown) =>
    log.fatal({ err: error }, 'another error while stopping; ended at once')
  const onTimeout = () => log.fatal({ ms: delay }, 'not stopped in time; ended at once')
  // SIGINT and SIGTERM are counted below; SIGHUP reloads.
  const skip: closeWithGrace.AllEvents[] = ['SIGHUP', 'SIGINT', 'SIGTERM', 'unhandledRejection']
  const options = { delay, skip, onTimeout, onSecondError, logger: false } as const
  outliveShortages(app.ctx)
  const { close } = closeWithGrace(options, async ({ err }) => {
    heardAt ??= performance.now()
    if (err) log.fatal({ err }, 'an error that nobody caught; stopping')
    beforeStop()
    try {
      await app.stop()
      log.info('stopped')
    } catch (error) {
      log.fatal({ err: error }, 'stopped, but not everything was written down')
      throw error
    } finally {
      await sandbox?.close()
    }
  })
  const heard = (signal: NodeJS.Signals) => {
    if (heardAt === null) {
      heardAt = performance.now()
      log.info({ signal }, 'stopping: what is under way is ended and written down')
      close()
    } else if (performance.now() - heardAt > oneSignalMs) {
      log.fatal({ signal }, 'asked to stop a second time; ended at once')
      process.exit(exitCodes.failed)
    }
  }
  process.on('SIGINT', heard)
  process.on('SIGTERM', heard)
}
