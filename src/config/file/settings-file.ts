// Locates tollgate.yaml and returns its fully checked settings.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Environment } from '../environment/environment.ts'
import { checkSettings, parseSettings, readSettingsFile, type SettingsFile } from './parse.ts'
import { nearest } from '../nearest.ts'
import { ConfigError } from '../problems.ts'
import { fileSchema, namesIn } from './schema.ts'

export interface ConfigPlace {
  /** Absolute: the named file, or the default one. */
  readonly place: string
  /** The same if it must be read; null if it is missing and optional. */
  readonly path: string | null
}

/** A named file must exist; the default one is optional. */
export function configPlaceOf(named: string | undefined, cwd: string): ConfigPlace {
  const place = resolve(cwd, named || 'tollgate.yaml')
  return { place, path: named || existsSync(place) ? place : null }
}

/** Keys of a bucket that the file names, if they are in the environment. */
export type BucketKeys = Pick<Partial<Environment>, 'S3_ACCESS_KEY_ID' | 'S3_SECRET_ACCESS_KEY'>

/** Throws ConfigError with every problem of the file. */
export function readSettings(path: string | null, bucketKeys: BucketKeys) {
  const file = path === null ? parseSettings('tollgate.yaml', '') : readSettingsFile(path)
  const { value, problems } = checkFile(file, bucketKeys)
  const allProblems = [...problems, ...modelProblems(file, namesInFile(file.value))]
  if (!value || allProblems.length > 0) throw new ConfigError(allProblems)
  const { test_keys: testKeys, low_balance: lowBalance, ...settings } = value
  return { ...settings, models: settings.models ?? null, testKeys, lowBalance }
}

/** Checks the sections by themselves, without looking for routes that lead nowhere. */
export function checkFile(file: SettingsFile, bucketKeys: BucketKeys) {
  return checkSettings(file, fileSchema, { value: withBucketKeys(file.value, bucketKeys), path: [] })
}

function namesInFile(settings: unknown): string[] {
  return [...new Set(['keevx', ...namesIn(Object.fromEntries(entriesOf(sectionOf(settings, 'upstreams'))))])]
}

function withBucketKeys(settings: unknown, keys: BucketKeys): unknown {
  const media = Object.fromEntries(entriesOf(sectionOf(settings, 'media')))
  const namesBucket = media['store'] === 's3' || media['bucket'] !== undefined
  if (!namesBucket) return settings
  const { S3_ACCESS_KEY_ID: id, S3_SECRET_ACCESS_KEY: secret } = keys
  const given = { ...(id && { access_key_id: id }), ...(secret && { secret_access_key: secret }) }
  return { ...Object.fromEntries(entriesOf(settings)), media: { ...media, ...given } }
}

/** Reads the raw file, so that these problems are found beside any others. */
export function modelProblems(file: SettingsFile, names: readonly string[]): string[] {
  return [...emptyModels(file), ...routeProblems(file, names)]
}

/** An empty models section was not left out: falling back would sell the built-in catalogue instead. */
function emptyModels({ value, locate }: SettingsFile): string[] {
  const isEmpty = entriesOf(value).some(([key, models]) => key === 'models' && models === undefined)
  const words = 'is empty; name at least one model, or take this line out to sell the built-in catalogue'
  return isEmpty ? [`${locate(['models'], 'key')}: ${words}`] : []
}

function routeProblems(file: SettingsFile, names: readonly string[]): string[] {
  return entriesOf(sectionOf(file.value, 'models')).flatMap(([id, model]) =>
    entriesOf(sectionOf(model, 'routes')).flatMap(([index, route]) => {
      const upstream = sectionOf(route, 'upstream')
      if (typeof upstream !== 'string' || names.includes(upstream)) return []
      const place = file.locate(['models', id, 'routes', Number(index), 'upstream'])
      if (namesInFile(file.value).includes(upstream)) {
        return [`${place}: this upstream was not there when the gateway started; start it again`]
      }
      const meant = nearest(upstream, names)
      const hint = meant === null ? `known are ${names.join(', ')}` : `did you mean ${meant}?`
      return [`${place}: there is no upstream of this name; ${hint}`]
    }),
  )
}

export function sectionOf(settings: unknown, key: string): unknown {
  return new Map(entriesOf(settings)).get(key)
}

export function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
