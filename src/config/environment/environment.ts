// The environment: every variable with its check, its default and its description.
import { cellDefault, isCell } from '../../ids.ts'
import { resolve } from 'node:path'
import { z } from 'zod'

import { isHeaderSafe, readHostName, readHttpUrl, reads } from '../fields.ts'
import { errorCode } from '../file/parse.ts'
import { isQuoted, quotedWords, requirePlainPath, trimmed } from './plain.ts'
import { readSecretFile } from './secret-file.ts'
import { listOf, showValue, WrongValue } from '../wording.ts'

export interface VariableDescription {
  readonly name: string
  /** The displayed default; empty if there is none. */
  readonly default: string
  readonly description: string
  /** May also be given as a file path, in a variable with the suffix `_FILE`. */
  readonly secret: boolean
}

/** For the README's table and `config check`. */
export function describeEnvironment(): VariableDescription[] {
  return Object.entries(environmentSchema.shape).map(([name, schema]) => {
    const words = descriptions.get(schema)
    if (!words) throw new Error(`${name} is not described`)
    return { name, default: words.default, description: words.description, secret: words.secret }
  })
}

export type Environment = z.output<typeof environmentSchema>

export interface ReadEnvironment {
  /** Null if there are problems. */
  readonly value: Environment | null
  /** The valid values, even if others are wrong. */
  readonly readable: Partial<Environment>
  readonly problems: readonly string[]
}

/** Every problem, and the checked values. A variable set to an empty value counts as not set. */
export function readEnvironment(env: NodeJS.ProcessEnv, cwd: string): ReadEnvironment {
  const given: Record<string, string> = {}
  const problems: string[] = []
  for (const { name, secret } of describeEnvironment()) {
    const value = trimmed((secret ? readSecret(name, { env, cwd }, problems) : env[name]) ?? '')
    if (isQuoted(value)) problems.push(`${name}: ${quotedWords}`)
    else if (value) given[name] = value
  }
  const result = environmentSchema.safeParse(given)
  const wrong = result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  if (result.success && problems.length === 0)
    return { value: result.data, readable: result.data, problems: [] }
  return { value: null, readable: readableOf(given), problems: [...problems, ...wrong] }
}

function readableOf(given: Readonly<Record<string, string>>): Partial<Environment> {
  const entries = Object.entries(environmentSchema.shape).flatMap(([name, schema]) => {
    const { success, data } = schema.safeParse(given[name])
    return success ? [[name, data] as const] : []
  })
  return Object.fromEntries(entries)
}

/** Whether it is set at all, directly or as a file, correctly or not. */
export function isSet(env: NodeJS.ProcessEnv, name: keyof Environment): boolean {
  return [name, `${name}_FILE`].some((each) => trimmed(env[each] ?? '') !== '')
}

interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
}

/** The value of the variable, or the content of the file that it names; adds to `problems`. */
function readSecret(name: string, { env, cwd }: Surroundings, problems: string[]): string | undefined {
  const fileVariable = `${name}_FILE`
  const path = trimmed(env[fileVariable] ?? '')
  if (!path) return env[name]
  if (trimmed(env[name] ?? '') !== '') {
    problems.push(`${name}: is given twice, as ${name} and as ${fileVariable}; take one away`)
    return undefined
  }
  try {
    requirePlainPath(path)
    const contents = trimmed(readSecretFile(resolve(cwd, path)))
    if (contents !== '') return contents
    problems.push(`${fileVariable}: the file ${path} is empty`)
  } catch (error) {
    const words =
      error instanceof WrongValue ? error.message : `the file ${path} cannot be read: ${errorCode(error)}`
    problems.push(`${fileVariable}: ${words}`)
  }
  return undefined
}

const descriptions = z.registry<Omit<VariableDescription, 'name'>>()

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
type LogLevel = (typeof logLevels)[number]

/** Shorter tokens can be guessed; 32 random characters cannot. */
const adminTokenLengthMin = 32

export const storeFolderDefault = './data'

