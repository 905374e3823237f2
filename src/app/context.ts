// Opens and closes the context: the store, the upstreams, and all else that the rooms are given.
import { createLiveCatalog } from '../catalog/live.ts'
import type { LiveCatalog } from '../catalog/live.ts'
import type { Clock } from '../clock.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { configuredUpstreams } from '../context.ts'
import type { Context, Instances } from '../context.ts'
import type { Upgrade } from '../db/dialect.ts'
import { storeAt } from '../db/store-at.ts'
import { makeFolder } from '../disk/folder.ts'
import { setCell } from '../ids.ts'
import { createLog } from '../log.ts'
import type { Logger } from '../log.ts'
import { alone } from '../instances/instances.ts'
import { createResultStore } from '../media/health/result-store.ts'
import { mediaRootOf } from '../media/root.ts'
import { createMetrics } from '../metrics.ts'
import { createGuard } from '../net/guard.ts'
import { createTrustedHttp } from '../net/trusted-http.ts'
import { createChanges } from '../tasks/wait/changes.ts'
import { Shortages } from '../accounts/shortages.ts'
import { createTime } from '../time/time.ts'
import { createWakeups } from '../worker/worker.ts'
import type { Wakeups } from '../worker/worker.ts'
import { createUpstreams, modeOf } from './upstreams.ts'

export interface ContextOptions {
  readonly config: Config
  readonly clock?: Clock
  readonly log?: Logger
  /** The gateways that serve the store; by default this is the only one. */
  readonly instances?: Instances
  /** Instead of the one of the configuration. */
  readonly catalog?: LiveCatalog
  /** Called when the store can no longer be trusted; the process must end. */
  readonly onFatal?: (error: Error) => void
  /** Called after an older store was upgraded, with the copy that is kept of it, if there is one; also logged. */
  readonly onUpgrade?: (upgrade: Upgrade) => void
}

/** A context without a server, with the store open, for commands. Close it with `closeContext`. */
export async function createContext(
  options: ContextOptions,
  wakeups: Wakeups = createWakeups(),
): Promise<Context> {
  const { config } = options
  setCell(config.cell)
  const log = options.log ?? createLog(config.logLevel)
  const metrics = createMetrics()
  const time = createTime({
    clock: options.clock ?? systemClock,
    log,
    metrics,
    onStep(byMs) {
      for (const { holds } of upstreams.values()) holds.shift(byMs)
      for (const { keys, callbackHealth } of configuredUpstreams(upstreams)) {
        keys.shift(byMs)
        callbackHealth.shift(byMs)
      }
    },
  })
  const upstreams = createUpstreams(config, time)
  const catalog = options.catalog ?? createLiveCatalog(config, modeOf(config))
  const onFatal = options.onFatal ?? ((error) => log.fatal({ err: error }, 'the store failed'))
  const onUpgrade = (upgrade: Upgrade) => {
    const kept = upgrade.copy === null ? '' : '; it is kept as it was in the copy'
    log.warn({ ...upgrade }, `the store was brought up to this version${kept}`)
    options.onUpgrade?.(upgrade)
  }
  // Files lie there wherever the store is.
  makeFolder(config.dataDir)
  const trustedHttp = createTrustedHttp()
  const mediaRoot = mediaRootOf(config)
  return {
    config,
    instances: options.instances ?? alone,
    clock: time,
    time,
    log,
    catalog,
    db: await storeAt(config.databaseUrl).open({ onFatal, onUpgrade }),
    upstreams,
    guard: createGuard(config.network),
    trustedHttp,
    mediaRoot,
    resultStore: createResultStore({
      outside: { config, trustedHttp, clock: time, log, mediaRoot },
      onChange: () => wakeups.store.wakeAll(),
    }),
    metrics,
    changes: createChanges(),
    shortages: new Shortages(),
    wake: (loop) => wakeups[loop].wakeAll(),
  }
}

export async function closeContext(ctx: Context): Promise<void> {
  for (const { adapter } of configuredUpstreams(ctx.upstreams)) await adapter.close()
  await ctx.trustedHttp.close()
  await ctx.guard.close()
  await ctx.db.close()
}
