// Reads the valid parts of a faulty configuration, so that all its other problems can be found at once.
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import {
  type CatalogName,
  type ConfigSources,
  type ModelConfig,
  type Models,
  namedFile,
  type Plans,
} from '../config.ts'
import { storeFolderDefault, isSet, readEnvironment } from '../environment/environment.ts'
import { parseSettings, readSettingsFile, type SettingsFile } from './parse.ts'
import {
  catalogSchema,
  composeSchema,
  defaultsSchema,
  planSchema,
  priceSchema,
  routeSchema,
  timesSchema,
} from './model-schema.ts'
import { ConfigError, type Locate } from '../problems.ts'
import { aliasesIn, namesIn } from './schema.ts'
import { entriesOf, configPlaceOf, sectionOf } from './settings-file.ts'
import { type KeyOwner, keysOf, type KeySources } from '../upstream-keys.ts'
import { adapters } from '../upstreams.ts'
import type { UpstreamConfig } from '../upstreams.ts'

export interface Readable {
  /** Faulty values are left out or replaced by defaults; null if the file has no models. */
  readonly models: Models
  readonly plans: Plans
  /** The built-in catalogue, sold if the file has no models. */
  readonly builtin: CatalogName
  readonly upstreams: Readonly<Record<string, Pick<UpstreamConfig, 'adapter' | 'aliases' | 'keys'>>>
  /** `file:` if it is missing or wrong. */
  readonly databaseUrl: string
  readonly dataDir: string
  readonly locate: Locate
  /** Problems with upstream keys. */
  readonly problems: readonly string[]
}

/** Used in place of a key that is set but invalid: another check reports it, so this one must not report it as missing. */
const wrongKey = ['wrong']

/** Null if the file is not valid YAML: then nothing more can be found. */
export function readReadable({
  env = process.env,
  cwd = process.cwd(),
  configFile,
}: ConfigSources = {}): Readable | null {
  const environment = readEnvironment(env, cwd)
  const { path } = configPlaceOf(configFile ?? namedFile(environment, env), cwd)
  const file = openFile(path)
  if (!file) return null
  const problems: string[] = []
  const inherited = environment.readable.KEEVX_API_KEY ?? (isSet(env, 'KEEVX_API_KEY') ? wrongKey : [])
  const sources = {
    env,
    cwd: path === null ? cwd : dirname(path),
    keevxKeys: inherited,
    keevxPollsOnlyKeys: [],
    problems,
  }
  const models = readableModels(file)
  return {
    models,
    plans: readablePlans(file),
    builtin: catalogSchema.safeParse(sectionOf(file.value, 'catalog')).data ?? 'open-api',
    upstreams: readableUpstreams(file, models, sources),
    databaseUrl: environment.readable.DATABASE_URL ?? 'file:',
    dataDir: resolve(cwd, environment.readable.DATA_DIR ?? storeFolderDefault),
    locate: (where) => file.locate(where),
    problems,
  }
}

function openFile(path: string | null): SettingsFile | null {
  try {
    return path === null ? parseSettings('tollgate.yaml', '') : readSettingsFile(path)
  } catch (error) {
    if (error instanceof ConfigError) return null
    throw error
  }
}

function readableModels(file: SettingsFile): Models {
  const written = entriesOf(sectionOf(file.value, 'models'))
  if (written.length === 0) return null
  return Object.fromEntries(written.map(([id, model]) => [id, readableModel(id, model)]))
}

function readablePlans(file: SettingsFile): Plans {
  const written = entriesOf(sectionOf(file.value, 'plans'))
  return Object.fromEntries(
    written.flatMap(([name, plan]) => {
      const { data } = planSchema.safeParse(plan)
      return data ? [[name, data]] : []
    }),
  )
}

function readableModel(id: string, model: unknown): ModelConfig {
  const price = sectionOf(model, 'price')
  const times = { times: fieldsOf(timesSchema, sectionOf(price, 'times')) }
  return {
    name: id,
    defaults: fieldsOf(defaultsSchema, sectionOf(model, 'defaults')),
    price: priceSchema.safeParse(price).data ?? { credits: 0, ...times },
    routes: routesOf(model),
    compose: composeSchema.safeParse(sectionOf(model, 'compose')).data,
  }
}

/** Stops at the first faulty route, so that each keeps its number. */
function routesOf(model: unknown): ModelConfig['routes'] {
  const routes = entriesOf(sectionOf(model, 'routes')).map(([, route]) => routeSchema.safeParse(route).data)
  const end = routes.indexOf(undefined)
  return (end < 0 ? routes : routes.slice(0, end)).filter((route) => route !== undefined)
}

/** The fields of a section with valid values. */
function fieldsOf<Shape extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Shape>,
  section: unknown,
): Partial<z.output<z.ZodObject<Shape>>> {
  const entries = Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, field]) => {
    const { data } = field.safeParse(sectionOf(section, key))
    return data === undefined ? [] : [[key, data] as const]
  })
  return Object.fromEntries(entries) as Partial<z.output<z.ZodObject<Shape>>>
}

/** Includes missing upstreams that routes name: those are reported at the routes. */
function readableUpstreams(file: SettingsFile, models: Models, sources: KeySources): Readable['upstreams'] {
  const missing = Object.values(models ?? {}).flatMap(({ routes }) => routes.map(({ upstream }) => upstream))
  const written: Record<string, unknown> = Object.fromEntries(entriesOf(sectionOf(file.value, 'upstreams')))
  const known = namesIn(written)
  const all = known.includes('keevx') ? written : { ...written, keevx: {} }
  const ours = Object.entries(all).map(([name, upstream]) => {
    const owner = { name, aliases: aliasesIn(upstream) }
    const named = sectionOf(upstream, 'adapter')
    const adapter = adapters.find((each) => each === named) ?? 'keevx'
    return [name, { adapter, ...owner, keys: keysIn(owner, upstream, sources) }] as const
  })
  const others = missing
    .filter((name) => !known.includes(name))
    .map((name) => [name, { adapter: 'keevx' as const, aliases: [], keys: wrongKey }] as const)
  return Object.fromEntries<Readable['upstreams'][string]>([...others, ...ours])
}

function keysIn(owner: KeyOwner, upstream: unknown, sources: KeySources): readonly string[] {
  const [text, variable, path] = ['api_key', 'api_key_env', 'api_key_file'].map((place) =>
    sectionOf(upstream, place),
  )
  const given = [text, variable, path].filter((value) => value !== undefined)
  // A value that is not text, or given twice, is reported at its position.
  if (given.length > 1 || given.some((value) => typeof value !== 'string')) return wrongKey
  const from = { text, variable, file: path } as Parameters<typeof keysOf>[1]
  const before = sources.problems.length
  const keys = keysOf(owner, from, sources)
  return keys.length === 0 && sources.problems.length > before ? wrongKey : keys
}
