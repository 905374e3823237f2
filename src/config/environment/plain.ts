// Strips what a shell, an editor or a secret file leaves around a value; refuses unexpanded shell syntax.
import { WrongValue } from '../wording.ts'

/** Removes spaces, line breaks and the byte order mark around it. */
export function trimmed(value: string): string {
  return value.replace(/^[\s\uFEFF]+|(?<![\s\uFEFF])[\s\uFEFF]+$/g, '')
}

const quotes = ['""', "''", '``', '“”', '‘’', '„“', '«»']

/** An `--env-file`, a `Secret` or a form keeps the quotes that a shell would have removed. */
export function isQuoted(value: string): boolean {
  return value.length > 1 && quotes.includes(`${value[0]}${value.at(-1)}`)
}

export const quotedWords = 'stands in quotes, which would be part of it; take them away'

/**
 * Throws WrongValue for a path that only a shell would expand: here it would name a folder `~` or `$HOME`.
 */
export function requirePlainPath(path: string): string {
  if (path.startsWith('~'))
    throw new WrongValue('begins with ~, which only a shell replaces; write the whole path')
  if (/^\$[{(A-Za-z_]|^%\w+%/.test(path)) {
    throw new WrongValue('begins with a variable, which only a shell replaces; write the whole path')
  }
  if (path.includes('\0')) throw new WrongValue('holds a zero byte, which no path can')
  return path
}
