// The file .env of the working directory, read as Node's own --env-file-if-exists reads it: what is set already wins.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { errorCode } from '../file/parse.ts'
import { ConfigError } from '../problems.ts'

/** Its absolute path, or null where there is none. Throws ConfigError where it cannot be read. */
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

/** In which of our languages somebody at this terminal reads, by the variables that every shell knows. */
export function terminalLanguage(env: NodeJS.ProcessEnv = process.env): 'en' | 'zh' {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return /^zh/i.test(locale) ? 'zh' : 'en'
}
