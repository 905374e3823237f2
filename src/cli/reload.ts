// Puts a changed catalogue in place while the gateway serves: on SIGHUP, and when tollgate.yaml changes.
import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { App } from '../app.ts'
import { ConfigError } from '../config/problems.ts'

/** Editors write a file in several steps. */
const reloadAfterMs = 200

export function reloadOnHangUp(app: App): void {
  process.on('SIGHUP', () => reload(app))
}

/** Returns how to stop watching. Where the system cannot watch, that is said, and the gateway serves on. */
export function watchCatalog(app: App): () => void {
  const { log, config } = app.ctx
  if (config.configFile === null) return () => undefined
  const cannotWatch = (error: unknown) =>
    log.warn({ err: error }, 'changes of tollgate.yaml are not noticed by themselves; send SIGHUP')
  const name = basename(config.configFile)
  let timer: NodeJS.Timeout | undefined
  try {
    // The folder is watched, not the file: editors and deploys put a new file in its place.
    const watcher = watch(dirname(config.configFile), (_event, changed) => {
      if (changed !== null && changed !== name && !changed.startsWith('..')) return
      clearTimeout(timer)
      timer = setTimeout(() => reload(app), reloadAfterMs)
    })
    watcher.on('error', cannotWatch)
    return () => {
      clearTimeout(timer)
      watcher.close()
    }
  } catch (error) {
    cannotWatch(error)
    return () => undefined
  }
}

/** A wrong file leaves the old catalogue in place. */
function reload({ ctx: { log, catalog } }: App): void {
  try {
    catalog.reload()
    log.info({ models: catalog.current.models.length }, 'the catalogue was read again')
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [String(error)]
    log.error({ problems }, 'the catalogue was not changed: the file is wrong')
  }
}
