// Environment and tollgate.yaml, read once and checked whole, become one frozen Config.
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'

import { type Environment, readEnvironment } from './environment.ts'
import { checkSettings, parseSettings, readSettingsFile, type SettingsFile } from './file.ts'
import { modelsSchema } from './model-schema.ts'
import { nearest } from './nearest.ts'
import { ConfigError } from './problems.ts'
import { fileSchema, namesIn } from './schema.ts'
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
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  readonly adminToken: string | null
  /** Without a trailing slash. */
  readonly publicUrl: string | null
  /** Where upstreams reach us with callbacks, without a trailing slash; null: they are not asked for any. */
  readonly callbackOrigin: string | null
  /** The file that was read, absolute; null where there was none. */
  readonly configFile: string | null
  /** `keevx` is always among them, under that name or as an alias. */
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>
  /** Null: the built-in catalogue. */
  readonly models: Models
  readonly media: MediaConfig
  readonly webhooks: { readonly timeoutMs: number; readonly scheduleMs: readonly number[] }
  readonly network: {
    readonly allowHosts: readonly string[]
    readonly trustedProxies: readonly string[]
    /** Pages of these may use the client API; each as browsers write it. */
    readonly corsOrigins: readonly string[]
  }
  /** Null: no limit. */
  readonly limits: {
    readonly requestsPerMinute: number | null
    readonly tasksInFlight: number | null
    readonly unauthenticatedPerMinute: number | null
  }
}

export interface MediaConfig {
  readonly store: 'disk' | 's3' | 'none'
  readonly retentionMs: number
  readonly maxBytes: number
  /** Null where no bucket is named; there may be one whose files are older than `store`. */
  readonly s3: {
    readonly endpoint: string
    readonly bucket: string
    readonly region: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
    /** Whoever opens a media URL is sent on to the store, with a link for a few minutes. */
    readonly presign: boolean
  } | null
}

export type Models = Readonly<Record<string, ModelConfig>> | null

export interface ModelConfig {
  readonly name: string
  readonly capability: string
  readonly defaults: ModelDefaults
  readonly price: PriceRule
  readonly routes: readonly RouteConfig[]
}

/** Keyed as clients write the parameters. */
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
}

/** Credits for each output, times the factors whose parameter has that value. */
export type PriceRule =
  | { readonly credits: number; readonly times: PriceFactors }
  | { readonly perSecond: number; readonly times: PriceFactors }

export type PricedParameter = 'aspect_ratio' | 'resolution' | 'duration' | 'generate_audio'
export type PriceFactors = Readonly<
  Partial<Record<PricedParameter, Readonly<Record<string, number>> | undefined>>
>

export interface ConfigSources {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Wins over TOLLGATE_CONFIG; relative to `cwd`. */
  readonly configFile?: string
}

/** Throws ConfigError with every problem of the environment and of the file. */
export function loadConfig({
  env = process.env,
  cwd = process.cwd(),
  configFile,
}: ConfigSources = {}): Config {
  const environment = readEnvironment(env, cwd)
  const path = findFile(configFile ?? environment.value?.TOLLGATE_CONFIG ?? env['TOLLGATE_CONFIG'], cwd)
  const problems: string[] = [...environment.problems]
  const settings = collect(problems, () => readSettings(path, environment.value))
  if (!settings || !environment.value || problems.length > 0) throw new ConfigError(problems)
  // Named beside the file, a key's file lies beside it too.
  const sources = { env, cwd: path === null ? cwd : dirname(path), problems }
  const upstreams = withEnvironment(settings.upstreams, environment.value, sources)
  if (problems.length > 0) throw new ConfigError(problems)
  const config: Config = deepFreeze({
    ...fromEnvironment(environment.value, cwd),
    ...settings,
    configFile: path,
    upstreams,
  })
  sourcesOf.set(config, { env, cwd, ...(path !== null && { configFile: path }) })
  return config
}

const sourcesOf = new WeakMap<Config, ConfigSources>()

/** As a start would read it now. Throws ConfigError; null for one that was put together otherwise, as for the sandbox. */
export function rereadConfig(config: Config): Config | null {
  const sources = sourcesOf.get(config)
  return sources ? loadConfig(sources) : null
}

/**
 * The models of a file alone, for reloading them while the rest of the configuration stays.
 * Throws ConfigError; null where the file names none, or where there is no file.
 */
