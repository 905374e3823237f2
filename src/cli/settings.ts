// The configuration of a command, with all that is wrong with it, and words about where it and the store are.
import { modeOf } from '../app/upstreams.ts'
import { builtinModels } from '../catalog/builtin.ts'
import { buildCatalog } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { requireKeys } from '../catalog/keyless.ts'
import { createLiveCatalog } from '../catalog/live.ts'
import { loadConfig } from '../config/config.ts'
import type { Config, ConfigSources } from '../config/config.ts'
import { readEnvFile } from '../config/environment/env-file.ts'
import { ConfigError } from '../config/problems.ts'
import { readReadable } from '../config/file/readable.ts'
import type { Readable } from '../config/file/readable.ts'
import { storeAt } from '../db/store-at.ts'
import { say } from './output/exit.ts'

interface Settings {
  readonly config: Config
  /** Where its parts come from, as words. */
  readonly origin: string
}

/** Of the environment, of .env and of tollgate.yaml. Throws ConfigError. */
export function readSettings(): Settings {
  const envFile = readEnvFile()
  return withOrigin(loadConfig(), envFile)
}

/** For a command that works on the store: says which, so that nobody works on another in silence. */
export function settingsOfStore(): Config {
  const { config, origin } = readSettings()
  sayWhere(config, origin)
  return config
}

/** For a command about what is on offer. Throws ConfigError with everything that is wrong with it. */
export function settingsOfOffer(sources: ConfigSources = {}): { config: Config; catalog: Catalog } {
  const envFile = readEnvFile()
  const { config, catalog } = checkAll(sources, () => undefined)
  say(`Configuration: ${withOrigin(config, envFile).origin}.`)
  return { config, catalog }
}

export type Upstreams = 'keevx' | 'sandbox'

/** What a gateway starts with. Throws ConfigError with everything that it cannot start with. */
export function settingsOfServing(upstreams: Upstreams): Settings {
  const envFile = readEnvFile()
  const { config } = checkAll({}, upstreams === 'keevx' ? requireKeysFor : () => undefined)
  return withOrigin(config, envFile)
}

/** What serve would refuse is refused here too: there is no store to be named then. */
export function sayWhere({ databaseUrl }: Config, origin: string): void {
  say(`Store: ${storeAt(databaseUrl).name}. Configuration: ${origin}.`)
}

function withOrigin(config: Config, envFile: string | null): Settings {
  const { configFile, configPlace } = config
  const others = envFile === null ? [] : [envFile]
  const origin =
    configFile === null
      ? `${[...others, 'environment'].join(', ')} and defaults (there is no ${configPlace})`
      : [configFile, ...others, 'environment'].join(', ')
  return { config, origin }
}

/** What is sold, and with which keys: of a whole configuration, or of what can be read of a wrong one. */
type Offer = Pick<Readable, 'models' | 'upstreams'>

/** Asks on where something is wrong, so that one start tells everything. */
function checkAll(
  sources: ConfigSources,
  checkKeys: (offer: Offer) => void,
): { config: Config; catalog: Catalog } {
  const problems = new Set<string>()
  const collect = <T>(read: () => T): T | null => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const problem of error.problems) problems.add(problem)
      return null
    }
  }
  const config = collect(() => loadConfig(sources))
  const offer = config ?? readReadable(sources)
  const catalog = config && collect(() => createLiveCatalog(config, modeOf(config)).current)
  if (config) collect(() => storeAt(config.databaseUrl))
  if (offer && 'locate' in offer) {
    for (const problem of offer.problems) problems.add(problem)
    collect(() => storeAt(offer.databaseUrl))
    collect(() => buildCatalog(offer.models, modeOf(offer), { locate: offer.locate }))
  }
  if (offer) collect(() => checkKeys(offer))
  if (!config || !catalog || problems.size > 0) throw new ConfigError([...problems])
  return { config, catalog }
}

function requireKeysFor(offer: Offer): void {
  const routes = Object.values(offer.models ?? builtinModels).flatMap((model) => model.routes)
  requireKeys(offer, { upstreams: [...new Set(routes.map(({ upstream }) => upstream))] })
}
