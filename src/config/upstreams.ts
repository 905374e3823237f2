// The effective upstreams: the file's settings, the environment's additions, and their names.
import type { Environment } from './environment/environment.ts'
import { isKeevx, keysOf, pollsOnlyOf } from './upstream-keys.ts'
import type { KeysFrom, KeySources } from './upstream-keys.ts'

export const adapters = ['keevx', 'openapi'] as const

export interface UpstreamConfig {
  /** `openapi`: any site of the tasks API. */
  readonly adapter: (typeof adapters)[number]
  /** Without a trailing slash. */
  readonly baseUrl: string
  /** The value of the `source` header. */
  readonly source: string
  readonly keys: readonly string[]
  /** Former keys: used only to poll what was ordered with them. */
  readonly pollsOnlyKeys: readonly string[]
  /** Other names under which stored orders know it. */
  readonly aliases: readonly string[]
  /** Tells whether two configurations mean the same system: its base URL, except for the sandbox. */
  readonly place: string
  readonly submit: {
    readonly queueForMs: number
    readonly timeoutMs: number
    readonly attemptsMax: number
    readonly after429Ms: number
    readonly after5xxMs: number
    readonly ambiguous: 'retry' | 'wait'
    /** `auto`: as many at once as the upstream accepts without a 429. */
    readonly inFlight: 'auto' | number
  }
  readonly image: { readonly pollEveryMs: number; readonly giveUpAfterMs: number }
  readonly video: { readonly pollEveryMs: number; readonly giveUpAfterMs: number }
}

type FileUpstream = Omit<UpstreamConfig, 'keys' | 'pollsOnlyKeys' | 'place'> & {
  readonly keysFrom: KeysFrom
  readonly pollsOnlyFrom: KeysFrom
}

export function withEnvironment(
  upstreams: Readonly<Record<string, FileUpstream>>,
  environment: Environment,
  given: Omit<KeySources, 'keevxKeys' | 'keevxPollsOnlyKeys'>,
): Record<string, UpstreamConfig> {
  const keevxKeys = environment.KEEVX_API_KEY ?? []
  const keevxPollsOnlyKeys = environment.KEEVX_API_KEY_POLLS_ONLY ?? []
  const sources = { ...given, keevxKeys, keevxPollsOnlyKeys }
  const named = Object.entries(upstreams).map(([name, { keysFrom, pollsOnlyFrom, ...upstream }]) => {
    const owner = { name, aliases: upstream.aliases }
    const baseUrl = isKeevx(owner) ? (environment.KEEVX_BASE_URL ?? upstream.baseUrl) : upstream.baseUrl
    const keys = [...keysOf(owner, keysFrom, sources)]
    const pollsOnlyKeys = [...pollsOnlyOf(owner, { from: pollsOnlyFrom, keys }, sources)]
    return [name, { ...upstream, baseUrl, place: baseUrl, keys, pollsOnlyKeys }] as const
  })
  return Object.fromEntries(named)
}

type Named = { readonly aliases: readonly string[] }
type Upstreams<Settings extends Named> = { readonly upstreams: Readonly<Record<string, Settings>> }

/** The settings of an upstream by its name or an alias. */
export function upstreamNamed<Settings extends Named>(
  { upstreams }: Upstreams<Settings>,
  name: string,
): Settings | undefined {
  const own = Object.entries(upstreams).find(([each, { aliases }]) => each === name || aliases.includes(name))
  return own?.[1]
}

/** Every name that a route or a stored order may use. */
export const upstreamNames = ({ upstreams }: Upstreams<Named>): string[] =>
  Object.entries(upstreams).flatMap(([name, { aliases }]) => [name, ...aliases])
