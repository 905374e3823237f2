// Puts a changed catalogue in place while the gateway serves: on SIGHUP, and when tollgate.yaml changes.
import { hash } from 'node:crypto'
import { readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import type { App } from '../app.ts'
import { ConfigError } from '../config/problems.ts'

/** Editors write a file in several steps. */
const reloadAfterMs = 200
/** Where a link leads elsewhere, nothing happens in the folder of the link: the file behind it is looked at this often. */
const lookEveryMs = 2_000

export function reloadOnHangUp(app: App): void {
  process.on('SIGHUP', () => reload(app))
}

/** Returns how to stop watching. Where the system cannot watch, the file is looked at every other second. */
export function watchCatalog(app: App): () => void {
  const { log, config } = app.ctx
  // Also where there is none yet.
  const file = config.configPlace
  let seen = stateOf(file)
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const now = stateOf(file)
      // A folder tells of much that is not this file; a file that is gone for a moment is being replaced.
      if (now === seen || now === null) return
      seen = now
      reload(app)
    }, reloadAfterMs)
  }
  const looking = setInterval(look, lookEveryMs).unref()
  const stopWatching = watchFolder(file, look, (error) =>
    log.warn({ err: error }, `changes of ${file} are noticed only every ${lookEveryMs / 1_000} s`),
  )
  return () => {
    clearTimeout(timer)
    clearInterval(looking)
    stopWatching()
  }
}

/** The folder is watched, not the file: editors and deploys put a new file, or link, in its place. */
function watchFolder(file: string, look: () => void, cannotWatch: (error: unknown) => void): () => void {
  try {
    const watcher = watch(dirname(file), { persistent: false }, look)
    watcher.on('error', cannotWatch)
    return () => watcher.close()
  } catch (error) {
    cannotWatch(error)
    return () => undefined
  }
}

/** What the file says, also behind links; null where there is none. Two writes may bear the same time. */
function stateOf(file: string): string | null {
  try {
    return hash('sha256', readFileSync(file))
  } catch {
    return null
  }
}

/** A wrong file leaves the old catalogue in place; what takes effect only at the next start is said. */
function reload({ ctx: { log, catalog } }: App): void {
  try {
    const { file, ignored, problems } = catalog.reload()
    log.info({ models: catalog.current.models.length, file }, 'the catalogue was read again')
    if (ignored.length > 0) {
      log.warn({ ignored }, 'these settings changed as well: they take effect at the next start')
    }
    if (problems.length > 0) {
      log.error({ problems }, 'the file is wrong beside its models: the next start would be refused')
    }
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [String(error)]
    log.error({ problems }, 'the catalogue was not changed: the file is wrong')
  }
}
