// Packages whose code is part of what is built, and their licences.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The path of a module names its package by what follows the last `node_modules`. */
export function packageOf(id: string): string | null {
  const path = id.split('/node_modules/').at(-1)
  if (path === undefined || path === id) return null
  return path.split('/', path.startsWith('@') ? 2 : 1).join('/')
}

/** What the licences of the packages ask for: their texts go where their code goes. */
export function licensesOf(root: string, names: readonly string[]): string {
  return names
    .map((name) => {
      const folder = join(root, 'node_modules', name)
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        readonly version: string
        readonly license?: string
      }
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
      const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
      return `${name} ${version} (${license ?? 'see its text'})\n${text}`
    })
    .join(`\n${'-'.repeat(80)}\n\n`)
}
