// Which keys belong to which upstream: each has its own, and KEEVX_API_KEY is of the one named keevx alone.
import { resolve } from 'node:path'
import { readKeys } from './environment.ts'
import { errorCode } from './file.ts'
import { readSecretFile } from './secret-file.ts'
import { WrongValue } from './wording.ts'

export interface KeysFrom {
  readonly text: string | undefined
  readonly variable: string | undefined
  readonly file: string | undefined
}

export interface KeySources {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** Of KEEVX_API_KEY. */
  readonly keevxKeys: readonly string[]
  readonly problems: string[]
}

/** Never says a key. A variable that is not set gives none, for not every command asks the upstream. */
export function keysOf(name: string, from: KeysFrom, sources: KeySources): readonly string[] {
  const { problems, keevxKeys } = sources
  const place = `upstreams.${name}.${placeOf(from)}`
  const own = readOwn(place, from, sources)
  const inherited = name === 'keevx' ? keevxKeys : []
  if (own.length > 0 && inherited.length > 0) {
    problems.push(`${place}: the keys of keevx are given twice, here and as KEEVX_API_KEY; take one away`)
  }
  return own.length > 0 ? own : inherited
}

const placeOf = ({ text, variable }: KeysFrom): string =>
  text !== undefined ? 'api_key' : variable !== undefined ? 'api_key_env' : 'api_key_file'

function readOwn(place: string, from: KeysFrom, { env, cwd, problems }: KeySources): readonly string[] {
  try {
    const text = from.text ?? (from.variable === undefined ? fileText(from.file, cwd) : env[from.variable])
    return text ? readKeys(text) : []
  } catch (error) {
    const words = error instanceof WrongValue ? error.message : `the file cannot be read: ${errorCode(error)}`
    problems.push(`${place}: ${words}`)
    return []
  }
}

function fileText(path: string | undefined, cwd: string): string | undefined {
  if (path === undefined) return undefined
  const contents = readSecretFile(resolve(cwd, path)).trim()
  if (contents === '') throw new WrongValue(`the file ${path} is empty`)
  return contents
}
