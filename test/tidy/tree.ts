// The files of this repository as the laws see them: a path and a text.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string
  readonly text: string
}

/** A law looks at files and answers what breaks it, one sentence each. */
export type Law = (files: readonly SourceFile[]) => string[]

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What .gitignore keeps out, and git itself. */
const untracked = /^(?:node_modules|dist|\.git|data|coverage|secrets|\.env|.*\.log)$/

export function readTree(): SourceFile[] {
  return filePaths('').map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

function filePaths(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !untracked.test(entry.name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      return entry.isDirectory() ? filePaths(path) : [path]
    })
}

/** Applies `judge` to every line of the chosen files; comments break no law. */
export function lineLaw(options: {
  readonly applies: (path: string) => boolean
  readonly forbidden: RegExp
  readonly because: string
}): Law {
  const { applies, forbidden, because } = options
  return (files) =>
    files
      .filter(({ path }) => applies(path))
      .flatMap(({ path, text }) =>
        withoutComments(text)
          .split('\n')
          .flatMap((line, index) => (forbidden.test(line) ? [`${path}:${index + 1}: ${because}`] : [])),
      )
}

/** Lines that hold nothing but a comment are emptied, so that line numbers stay. */
export function withoutComments(text: string): string {
  return text.replaceAll(/^[ \t]*(?:\/\/|\/\*|\*(?=[ /\n]|$)).*$/gm, '')
}
