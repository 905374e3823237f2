// Reads and checks the environment and tollgate.yaml once, and combines them into one frozen Config.
import { dirname, isAbsolute, join, resolve } from 'node:path'

import { type AlertsConfig, receiverWithSecrets } from './alerts.ts'
import { type Brand, brandWithLogo } from './brand.ts'
import { type Environment, isSet, type ReadEnvironment, readEnvironment } from './environment/environment.ts'
import { deepFreeze } from './frozen.ts'
import { ConfigError } from './problems.ts'
import type { catalogNames } from './file/model-schema.ts'
import type { operatorRoles } from './file/operators-schema.ts'
import type { ConsoleConfig } from './file/schema.ts'
import { type BucketKeys, configPlaceOf, readSettings } from './file/settings-file.ts'
import { withEnvironment } from './upstreams.ts'
import type { UpstreamConfig } from './upstreams.ts'

/** Everything that an operator can set, with defaults filled in. Times are milliseconds, sizes bytes. */
export interface Config {
  readonly host: string
  readonly port: number
  /** `file:` and an absolute path, or a postgres URL. */
  readonly databaseUrl: string
  /** Absolute. */
  readonly dataDir: string
  /** Two letters that every new id bears. */
  readonly cell: string
  /** 32 bytes in base64; null: the file sealing.key in `dataDir`. */
  readonly sealingKey: string | null
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  readonly adminToken: string | null
  /** Without a trailing slash. */
  readonly publicUrl: string | null
  /** The origin for upstreams' callbacks, without a trailing slash; null: no callbacks are requested. */
  readonly callbackOrigin: string | null
  /** The file that was read, absolute; null if there was none. */
  readonly configFile: string | null
  /** Where it is expected, absolute, whether or not it exists. */
  readonly configPlace: string
  /** Always includes `keevx`, under that name or as an alias. */
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>
  /** Null: the built-in catalogue. */
  readonly models: Models
  /** Which built-in catalogue it is then. */
  readonly catalog: CatalogName
  readonly plans: Plans
  readonly media: MediaConfig
  readonly webhooks: { readonly timeoutMs: number; readonly scheduleMs: readonly number[] }
  /** How long ended orders and deliveries stay in the store; null: for ever. */
  readonly retention: { readonly tasksMs: number | null; readonly deliveriesMs: number | null }
  /** How long after its end an order keeps what its customer wrote; null: for ever. */
  readonly privacy: { readonly promptsMs: number | null }
  readonly network: {
    readonly allowHosts: readonly string[]
    readonly trustedProxies: readonly string[]
    /** Pages from these origins may use the client API; each in the browser's form. */
    readonly corsOrigins: readonly string[]
  }
  /** Null: no limit. */
  readonly limits: {
    readonly requestsPerMinute: number | null
    readonly tasksInFlight: number | null
    readonly unauthenticatedPerMinute: number | null
  }
  readonly surfaces: SurfacesConfig
  /** Null: test keys are refused. `credits`: the play credits that an account is topped up to. */
  readonly testKeys: { readonly credits: number } | null
  readonly alerts: AlertsConfig
  /** By name. Who has ADMIN_TOKEN is not among them. */
  readonly operators: Readonly<Record<string, OperatorConfig>>
  readonly reporting: ReportingConfig
  /** Of accounts without a threshold of their own: below it `balance.low` is sent. Null: never. */
  readonly lowBalance: number | null
  /** As at the start; what is in force now is `catalog.offer.brand` of the context. */
  readonly brand: Brand
  readonly console: ConsoleConfig
}

export interface OperatorConfig {
  /** SHA-256 of the token, in small hexadecimal digits. */
  readonly tokenHash: string
  readonly role: (typeof operatorRoles)[number]
  /** The most credits that `support` may give back for one task; null: none for it. */
  readonly refundsUpTo: number | null
}

