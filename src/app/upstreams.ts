// Creates the configured upstreams: adapter, keys and in-memory state of each.
import type { ModeOf } from '../catalog/offer.ts'
import type { Clock } from '../clock.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { upstreamNamed } from '../config/upstreams.ts'
import type { UpstreamConfig } from '../config/upstreams.ts'
import type { Upstream } from '../context.ts'
import { createCallbackHealth } from '../upstream/callback-health.ts'
import { createEarlyReturns } from '../upstream/early-returns.ts'
import type { Adapter, Mode } from '../upstream/adapter.ts'
import { createKeevxAdapter } from '../upstream/keevx/keevx.ts'
import type { KeevxSettings } from '../upstream/keevx/keevx.ts'
import { keevxModes } from '../upstream/keevx/modes.ts'
import { siteModes } from '../upstream/openapi/catalogue.ts'
import { createOpenApiAdapter } from '../upstream/openapi/openapi.ts'
import { KeyRing } from '../upstream/keys/keyring.ts'
import { limitSettings } from '../upstream/rate-limits/limit-settings.ts'
import { LimitHolds } from '../upstream/rate-limits/holds.ts'
import { createRecognition } from '../upstream/recognition.ts'
import { createSlots } from '../upstream/slots.ts'

interface AdapterKind {
  readonly create: (settings: KeevxSettings) => Adapter
  /** Or why there are none, in words for the operator. */
  modes(place: Place, operation: string, params: Params): readonly Mode[] | string
}

type Params = Readonly<Record<string, string>>

interface Place {
  readonly dataDir: string
  readonly upstream: string
}

/** Adapters by the value of an upstream's `adapter:` setting. */
const adapters: Readonly<Record<UpstreamConfig['adapter'], AdapterKind>> = {
  keevx: { create: createKeevxAdapter, modes: ({ upstream }, ...route) => keevxModes(upstream, ...route) },
  openapi: { create: createOpenApiAdapter, modes: siteModes },
}

/** The caller must close the adapters. */
export function createUpstreams(config: Config, clock: Clock = systemClock): ReadonlyMap<string, Upstream> {
  return new Map(
    Object.entries(config.upstreams).flatMap(([name, settings]) => {
      const upstream = createUpstream(name, settings, clock)
      const aliases = settings.aliases.map((alias) => aliasOf(upstream, alias))
      return [upstream, ...aliases].map((each) => [each.name, each] as const)
    }),
  )
}

/** Tasks with the alias are submitted, polled and called back as before; each name has its own queue. */
const aliasOf = (upstream: Upstream, alias: string): Upstream => ({
  ...upstream,
  name: alias,
  aliasOf: upstream.name,
  ...createQueueMemory(),
})

/** In-memory state of each queue of an upstream; the rest is in the store. */
const createQueueMemory = () => ({
  slots: createSlots(),
  holds: new LimitHolds(),
  returns: createEarlyReturns(),
})

function createUpstream(name: string, settings: UpstreamConfig, clock: Clock): Upstream {
  const { baseUrl, source, submit, keys } = settings
  const ring = new KeyRing(keys, limitSettings(submit.inFlight), settings)
  const adapter = adapters[settings.adapter].create({
    baseUrl,
    source,
    submitTimeoutMs: submit.timeoutMs,
    clock,
    onCall: (key, result) => ring.noteCall(key, result, clock.now()),
  })
  const remembered = {
    callbackHealth: createCallbackHealth(),
    recognition: createRecognition(),
    ...createQueueMemory(),
  }
  return { name, aliasOf: null, settings, adapter, keys: ring, ...remembered }
}

interface Configured {
  readonly dataDir: string
  readonly upstreams: Readonly<Record<string, Pick<UpstreamConfig, 'adapter' | 'aliases'>>>
}

/** What the routes of models may lead to. A site of the tasks API is known by its last answer. */
export function modeOf({ upstreams, dataDir }: Configured): ModeOf {
  return (upstream, operation, params) => {
    const named = upstreamNamed({ upstreams }, upstream)
    if (!named) return `there is no upstream ${upstream}`
    return adapters[named.adapter].modes({ dataDir, upstream: nameOf(upstreams, named) }, operation, params)
  }
}

/** Its own name, where a route names an alias. */
const nameOf = (upstreams: Configured['upstreams'], named: object): string =>
  Object.entries(upstreams).find(([, settings]) => settings === named)?.[0] ?? ''
