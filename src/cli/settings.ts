// Loads a command's configuration, collects all its problems, and reports where it and the store are.
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
import { refreshSites } from '../upstream/openapi/catalogue.ts'
import { say } from './output/exit.ts'
import { requireSharing } from '../setup/sharing.ts'

interface Settings {
  readonly config: Config
  /** Where its parts come from, as text. */
  readonly origin: string
}

/** From the environment, .env and tollgate.yaml. Throws ConfigError. */
export function readSettings(sources: ConfigSources = {}): Settings {
  const envFile = readEnvFile()
  return withOrigin(loadConfig(sources), envFile)
}

/** For a command that works on the store: prints which one, so that a wrong one is noticed. */
export function settingsOfStore(): Config {
  const { config, origin } = readSettings()
  sayWhere(config, origin)
  return config
}

/** For a command about the catalogue. Throws ConfigError with all problems. */
export function settingsOfOffer(sources: ConfigSources = {}): { config: Config; catalog: Catalog } {
  const envFile = readEnvFile()
  const { config, catalog } = checkAll(sources, { keys: null, serves: false })
  say(`Configuration: ${withOrigin(config, envFile).origin}.`)
  return { config, catalog }
}

export type Upstreams = 'keevx' | 'sandbox'

/** The settings to start a gateway with. Throws ConfigError with everything that prevents a start. */
export async function settingsOfServing(upstreams: Upstreams): Promise<Settings> {
  const envFile = readEnvFile()
  if (upstreams === 'keevx') await askSites()
  const { config } = checkAll({}, { keys: upstreams === 'keevx' ? requireKeysFor : null, serves: true })
  return withOrigin(config, envFile)
}

/** A site that does not answer is known by what it said before; where it never did, its models are refused below. */
async function askSites(): Promise<void> {
  const config = loadedOrNull()
  for (const problem of config ? await refreshSites(config) : [])
    say(`${problem}; what it said before counts.`)
}

/** Its problems are reported with all others. */
function loadedOrNull(): Config | null {
  try {
    return loadConfig()
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

/** Throws what serve would refuse, too: a wrong database URL names no store. */
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

/** Models, upstreams and keys: from a whole configuration, or from the readable part of a wrong one. */
type Offer = Pick<Readable, 'models' | 'upstreams'>

interface Checks {
  readonly keys: ((offer: Offer) => void) | null
  /** Whether a gateway is to serve with it, beside others perhaps. */
  readonly serves: boolean
}

/** Continues after errors, so that one start reports all problems. */
function checkAll(sources: ConfigSources, { keys, serves }: Checks): { config: Config; catalog: Catalog } {
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
  if (config) collect(() => (serves ? requireSharing(config) : storeAt(config.databaseUrl)))
  if (offer && 'locate' in offer) {
    for (const problem of offer.problems) problems.add(problem)
    collect(() => storeAt(offer.databaseUrl))
    collect(() => buildCatalog(offer.models, modeOf(offer), offer))
  }
  if (offer) collect(() => keys?.(offer))
  if (!config || !catalog || problems.size > 0) throw new ConfigError([...problems])
  return { config, catalog }
}

function requireKeysFor(offer: Offer): void {
  const routes = Object.values(offer.models ?? builtinModels('keevx')).flatMap((model) => model.routes)
  requireKeys(offer, { upstreams: [...new Set(routes.map(({ upstream }) => upstream))] })
}