/** How reports show what was ordered. */
export interface ReportingConfig {
  /** Of costs and of `creditValue`, as `USD`; null: not said. */
  readonly currency: string | null
  /** What a credit sells for; null: not said. */
  readonly creditValue: number | null
  /** An IANA name: it decides where a day begins. */
  readonly timeZone: string
}

/** The APIs of other makers that are answered beside the tasks API; null or false: switched off. */
export interface SurfacesConfig {
  /** `waitForMs`: how long a picture may take on one connection. */
  readonly openai: { readonly waitForMs: number } | null
  readonly mcp: boolean
  /** What agents read: `/skill.md`, `/llms.txt`, `/docs.md` and the index of skills. */
  readonly skill: boolean
  readonly replicate: boolean
  readonly kie: boolean
  readonly keevx: boolean
}

export interface MediaConfig {
  readonly store: 'disk' | 's3' | 'none'
  /** Whether the operator says that every gateway on the store has the same folder. */
  readonly isShared: boolean
  readonly retentionMs: number
  readonly maxBytes: number
  readonly uploads: {
    /** Whose URLs customers' uploads get. `ours` requires local disk and a public PUBLIC_URL. */
    readonly keptBy: 'ours' | 'upstream'
    readonly retentionMs: number
    /** Per account. */
    readonly filesMax: number
    readonly bytesMax: number
  }
  /** Null if no bucket is named; it may be set with another `store`, for older files in the bucket. */
  readonly s3: {
    readonly endpoint: string
    readonly bucket: string
    readonly region: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
    /** A media URL redirects to the store, with a link valid for a few minutes. */
    readonly presign: boolean
  } | null
}

/** `open-api`: the three models of the Open API; `keevx`: also one for each mode of Keevx, which name it. */
export type CatalogName = (typeof catalogNames)[number]

/** By their names. */
export type Plans = Readonly<Record<string, PlanConfig>>

export interface PlanConfig {
  /** By model id or alias; `*`: every other one. */
  readonly priceTimes: Readonly<Record<string, number>>
  /** Model ids or aliases. */
  readonly hide: readonly string[]
}

export type Models = Readonly<Record<string, ModelConfig>> | null

export interface ModelConfig {
  readonly name: string
  /** If left out, derived from the routes. */
  readonly capability?: string | undefined
  /** Other ids that clients may order it by. */
  readonly aliases?: readonly string[]
  readonly defaults: ModelDefaults
  readonly price: PriceRule
  readonly routes: readonly RouteConfig[]
  /** A text alone is taken too: an image is made of it first, and then the video of that. */
  readonly compose?: ComposeConfig | undefined
}

export interface ComposeConfig {
  /** The model that makes the first frame; null: the first of the catalogue that makes images of a text. */
  readonly firstFrame: string | null
}

/** Keyed by the client API's parameter names. */
export interface ModelDefaults {
  readonly aspect_ratio?: string | undefined
  readonly resolution?: string | undefined
  readonly duration?: number | undefined
  readonly generate_audio?: boolean | undefined
}

export interface RouteConfig {
  readonly upstream: string
  readonly operation: string
  readonly params: Readonly<Record<string, string>>
  readonly defaults?: ModelDefaults | undefined
  /** Left out: unknown. */
  readonly cost?: CostRule | undefined
}

/** The operator's own money per output, in `reporting.currency`, times the factors whose parameter has that value. */
export type CostRule =
  | { readonly amount: number; readonly times: PriceFactors }
  | { readonly perSecond: number; readonly times: PriceFactors }

/** Credits per output, times the factors whose parameter has that value. */
export type PriceRule = (
  | { readonly credits: number; readonly times: PriceFactors }
  | { readonly perSecond: number; readonly times: PriceFactors }
) & {
  /** The factor of a plan; never in the file's own rule. */
  readonly planTimes?: number
}

export type PricedParameter = 'aspect_ratio' | 'resolution' | 'duration' | 'generate_audio'
export type PriceFactors = Readonly<
  Partial<Record<PricedParameter, Readonly<Record<string, number>> | undefined>>
