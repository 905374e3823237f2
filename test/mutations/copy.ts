// Copies of the repository, in which guards can be taken away without touching the original.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { occurrences } from './guard.ts'
import type { Guard } from './guard.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Copy {
  readonly path: string
  /** Runs the work while the guard is gone. */
  without<Result>(guard: Guard, work: () => Promise<Result>): Promise<Result>
  remove(): void
}

/** What is tracked, and what is new and not ignored, as it stands at present. */
export function copyRepository(): Copy {
  const path = mkdtempSync(join(tmpdir(), 'tollgate-mutations-'))
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 } as const
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '-co', '--exclude-standard', '--deduplicate'],
    options,
  )
  for (const file of listed.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    // A file may be deleted and still be listed.
    cpSync(join(root, file), join(path, file), { force: true, errorOnExist: false, recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  return {
    path,
    async without(guard, work) {
      const file = join(path, guard.file)
      const text = readFileSync(file, 'utf8')
      const found = occurrences(text, guard.search)
      if (found !== 1)
        throw new Error(`${guard.name}: its search text stands ${found} times in ${guard.file}`)
      try {
        writeFileSync(file, text.split(guard.search).join(guard.replacement))
        return await work()
      } finally {
        writeFileSync(file, text)
      }
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