const environmentSchema = z.object({
  HOST: variable(reads(readHostName).prefault('127.0.0.1'), {
    default: '127.0.0.1',
    description: 'The address to listen on; 0.0.0.0 opens the gateway to the network.',
  }),
  PORT: variable(reads(readPort).prefault('8787'), {
    default: '8787',
    description: 'The port to listen on; 0 takes any free one.',
  }),
  DATABASE_URL: variable(reads(readDatabaseUrl).optional(), {
    default: 'file:./data/tollgate.db',
    description:
      'Where rows live: file:… for SQLite, postgres://… for PostgreSQL. Follows DATA_DIR when not set.',
    secret: true,
  }),
  DATA_DIR: variable(reads(readPath).prefault(storeFolderDefault), {
    default: storeFolderDefault,
    description:
      'The directory for the SQLite database, the sealing key and media that are kept; of one gateway alone.',
  }),
  SEALING_KEY: variable(reads(readSealingKey).optional(), {
    default: 'the file sealing.key in DATA_DIR',
    description:
      'Seals the webhook secrets in the store: 32 random bytes in base64 (openssl rand -base64 32). Needed with PostgreSQL, the same for every gateway on it.',
    secret: true,
  }),
  KEEVX_API_KEY: variable(reads(readKeys).optional(), {
    default: '',
    description: 'The key of your Keevx account; several, with commas between them, share the load.',
    secret: true,
  }),
  KEEVX_API_KEY_POLLS_ONLY: variable(reads(readKeys).optional(), {
    default: '',
    description:
      'Keys of before, until the tasks ordered with them have ended: nothing is ordered with them any more.',
    secret: true,
  }),
  KEEVX_BASE_URL: variable(reads(readHttpUrl).optional(), {
    default: 'https://api.keevx.com/v1',
    description: 'Where Keevx is; wins over upstreams.keevx.base_url of tollgate.yaml.',
  }),
  ADMIN_TOKEN: variable(reads(readAdminToken).optional(), {
    default: '',
    description: `Opens the operator API and the console; at least ${adminTokenLengthMin} characters.`,
    secret: true,
  }),
  PUBLIC_URL: variable(reads(readHttpUrl).optional(), {
    default: '',
    description:
      'How the outside reaches the gateway: where Keevx calls back, where results that are kept are fetched from, and the address that the documentation shows.',
  }),
  S3_ACCESS_KEY_ID: variable(reads(readSecretText).optional(), {
    default: '',
    description:
      'Who we are to the bucket of media.store: s3; wins over media.access_key_id of tollgate.yaml.',
    secret: true,
  }),
  S3_SECRET_ACCESS_KEY: variable(reads(readSecretText).optional(), {
    default: '',
    description: 'The secret that goes with it; wins over media.secret_access_key of tollgate.yaml.',
    secret: true,
  }),
  TOLLGATE_CONFIG: variable(reads(readPath).optional(), {
    default: './tollgate.yaml, where there is one',
    description: 'The configuration file.',
  }),
  CELL: variable(reads(readCell).prefault(cellDefault), {
    default: cellDefault,
    description:
      'Two digits or small letters in every new id. Where several installations share the accounts, each has its own.',
  }),
  LOG_LEVEL: variable(reads(readLogLevel).prefault('info'), {
    default: 'info',
    description: `How much is logged: ${listOf(logLevels)}.`,
  }),
})

function variable<Schema extends z.ZodType>(
  schema: Schema,
  { secret = false, ...words }: { default: string; description: string; secret?: boolean },
): Schema {
  descriptions.add(schema, { ...words, secret })
  return schema
}

function readPort(value: unknown): number {
  const port = /^\d{1,5}$/.test(String(value)) ? Number(value) : Infinity
  if (port <= 65_535) return port
  throw new WrongValue(`must be a port from 0 to 65535, not ${showValue(value)}`)
}

function readCell(value: unknown): string {
  const text = String(value)
  if (isCell(text)) return text
  throw new WrongValue(`must be two digits or small letters, not ${showValue(value)}`)
}

function readLogLevel(value: unknown): LogLevel {
  const level = logLevels.find((known) => known === value)
  if (level) return level
  throw new WrongValue(`must be ${listOf(logLevels)}, not ${showValue(value)}`)
}

function readDatabaseUrl(value: unknown): string {
  const url = String(value)
  if (/^file:(?!\/\/[^/])./.test(url)) return readFileUrl(url)
  if (/^postgres(ql)?:\/\/./.test(url) && URL.canParse(url)) return url
  throw new WrongValue('must be file: and a path, or start with postgres:// or postgresql://')
}

/** SQLite's own URIs accept parameters; here everything after `file:` is the path. */
function readFileUrl(url: string): string {
  const path = url.slice('file:'.length).replace(/^\/\/(?=\/)/, '')
  if (path.startsWith(':memory:'))
    throw new WrongValue('must name a file: what is kept in memory alone is lost')
  if (/[?#]/.test(path)) {
    throw new WrongValue(
      'must be file: and a path alone: ? and # begin no parameters here, they would be part of its name',
    )
  }
  if (/%[0-9A-Fa-f]{2}/.test(path)) {
    throw new WrongValue('must be file: and a path as it is, without escapes such as %20')
  }
  if (path.endsWith('/')) throw new WrongValue('must name a file, and ends like a folder')
  requirePlainPath(path)
  return url
}

function readPath(value: unknown): string {
  return requirePlainPath(String(value))
}

function readSecretText(value: unknown): string {
  const secret = String(value)
  if (isHeaderSafe(secret)) return secret
  throw new WrongValue('must be plain letters, digits and signs, without spaces')
}

/** As it is written, so that a mistyped one is not taken for another key. */
function readSealingKey(value: unknown): string {
  const key = String(value)
  if (/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(key)) return key
  throw new WrongValue('must be 32 random bytes in base64; openssl rand -base64 32 makes one')
}

function readAdminToken(value: unknown): string {
  const token = String(value)
  if (token.length < adminTokenLengthMin) {
    throw new WrongValue(`must have at least ${adminTokenLengthMin} characters, not ${token.length}`)
  }
  if (!isHeaderSafe(token)) throw new WrongValue('must be plain letters, digits and signs, without spaces')
  return token
}

/** Comma-separated keys, without duplicates. */
export function readKeys(value: unknown): string[] {
  const keys = String(value).split(',').map(trimmed)
  const emptyAt = keys.indexOf('')
  if (emptyAt >= 0)
    throw new WrongValue(`key ${emptyAt + 1} of ${keys.length} is empty; look for a stray comma`)
  const oddAt = keys.findIndex((key) => !isHeaderSafe(key))
  if (oddAt >= 0)
    throw new WrongValue(`key ${oddAt + 1} of ${keys.length} holds a space or a sign that no key has`)
  const quotedAt = keys.findIndex(isQuoted)
  if (quotedAt >= 0) throw new WrongValue(`key ${quotedAt + 1} of ${keys.length} ${quotedWords}`)
  return [...new Set(keys)]
}
