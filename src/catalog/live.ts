// The catalogue that is on offer now; a reload puts another in its place, or leaves it when the file is wrong.
import { existsSync } from 'node:fs'
import type { Config, Models } from '../config/config.ts'
import { locateIn } from '../config/file/parse.ts'
import { ConfigError } from '../config/problems.ts'
import { upstreamNames } from '../config/upstreams.ts'
import { changesBetween, loadModels, readRest } from '../config/file/reread.ts'
import { createUrlCheck } from '../net/url.ts'
import { buildCatalog } from './catalog.ts'
import type { Catalog } from './catalog.ts'
import { requireKeysOfStart } from './keyless.ts'
import type { ModeOf } from './offer.ts'
import type { UrlChecks } from './request.ts'

export type ReloadedBy = 'operator' | 'watcher'

export interface LiveCatalog {
  readonly current: Catalog
  /** Grows with every reload that took effect, for whoever keeps something made from the catalogue. */
  readonly version: number
  /**
   * Reads the models of the configuration file again. Throws ConfigError, and then nothing has changed. `watcher`:
   * nobody has asked for it, so it does not take away most of the models that a file has named.
   */
  reload(by: ReloadedBy): Reloaded
}

/** What a reload has read, and what of it is left for the next start. */
export interface Reloaded {
  /** Null where there is no file: the built-in catalogue. */
  readonly file: string | null
  /** Settings that differ from those in force, by their names in the file. */
  readonly ignored: readonly string[]
  /** What the next start would refuse. */
  readonly problems: readonly string[]
}

/** Throws ConfigError when the catalogue cannot be sold as it stands. */
export function createLiveCatalog(config: Config, modeOf: ModeOf): LiveCatalog {
  const urls = urlChecks(config)
  let file = config.configFile
  const build = (models: Models) => {
    const locate = file === null ? {} : { locate: locateIn(file) }
    return buildCatalog(models, modeOf, { ...locate, urls })
  }
  let current = build(config.models)
  let version = 1
  let isOfFile = config.models !== null
  const begunWith = readRest(config.configPlace)
  return {
    get current() {
      return current
    },
    get version() {
      return version
    },
    reload(by) {
      // It may have come since the start; once it was read it has to stay.
      if (file === null && existsSync(config.configPlace)) file = config.configPlace
      const models = loadModels(file, upstreamNames(config))
      if (models === null && isOfFile) throw new ConfigError([noModelsAnyMore(file)])
      const next = build(models)
      requireKeysOfStart(config, next)
      if (by === 'watcher' && isOfFile) requireMost(current, next)
      const now = readRest(config.configPlace)
      isOfFile = models !== null
      current = next
      version += 1
      return { file, ignored: changesBetween(begunWith, now), problems: now.problems }
    },
  }
}

/** Prices that the operator never set must not come into force because a file was cut off. */
const noModelsAnyMore = (file: string | null): string =>
  `${file ?? 'tollgate.yaml'}: names no models any more; the built-in catalogue takes their place only at a start`

/** Throws ConfigError where a file that changed by itself, or is not all there, would take away most of what is sold. */
function requireMost(current: Catalog, next: Catalog): void {
  const kept = new Set(next.models.map(({ id }) => id))
  const lost = current.models.map(({ id }) => id).filter((id) => !kept.has(id))
  if (lost.length * 2 <= current.models.length) return
  throw new ConfigError([
    `models: ${lost.length} of ${current.models.length} would be sold no more: ${lost.join(', ')}. ` +
      'If that is meant, ask for it: POST /admin/v1/models/reload, or SIGHUP',
  ])
}

/**
 * An image may also lie where the upstream itself lives, or with us, though that be private: uploads and results
 * come from there, the sandbox's from loopback. Only the upstream fetches it; the gateway never does.
 */
function urlChecks({ network, upstreams, publicUrl }: Config): UrlChecks {
  const { allowHosts } = network
  const upstreamUrls = Object.values(upstreams).map(({ baseUrl }) => baseUrl)
  const origins = publicUrl === null ? upstreamUrls : [...upstreamUrls, publicUrl]
  return { image: createUrlCheck({ allowHosts, origins }), callback: createUrlCheck({ allowHosts }) }
}
