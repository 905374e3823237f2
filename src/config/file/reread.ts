// Rereads the file while a gateway serves: what it offers and its brand take effect, other changes are only reported.
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { CatalogName, Models, Plans } from '../config.ts'
import { type Brand, brandless, brandWithLogo } from '../brand.ts'
import { deepFreeze } from '../frozen.ts'
import { checkSettings, parseSettings, readSettingsFile, type SettingsFile } from './parse.ts'
import { brandSchema } from './brand-schema.ts'
import { catalogSchema, modelsSchema, plansSchema } from './model-schema.ts'
import { ConfigError, pathText, type Path } from '../problems.ts'
import { type BucketKeys, checkFile, entriesOf, modelProblems, sectionOf } from './settings-file.ts'

/** What a reload reads of a file. */
export interface OfferConfig {
  /** Null if the file has none, or if there is no file. */
  readonly models: Models
  readonly plans: Plans
  readonly catalog: CatalogName
  readonly brand: Brand
}

/** Only what a file offers, and its brand, to reload them while the rest of the configuration stays. Throws ConfigError. */
export function loadOffer(configFile: string | null, upstreamNames: readonly string[]): OfferConfig {
  if (configFile === null) return { models: null, plans: {}, catalog: 'open-api', brand: brandless }
  const file = readSettingsFile(configFile)
  const part = (name: string) => ({ value: sectionOf(file.value, name), path: [name] })
  const models = checkSettings(file, modelsSchema, part('models'))
  const plans = checkSettings(file, plansSchema, part('plans'))
  const catalog = checkSettings(file, catalogSchema, part('catalog'))
  const { value = {} } = part('brand')
  const brand = checkSettings(file, brandSchema, { value, path: ['brand'] })
  const parts = [models, plans, catalog, brand]
  const problems = [...parts.flatMap((each) => each.problems), ...modelProblems(file, upstreamNames)]
  const withLogo = brand.value && brandWithLogo(brand.value, { cwd: dirname(configFile), problems })
  if (problems.length > 0) throw new ConfigError(problems)
  return deepFreeze({
    models: models.value ?? null,
    plans: plans.value ?? {},
    catalog: catalog.value ?? 'open-api',
    brand: withLogo ?? brandless,
  })
}

/** Everything in a file but what a reload puts into force, at the time of reading. */
export interface Rest {
  readonly written: Readonly<Record<string, unknown>>
  /** The effective settings by section; null if something is wrong. */
  readonly effect: Readonly<Record<string, unknown>> | null
  readonly problems: readonly string[]
}

/** Does not check whether the environment has those that the file leaves out. */
function bucketKeysBeside(settings: unknown): BucketKeys {
  const media = sectionOf(settings, 'media')
  const keyOf = (name: string) => (sectionOf(media, name) === undefined ? 'given' : undefined)
  return { S3_ACCESS_KEY_ID: keyOf('access_key_id'), S3_SECRET_ACCESS_KEY: keyOf('secret_access_key') }
}

/** Throws ConfigError if the file cannot be read or is not YAML. */
export function readRest(configFile: string): Rest {
  const file = existsSync(configFile) ? readSettingsFile(configFile) : parseSettings(configFile, '')
  const written = Object.fromEntries(entriesOf(file.value).filter(([section]) => !reloaded.includes(section)))
  const { value, problems } = checkFile(withoutOffer(file, written), bucketKeysBeside(written))
  return { written, effect: value, problems }
}

/** Sections that take effect by a reload. */
const reloaded = ['models', 'plans', 'catalog', 'brand']

const withoutOffer = (file: SettingsFile, written: object): SettingsFile => ({ ...file, value: written })

/** Settings that would change at the next start, by their names in the file: `media.retention`. */
export function changesBetween(before: Rest, now: Rest): string[] {
  const sections = [...new Set([...Object.keys(before.written), ...Object.keys(now.written)])]
  return sections.flatMap((section) => {
    const [was, is] = [before.effect?.[section], now.effect?.[section]]
    // Different spellings may mean the same: 30d and 720h.
    if (before.effect && now.effect && isDeepStrictEqual(was, is)) return []
    return differencesOf(before.written[section], now.written[section], [section])
  })
}

function differencesOf(was: unknown, is: unknown, path: Path): string[] {
  if (isDeepStrictEqual(was, is)) return []
  if (!isSection(was ?? {}) || !isSection(is ?? {})) return [pathText(path)]
  const [before, now] = [new Map(entriesOf(was)), new Map(entriesOf(is))]
  const keys = [...new Set([...before.keys(), ...now.keys()])]
  return keys.flatMap((key) => differencesOf(before.get(key), now.get(key), [...path, key]))
}

const isSection = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
