// SQLite's own error codes, and what they mean in words.
import { StoreRefused } from '../errors.ts'

/** What the system or SQLite said when a file of the store could not be opened, in words; anything else as it is. */
export function openingRefused(file: string, error: unknown): unknown {
  if (error instanceof StoreRefused || !(error instanceof Error)) return error
  if (!('code' in error)) return error.message === noFolder ? refusedWith(file, error, whereToLook) : error
  if (String(error.code).startsWith('SQLITE_BUSY')) {
    return new StoreRefused(
      `${file} cannot be opened: another process holds it. Look for a program that has the file open ` +
        '(an sqlite3 shell in a transaction, a copy that hangs), end it and try again.',
      error,
    )
  }
  const advice = damaged.has(String(error.code))
    ? 'It is damaged, or no store at all. Keep it as it is, and put a backup in its place with tollgate restore.'
    : whereToLook
  return refusedWith(file, error, advice)
}

/** What the library says, without a code, where the folder is not there to which the path or a link leads. */
const noFolder = 'Cannot open database because the directory does not exist'
const whereToLook =
  'Look at DATA_DIR and DATABASE_URL, at the rights of that folder, and whether the disk is full.'

const refusedWith = (file: string, error: Error, advice: string) =>
  new StoreRefused(`${file} cannot be opened: ${error.message}. ${advice}`, error)

const damaged = new Set(['SQLITE_NOTADB', 'SQLITE_CORRUPT'])

export const isOfSqlite = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_')

export const isConstraint = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_CONSTRAINT')

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
