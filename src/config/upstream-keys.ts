// Assigns keys to upstreams: each has its own, and KEEVX_API_KEY belongs only to the one named keevx.
import { resolve } from 'node:path'
import { readKeys } from './environment/environment.ts'
import { errorCode } from './file/parse.ts'
import { readSecretFile } from './environment/secret-file.ts'
import { WrongValue } from './wording.ts'

export interface KeysFrom {
  readonly text: string | undefined
  readonly variable: string | undefined
  readonly file: string | undefined
}

export interface KeySources {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** From KEEVX_API_KEY. */
  readonly keevxKeys: readonly string[]
  /** From KEEVX_API_KEY_POLLS_ONLY. */
  readonly keevxPollsOnlyKeys: readonly string[]
  readonly problems: string[]
}

/** The upstream that owns the keys. */
export interface KeyOwner {
  readonly name: string
  readonly aliases: readonly string[]
}

/** Whether KEEVX_API_KEY and KEEVX_BASE_URL apply to this upstream. */
export const isKeevx = ({ name, aliases }: KeyOwner): boolean => name === 'keevx' || aliases.includes('keevx')

/**
 * Messages never contain a key. An unset variable gives no keys, since not every command calls the upstream.
 */
export function keysOf(owner: KeyOwner, from: KeysFrom, sources: KeySources): readonly string[] {
  const { problems, keevxKeys } = sources
  const place = placeOf(owner, 'api_key', from)
  const own = readOwn(place, from, sources)
  const inherited = isKeevx(owner) ? keevxKeys : []
  // A renamed upstream may name the variable explicitly.
  if (owner.name === 'keevx' && own.length > 0 && inherited.length > 0) {
    problems.push(`${place}: the keys of keevx are given twice, here and as KEEVX_API_KEY; take one away`)
  }
  return own.length > 0 ? own : inherited
}

/** Former keys: used to poll what was ordered with them, never to order. */
export function pollsOnlyOf(
  owner: KeyOwner,
  { from, keys }: { readonly from: KeysFrom; readonly keys: readonly string[] },
  sources: KeySources,
): readonly string[] {
  const place = placeOf(owner, 'polls_only', from)
  const own = readOwn(place, from, sources)
  const all = [...new Set([...own, ...(isKeevx(owner) ? sources.keevxPollsOnlyKeys : [])])]
  if (all.some((key) => keys.includes(key))) {
    const named = own.some((key) => keys.includes(key)) ? place : 'KEEVX_API_KEY_POLLS_ONLY'
    sources.problems.push(
      `${named}: one of these keys is also among those that orders are posted with; take it away from one`,
    )
  }
  return all
}

function placeOf({ name }: KeyOwner, key: 'api_key' | 'polls_only', { text, variable }: KeysFrom): string {
  const suffix = text !== undefined ? '' : variable !== undefined ? '_env' : '_file'
  return `upstreams.${name}.${key}${suffix}`
}

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
