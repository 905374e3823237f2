// One gateway to a SQLite file: a lock that the operating system lets go of when the process dies.
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import { DatabaseRefused, openingRefused } from './database.ts'
import { makeFolder } from './folder.ts'

/** Somebody who only looks whether it is locked holds it for a moment. */
const lookMs = 250

/** Takes the lock or throws DatabaseRefused; the returned function gives it back. */
export function lockFile(file: string, waitMs = lookMs): () => void {
  const lock = openLock(file, waitMs)
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!(error instanceof Sqlite.SqliteError) || error.code !== 'SQLITE_BUSY')
      throw openingRefused(file, error)
    throw new FileServed(
      `${file} is being served by another tollgate. One process serves a SQLite file: stop the other, or give this one a DATABASE_URL of its own.`,
      error,
    )
  }
  held.add(lock)
  return () => {
    held.delete(lock)
    lock.close()
  }
}

/** A lock that nobody refers to any more would be closed by the garbage collector, and be free. */
const held = new Set<Sqlite.Database>()

/** Somebody else holds the lock. */
export class FileServed extends DatabaseRefused {}

/** A second, empty database carries the lock, so that commands can still read and write the first. */
function openLock(file: string, waitMs: number): Sqlite.Database {
  try {
    makeFolder(dirname(file))
    return new Sqlite(lockName(file), { timeout: waitMs })
  } catch (error) {
    throw openingRefused(file, error)
  }
}

/** A link to the file is another name for the same credits, also while there is no file behind it yet. */
const lockName = (file: string): string => `${placeOf(file)}.lock`

function placeOf(file: string): string {
  if (existsSync(file)) return realpathSync(file)
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) {
    return placeOf(resolve(dirname(file), readlinkSync(file)))
  }
  return existsSync(dirname(file)) ? join(realpathSync(dirname(file)), basename(file)) : file
}

/** Whether a gateway serves the file now, found without taking the lock or making one. */
export function isServed(file: string): boolean {
  const name = lockName(file)
  if (!existsSync(name)) return false
  let lock: Sqlite.Database | null = null
  try {
    lock = new Sqlite(name, { readonly: true, fileMustExist: true, timeout: 0 })
    lock.prepare('SELECT 1 FROM sqlite_schema').all()
    return false
  } catch {
    // Locked, or of somebody whose files we may not read.
    return true
  } finally {
    lock?.close()
  }
}
