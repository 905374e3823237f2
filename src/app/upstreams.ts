// Creates the configured upstreams: adapter, keys and in-memory state of each.
import type { Clock } from '../clock.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { upstreamNamed } from '../config/upstreams.ts'
import type { UpstreamConfig } from '../config/upstreams.ts'
import type { Upstream } from '../context.ts'
import { createCallbackHealth } from '../upstream/callback-health.ts'
import { createEarlyReturns } from '../upstream/early-returns.ts'
import { createKeevxAdapter } from '../upstream/keevx/keevx.ts'
import { keevxMode } from '../upstream/keevx/modes.ts'
import { KeyRing } from '../upstream/keys/keyring.ts'
import { limitSettings } from '../upstream/rate-limits/concurrency-limit.ts'
import { LimitHolds } from '../upstream/rate-limits/holds.ts'
import { createRecognition } from '../upstream/recognition.ts'
import { createSlots } from '../upstream/slots.ts'

/** Adapters by the value of an upstream's `adapter:` setting. */
const adapters: Readonly<Record<UpstreamConfig['adapter'], AdapterKind>> = {
  keevx: { create: createKeevxAdapter, mode: keevxMode },
}

interface AdapterKind {
  readonly create: typeof createKeevxAdapter
  readonly mode: typeof keevxMode
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

/** Maps an upstream and operation to the mode that its adapter's documents describe. */
export function modeOf({
  upstreams,
}: {
  upstreams: Readonly<Record<string, Pick<UpstreamConfig, 'adapter' | 'aliases'>>>
}) {
  return (upstream: string, operation: string, params: Readonly<Record<string, string>>) => {
    const named = upstreamNamed({ upstreams }, upstream)
    return named ? adapters[named.adapter].mode(operation, params) : null
  }
}
