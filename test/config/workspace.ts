// A directory of its own for a test that reads configuration files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

import { ConfigError } from '../../src/config/problems.ts'

/** Writes the files and answers the directory; it is gone when the test is over. */
export function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-config-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  for (const [name, contents] of Object.entries(files)) writeFileSync(join(directory, name), contents)
  return directory
}

/** The problems of a load that has to fail, without the directory in front of them. */
export function problemsOf(directory: string, load: () => unknown): string[] {
  try {
    load()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map((problem) => problem.replaceAll(`${directory}/`, ''))
  }
  throw new Error('the configuration was accepted')
}