>

export interface ConfigSources {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Overrides TOLLGATE_CONFIG; relative to `cwd`. */
  readonly configFile?: string
}

/** Throws ConfigError with every problem of the environment and of the file. */
export function loadConfig({
  env = process.env,
  cwd = process.cwd(),
  configFile,
}: ConfigSources = {}): Config {
  const environment = readEnvironment(env, cwd)
  const { place, path } = configPlaceOf(configFile ?? namedFile(environment, env), cwd)
  const problems: string[] = [...environment.problems]
  const settings = collect(problems, () => readSettings(path, bucketKeys(environment, env)))
  if (!settings || !environment.value || problems.length > 0) throw new ConfigError(problems)
  // Paths of key files are relative to the configuration file.
  const sources = { env, cwd: path === null ? cwd : dirname(path), problems }
  const upstreams = withEnvironment(settings.upstreams, environment.value, sources)
  const receivers = Object.entries(settings.alerts.receivers).map(([name, receiver]) =>
    receiverWithSecrets(name, receiver, sources),
  )
  const brand = brandWithLogo(settings.brand, sources)
  if (problems.length > 0) throw new ConfigError(problems)
  const config: Config = deepFreeze({
    ...fromEnvironment(environment.value, cwd),
    ...settings,
    configFile: path,
    configPlace: place,
    upstreams,
    brand,
    alerts: { ...settings.alerts, receivers },
  })
  sourcesOf.set(config, { env, cwd, ...(path !== null && { configFile: path }) })
  return config
}

const sourcesOf = new WeakMap<Config, ConfigSources>()

/**
 * Reads it again like a start would. Throws ConfigError; null for one that was built in another way, such as
 * the sandbox's.
 */
export function rereadConfig(config: Config): Config | null {
  const sources = sourcesOf.get(config)
  return sources ? loadConfig(sources) : null
}

export function namedFile({ readable }: ReadEnvironment, env: NodeJS.ProcessEnv): string | undefined {
  return readable.TOLLGATE_CONFIG ?? env['TOLLGATE_CONFIG']
}

/** A wrong one is reported where it is set, and does not count as missing in the file. */
function bucketKeys({ readable }: ReadEnvironment, env: NodeJS.ProcessEnv): BucketKeys {
  const keyOf = (name: keyof BucketKeys) => readable[name] ?? (isSet(env, name) ? 'set' : undefined)
  return {
    S3_ACCESS_KEY_ID: keyOf('S3_ACCESS_KEY_ID'),
    S3_SECRET_ACCESS_KEY: keyOf('S3_SECRET_ACCESS_KEY'),
  }
}

function collect<T>(problems: string[], read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
    return null
  }
}

function fromEnvironment(environment: Environment, cwd: string) {
  const dataDir = resolve(cwd, environment.DATA_DIR)
  return {
    host: environment.HOST,
    port: environment.PORT,
    databaseUrl: absoluteDatabaseUrl(environment.DATABASE_URL ?? embeddedStoreIn(dataDir), cwd),
    dataDir,
    cell: environment.CELL,
    sealingKey: environment.SEALING_KEY ?? null,
    logLevel: environment.LOG_LEVEL,
    adminToken: environment.ADMIN_TOKEN ?? null,
    publicUrl: environment.PUBLIC_URL ?? null,
    callbackOrigin: environment.PUBLIC_URL ?? null,
  }
}

/** The DATABASE_URL of the store in a folder, if none is configured. */
export const embeddedStoreIn = (folder: string): string => `file:${join(folder, 'tollgate.db')}`

/** The file may be opened later from another working directory. */
function absoluteDatabaseUrl(url: string, cwd: string): string {
  if (!url.startsWith('file:')) return url
  if (url.startsWith('file://')) return `file:${url.slice('file://'.length)}`
  const path = url.slice('file:'.length)
  return isAbsolute(path) ? url : `file:${resolve(cwd, path)}`
}
