// Translates SQLite's error codes into messages.
import { StoreRefused } from '../errors.ts'
import { isDamage } from './error-codes.ts'

/** Turns an error on opening a file of the store into a message; other errors are returned unchanged. */
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
  const advice = isDamage(error)
    ? 'It is damaged, or no store at all. Keep it as it is, and put a backup in its place with tollgate restore.'
    : whereToLook
  return refusedWith(file, error, advice)
}

/** The library's message, which has no code, if the folder of the path or of a link's target is missing. */
const noFolder = 'Cannot open database because the directory does not exist'
const whereToLook =
  'Look at DATA_DIR and DATABASE_URL, at the rights of that folder, and whether the disk is full.'

const refusedWith = (file: string, error: Error, advice: string) =>
  new StoreRefused(`${file} cannot be opened: ${error.message}. ${advice}`, error)
