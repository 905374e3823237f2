// `tollgate serve`: the gateway as a process, with its signals, its watch on the catalogue and its way out.
import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import closeWithGrace from 'close-with-grace'
import { startApp } from '../app.ts'
import type { App } from '../app.ts'
import { loadConfig } from '../config/config.ts'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/problems.ts'
import { createLog } from '../log.ts'
import type { Logger } from '../log.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { exitCodes, say } from './exit.ts'
import { startSandboxFor } from './with-sandbox.ts'

/** A submit may be waiting for its answer for as long as its timeout; the rest takes a moment. */
const stopSlackMs = 10_000
/** Editors write a file in several steps. */
const reloadAfterMs = 200

export async function serve(options: { sandbox?: boolean }): Promise<void> {
  const config = loadConfig()
  const log = createLog(config.logLevel)
  if (options.sandbox) {
    const { sandbox, sandboxConfig } = await startSandboxFor(config)
    await run(sandboxConfig, log, sandbox)
    return
  }
  if (config.upstreams['keevx']?.keys.length === 0) throw new ConfigError(neitherKeyNorSandbox)
  await run(config, log, null)
}

/** Serves until a signal; returns when it listens. */
export async function run(config: Config, log: Logger, sandbox: Sandbox | null): Promise<App> {
  const onFatal = (error: Error) => {
    log.fatal({ err: error }, 'the store cannot be trusted any more; start again to read it afresh')
    process.exit(exitCodes.failed)
  }
  const app = await startApp({ config, log, sandbox: sandbox !== null, onFatal })
  banner(app, sandbox)
  const stopWatching = watchCatalog(app)
  const timeouts = Object.values(config.upstreams).map(({ submit }) => submit.timeoutMs)
  closeWithGrace({ delay: Math.max(...timeouts) + stopSlackMs, logger: false }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'an error that nobody caught; stopping')
    log.info({ signal }, 'stopping: what is under way is ended and written down')
    stopWatching()
    await app.stop()
    await sandbox?.close()
    log.info('stopped')
  })
  return app
}

function banner(app: App, sandbox: Sandbox | null): void {
  app.ctx.log.info({ url: app.url, sandbox: sandbox !== null }, 'listening')
  say(`tollgate listens on ${app.url}`)
  if (sandbox) say('SANDBOX: pictures and videos are drawn on this machine; Keevx is not asked and nothing is paid.')
  if (app.ctx.config.adminToken === null) say('The operator API is off: set ADMIN_TOKEN (32 characters or more).')
}

/** SIGHUP, or a change of tollgate.yaml, puts the new catalogue in place; a wrong file leaves the old one. */
function watchCatalog(app: App): () => void {
  const { log, config, catalog } = app.ctx
  const reload = () => {
    try {
      catalog.reload()
      log.info({ models: catalog.current.models.length }, 'the catalogue was read again')
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems : [String(error)]
      log.error({ problems }, 'the catalogue was not changed: the file is wrong')
    }
  }
  process.on('SIGHUP', reload)
  if (config.configFile === null) return () => process.off('SIGHUP', reload)
  const name = basename(config.configFile)
  let timer: NodeJS.Timeout | undefined
  // The folder is watched, not the file: editors and deploys put a new file in its place.
  const watcher = watch(dirname(config.configFile), (_event, changed) => {
    if (changed !== null && changed !== name && !changed.startsWith('..')) return
    clearTimeout(timer)
    timer = setTimeout(reload, reloadAfterMs)
  })
  return () => {
    process.off('SIGHUP', reload)
    clearTimeout(timer)
    watcher.close()
  }
}

const neitherKeyNorSandbox = [
  'There is no Keevx key, so nothing could be made. Two ways on:',
  '  KEEVX_API_KEY=… tollgate serve     with a key from your Keevx account (or KEEVX_API_KEY_FILE)',
  '  tollgate serve --sandbox           with a Keevx of its own on this machine, which costs nothing',
]
