// Reloads the catalogue while the gateway serves: on SIGHUP, and when tollgate.yaml changes.
import { hash } from 'node:crypto'
import { readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import type { App } from '../app/app.ts'
import type { ReloadedBy } from '../catalog/live.ts'
import { ConfigError } from '../config/problems.ts'
import { settleMs } from '../config/file/whole-file.ts'
import { reloadCatalog } from '../tasks/unreachable/reload.ts'

/** Watching the folder misses changes behind a link to another folder: the file is polled this often. */
const lookEveryMs = 2_000

export function reloadOnHangUp(app: App): void {
  process.on('SIGHUP', () => void reload(app, 'operator'))
}

/** Returns a function to stop. If the system cannot watch, the file is still polled every two seconds. */
export function watchCatalog(app: App): () => void {
  const { log, config } = app.ctx
  // The file may not exist yet.
  const file = config.configPlace
  let seen = stateOf(file)
  let before = seen
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      const now = stateOf(file)
      // Most folder events concern other files; a missing or empty file is just being replaced.
      if (now === seen || now === null) {
        before = seen
        return
      }
      if (now === before) {
        seen = now
        void reload(app, 'watcher')
        return
      }
      // Editors write a file in several steps: reload it once two reads agree.
      before = now
      look()
    }, settleMs)
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

/** Watches the folder, not the file: editors and deploys replace the file or link. */
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

/** A hash of the content, following links; null if missing or empty. Modification times can be equal. */
function stateOf(file: string): string | null {
  try {
    const text = readFileSync(file)
    return text.length === 0 ? null : hash('sha256', text)
  } catch {
    return null
  }
}

/** A wrong file leaves the old catalogue in place; settings that need a restart are logged. */
async function reload({ ctx }: App, by: ReloadedBy): Promise<void> {
  const { log, catalog } = ctx
  try {
    const { file, ignored, problems } = await reloadCatalog(ctx, { by })
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
