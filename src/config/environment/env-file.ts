// Reads .env in the working directory like Node's --env-file-if-exists: variables that are already set win.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { errorCode } from '../file/parse.ts'
import { ConfigError } from '../problems.ts'

/** Its absolute path, or null if there is none. Throws ConfigError if it cannot be read. */
export function readEnvFile(cwd: string = process.cwd()): string | null {
  const path = resolve(cwd, '.env')
  if (!existsSync(path)) return null
  try {
    process.loadEnvFile(path)
    return path
  } catch (error) {
    throw new ConfigError([`${path}: cannot be read: ${errorCode(error)}`])
  }
}

/** The user's language at this terminal, from the shell's locale variables. */
export function terminalLanguage(env: NodeJS.ProcessEnv = process.env): 'en' | 'zh' {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return /^zh/i.test(locale) ? 'zh' : 'en'
}
