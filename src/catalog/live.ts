// The catalogue that is on offer now; a reload puts another in its place, or leaves it when the file is wrong.
import { loadModels } from '../config/config.ts'
import type { Config } from '../config/config.ts'
import { locateIn } from '../config/file.ts'
import { buildCatalog } from './catalog.ts'
import type { Catalog } from './catalog.ts'
import type { ModeOf } from './offer.ts'

export interface LiveCatalog {
  readonly current: Catalog
  /** Grows with every reload that took effect, for whoever keeps something made from the catalogue. */
  readonly version: number
  /** Reads the models of the configuration file again. Throws ConfigError, and then nothing has changed. */
  reload(): void
}

/** Throws ConfigError when the catalogue cannot be sold as it stands. */
export function createLiveCatalog(config: Config, modeOf: ModeOf): LiveCatalog {
  const locate = () => (config.configFile === null ? undefined : locateIn(config.configFile))
  let current = buildCatalog(config.models, modeOf, locate())
  let version = 1
  return {
    get current() {
      return current
    },
    get version() {
      return version
    },
    reload() {
      current = buildCatalog(loadModels(config.configFile, Object.keys(config.upstreams)), modeOf, locate())
      version += 1
    },
  }
}
