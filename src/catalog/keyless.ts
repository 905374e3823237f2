// Checks that every upstream used by a model has a key of its own; other upstreams need none.
import { ConfigError } from '../config/problems.ts'
import { upstreamNamed } from '../config/upstreams.ts'
import type { UpstreamConfig } from '../config/upstreams.ts'
import type { Catalog } from './catalog.ts'

type Offer = Pick<Catalog, 'upstreams'>
type Keyed = { readonly upstreams: Readonly<Record<string, Pick<UpstreamConfig, 'keys' | 'aliases'>>> }

/** At a start with real upstreams. Throws ConfigError. */
export function requireKeys(config: Keyed, catalog: Offer): void {
  const keyless = keylessIn(config, catalog)
  if (keyless.length === 0) return
  if (catalog.upstreams.length === 1 && keyless.includes('keevx')) throw new ConfigError(neitherKeyNorSandbox)
  throw new ConfigError(keyless.map(noKeyOf))
}

/** For a catalogue reloaded while the gateway serves. Throws ConfigError. */
export function requireKeysOfStart(config: Keyed, catalog: Offer): void {
  const keyless = keylessIn(config, catalog)
  if (keyless.length > 0) throw new ConfigError(keyless.map(noKeySinceStart))
}

const keylessIn = (config: Keyed, catalog: Offer): string[] =>
  catalog.upstreams.filter((name) => upstreamNamed(config, name)?.keys.length === 0)

const noKeyOf = (name: string): string =>
  `upstreams.${name}: models lead to it, and it has no key, so nothing could be made there. ` +
  `Name one with api_key_env, api_key_file or api_key${name === 'keevx' ? ', or set KEEVX_API_KEY' : ''}`

const noKeySinceStart = (name: string): string =>
  `upstreams.${name}: models lead to it, and it had no key when the gateway started. Name one and start the gateway again`

const neitherKeyNorSandbox = [
  'There is no Keevx key, so nothing could be made. Two ways on:',
  '  KEEVX_API_KEY=… tollgate serve     with a key from your Keevx account (or KEEVX_API_KEY_FILE)',
  '  tollgate serve --sandbox           with a Keevx of its own on this machine, which costs nothing',
]
