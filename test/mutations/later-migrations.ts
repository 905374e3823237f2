// Whether a later migration makes anew what a guard's text stands in: then taking the text away changes nothing.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { root } from './copy.ts'

const breakpoint = '--> statement-breakpoint'

/** The migration that replaces the trigger, index or table in which `search` stands; null if it is the last. */
export function replacedBy(file: string, search: string): string | null {
  const folder = join(root, dirname(file))
  const statement = readFileSync(join(root, file), 'utf8')
    .split(breakpoint)
    .find((each) => each.includes(search))
  const made = /CREATE\s+(?:UNIQUE\s+)?(TRIGGER|INDEX|TABLE)\s+[`"]?(\w+)/i.exec(statement ?? '')
  if (!statement || !made) return null
  const [, kind = '', given = ''] = made
  // A table that is built anew gets its name at the end.
  const name = given.replace(/^__new_/, '')
  const table = kind.toUpperCase() === 'TABLE' ? name : (/\bON\s+[`"]?(\w+)/i.exec(statement)?.[1] ?? name)
  const isReplaced = [
    new RegExp(`DROP\\s+${kind}\\s+(?:IF\\s+EXISTS\\s+)?[\`"]?${name}\\b`, 'i'),
    new RegExp(`DROP\\s+TABLE\\s+(?:IF\\s+EXISTS\\s+)?[\`"]?${table}\\b`, 'i'),
  ]
  const later = readdirSync(folder)
    .filter((each) => each.endsWith('.sql') && each > basename(file))
    .toSorted()
  return (
    later.findLast((each) => {
      const text = readFileSync(join(folder, each), 'utf8')
      return isReplaced.some((form) => form.test(text))
    }) ?? null
  )
}