export function loadModels(configFile: string | null, upstreamNames: readonly string[]): Models {
  if (configFile === null) return null
  const file = readSettingsFile(configFile)
  const models = new Map(entriesOf(file.value)).get('models')
  const checked = checkSettings(file, modelsSchema, { value: models, path: ['models'] })
  const problems = [...checked.problems, ...modelProblems(file, upstreamNames)]
  if (problems.length > 0) throw new ConfigError(problems)
  return deepFreeze(checked.value ?? null)
}

/** A file that was named has to be there; the default one need not. */
function findFile(named: string | undefined, cwd: string): string | null {
  if (named) return resolve(cwd, named)
  const usual = resolve(cwd, 'tollgate.yaml')
  return existsSync(usual) ? usual : null
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

function readSettings(path: string | null, environment: Environment | null) {
  const file = path === null ? parseSettings('tollgate.yaml', '') : readSettingsFile(path)
  const { value, problems } = checkSettings(file, fileSchema, {
    value: withBucketKeys(file.value, environment),
    path: [],
  })
  const upstreams = namesIn(Object.fromEntries(entriesOf(new Map(entriesOf(file.value)).get('upstreams'))))
  const allProblems = [...problems, ...modelProblems(file, [...new Set(['keevx', ...upstreams])])]
  if (!value || allProblems.length > 0) throw new ConfigError(allProblems)
  return { ...value, models: value.models ?? null }
}

/** The keys of a bucket that the file names, where the environment holds them. */
function withBucketKeys(settings: unknown, environment: Environment | null): unknown {
  const media = Object.fromEntries(entriesOf(new Map(entriesOf(settings)).get('media')))
  const namesBucket = media['store'] === 's3' || media['bucket'] !== undefined
  if (!environment || !namesBucket) return settings
  const { S3_ACCESS_KEY_ID: id, S3_SECRET_ACCESS_KEY: secret } = environment
  const keys = { ...(id && { access_key_id: id }), ...(secret && { secret_access_key: secret }) }
  return { ...Object.fromEntries(entriesOf(settings)), media: { ...media, ...keys } }
}

/** Looks at the file as it stands, so that it finds these beside whatever else is wrong. */
function modelProblems(file: SettingsFile, upstreamNames: readonly string[]): string[] {
  return [...emptyModels(file), ...routeProblems(file, upstreamNames)]
}

/** A section whose models are all gone was not left out: the built-in catalogue would be sold in their place. */
function emptyModels({ value, locate }: SettingsFile): string[] {
  const isEmpty = entriesOf(value).some(([key, models]) => key === 'models' && models === undefined)
  const words = 'is empty; name at least one model, or take this line out to sell the built-in catalogue'
  return isEmpty ? [`${locate(['models'], 'key')}: ${words}`] : []
}

function routeProblems(file: SettingsFile, upstreamNames: readonly string[]): string[] {
  const models = entriesOf(new Map(entriesOf(file.value)).get('models'))
  return models.flatMap(([id, model]) => {
    const routes = new Map(entriesOf(model)).get('routes')
    return entriesOf(routes).flatMap(([index, route]) => {
      const upstream = new Map(entriesOf(route)).get('upstream')
      if (typeof upstream !== 'string' || upstreamNames.includes(upstream)) return []
      const place = file.locate(['models', id, 'routes', Number(index), 'upstream'])
      const meant = nearest(upstream, upstreamNames)
      const hint = meant === null ? `known are ${upstreamNames.join(', ')}` : `did you mean ${meant}?`
      return [`${place}: there is no upstream of this name; ${hint}`]
    })
  })
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

function fromEnvironment(environment: Environment, cwd: string) {
  const dataDir = resolve(cwd, environment.DATA_DIR)
  return {
    host: environment.HOST,
    port: environment.PORT,
    databaseUrl: absoluteDatabaseUrl(environment.DATABASE_URL ?? `file:${join(dataDir, 'tollgate.db')}`, cwd),
    dataDir,
    logLevel: environment.LOG_LEVEL,
    adminToken: environment.ADMIN_TOKEN ?? null,
    publicUrl: environment.PUBLIC_URL ?? null,
    callbackOrigin: environment.PUBLIC_URL ?? null,
  }
}

/** Whoever opens the file later may stand in another directory. */
function absoluteDatabaseUrl(url: string, cwd: string): string {
  if (!url.startsWith('file:')) return url
  if (url.startsWith('file://')) return `file:${url.slice('file://'.length)}`
  const path = url.slice('file:'.length)
  return isAbsolute(path) ? url : `file:${resolve(cwd, path)}`
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
