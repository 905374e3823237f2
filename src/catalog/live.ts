// The current catalogue and brand; a reload replaces them, or keeps them if the file is wrong.
import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { locateIn } from '../config/file/parse.ts'
import { ConfigError } from '../config/problems.ts'
import { upstreamNames } from '../config/upstreams.ts'
import { changesBetween, loadOffer, readRest } from '../config/file/reread.ts'
import type { OfferConfig } from '../config/file/reread.ts'
import { createUrlCheck } from '../net/url.ts'
import { buildCatalog } from './catalog.ts'
import type { Catalog, WholeCatalog } from './catalog.ts'
import { requireKeysOfStart } from './keyless.ts'
import type { ModeOf } from './offer.ts'
import type { UrlChecks } from './fields.ts'

export type ReloadedBy = 'operator' | 'watcher'

export interface LiveCatalog {
  readonly current: WholeCatalog
  /** Increases with every successful reload, for caches of data derived from the catalogue. */
  readonly version: number
  /** What it was built from. */
  readonly offer: OfferConfig
  /**
   * Rereads the models, plans and brand of the configuration file. Throws ConfigError; then nothing has changed. `watcher`: a
   * reload without a command, which must not remove most of the models that a file has named.
   */
  reload(by: ReloadedBy): Reloaded
  /** What a reload would put into force. Throws as it would; changes nothing. */
  preview(): Preview
}

export interface Preview extends Reloaded {
  readonly next: WholeCatalog
  readonly offer: OfferConfig
}

/** The result of a reload, and what is left for the next start. */
export interface Reloaded {
  /** Null if there is no file: the built-in catalogue. */
  readonly file: string | null
  /** Settings that differ from the effective ones, by their names in the file. */
  readonly ignored: readonly string[]
  /** Problems the next start would refuse. */
  readonly problems: readonly string[]
}

/** Throws ConfigError if the catalogue cannot be sold. */
export function createLiveCatalog(config: Config, modeOf: ModeOf): LiveCatalog {
  const urls = urlChecks(config)
  let file = config.configFile
  const build = ({ models, plans, catalog }: OfferConfig, of = file) => {
    const locate = of === null ? {} : { locate: locateIn(of) }
    return buildCatalog(models, modeOf, { ...locate, urls, plans, builtin: catalog })
  }
  let source: OfferConfig = {
    models: config.models,
    plans: config.plans,
    catalog: config.catalog,
    brand: config.brand,
  }
  let current = build(source)
  let version = 1
  let isOfFile = config.models !== null
  const begunWith = readRest(config.configPlace)
  const preview = (): Preview => {
    const read = file ?? (existsSync(config.configPlace) ? config.configPlace : null)
    const offer = loadOffer(read, upstreamNames(config))
    if (offer.models === null && isOfFile) throw new ConfigError([noModelsAnyMore(read)])
    const next = build(offer, read)
    requireKeysOfStart(config, next)
    const now = readRest(config.configPlace)
    return { next, offer, file: read, ignored: changesBetween(begunWith, now), problems: now.problems }
  }
  return {
    get current() {
      return current
    },
    get version() {
      return version
    },
    get offer() {
      return source
    },
    reload(by) {
      // The file may have appeared since the start; once read, it must stay.
      if (file === null && existsSync(config.configPlace)) file = config.configPlace
      const { next, offer, ...reloaded } = preview()
      const isNamed = isOfFile || (offer.models === null && offer.catalog !== source.catalog)
      if (by === 'watcher' && isNamed) requireMost(current, next)
      isOfFile = offer.models !== null
      current = next
      source = offer
      version += 1
      return reloaded
    },
    preview,
  }
}

/**
 * The same models at the same prices for another configuration: pictures may be on its hosts. Follows each reload.
 * Its credits are for play, so nothing says where they are bought.
 */
export function followCatalog(leader: LiveCatalog, config: Config, modeOf: ModeOf): LiveCatalog {
  const urls = urlChecks(config)
  const build = () => {
    const { models, plans, catalog } = leader.offer
    return buildCatalog(models, modeOf, { urls, plans, builtin: catalog })
  }
  let version = leader.version
  let current = build()
  return {
    get current() {
      if (version !== leader.version) {
        version = leader.version
        current = build()
      }
      return current
    },
    get version() {
      return leader.version
    },
    get offer() {
      const { offer } = leader
      return { ...offer, brand: { ...offer.brand, buyUrl: null, buyText: null } }
    },
    reload: (by) => leader.reload(by),
    preview: () => leader.preview(),
  }
}

/** A truncated file must not put prices into force that the operator never set. */
const noModelsAnyMore = (file: string | null): string =>
  `${file ?? 'tollgate.yaml'}: names no models any more; the built-in catalogue takes their place only at a start`

/**
 * Throws ConfigError if a file that changed without a command, or is incomplete, would remove most models.
 */
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
 * Images may also be on the upstream's host or ours, even if that is private: uploads and results come from
 * there, the sandbox's from loopback. Only the upstream fetches them, never the gateway.
 */
function urlChecks({ network, upstreams, publicUrl }: Config): UrlChecks {
  const { allowHosts } = network
  const upstreamUrls = Object.values(upstreams).map(({ baseUrl }) => baseUrl)
  const origins = publicUrl === null ? upstreamUrls : [...upstreamUrls, publicUrl]
  return { image: createUrlCheck({ allowHosts, origins }), callback: createUrlCheck({ allowHosts }) }
}
