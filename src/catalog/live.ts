// The catalogue that is on offer now; a reload puts another in its place, or leaves it when the file is wrong.
import { loadModels } from '../config/config.ts'
import type { Config, Models } from '../config/config.ts'
import { locateIn } from '../config/file.ts'
import { upstreamNames } from '../config/upstreams.ts'
import { createUrlCheck } from '../net/url.ts'
import { buildCatalog } from './catalog.ts'
import type { Catalog } from './catalog.ts'
import { requireKeysOfStart } from './keyless.ts'
import type { ModeOf } from './offer.ts'
import type { UrlChecks } from './request.ts'

export interface LiveCatalog {
  readonly current: Catalog
  /** Grows with every reload that took effect, for whoever keeps something made from the catalogue. */
  readonly version: number
  /** Reads the models of the configuration file again. Throws ConfigError, and then nothing has changed. */
  reload(): void
}

/** Throws ConfigError when the catalogue cannot be sold as it stands. */
export function createLiveCatalog(config: Config, modeOf: ModeOf): LiveCatalog {
  const urls = urlChecks(config)
  const build = (models: Models) => {
    const locate = config.configFile === null ? {} : { locate: locateIn(config.configFile) }
    return buildCatalog(models, modeOf, { ...locate, urls })
  }
  let current = build(config.models)
  let version = 1
  return {
    get current() {
      return current
    },
    get version() {
      return version
    },
    reload() {
      const next = build(loadModels(config.configFile, upstreamNames(config)))
      requireKeysOfStart(config, next)
      current = next
      version += 1
    },
  }
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
