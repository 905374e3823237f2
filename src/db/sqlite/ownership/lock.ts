// Ensures one gateway per SQLite file: a lock that the operating system releases when the process dies.
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import { StoreRefused } from '../../errors.ts'
import { openingRefused } from '../refused.ts'
import { makeFolder } from '../../../disk/folder.ts'
import { forgetHolder, holderWords, noteHolder } from './holder.ts'

/** A process that only checks the lock holds it for a moment. */
const lookMs = 250

/** Takes the lock or throws StoreRefused; the returned function releases it. */
export function lockFile(file: string, waitMs = lookMs): () => void {
  const names = namesOf(file)
  if (isHeldElsewhere(names)) throw served(file)
  const lock = openLock(file, waitMs)
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (!(error instanceof Sqlite.SqliteError) || error.code !== 'SQLITE_BUSY')
      throw openingRefused(file, error)
    throw served(file, error)
  }
  held.set(lock, identityOf(file))
  const name = lockName(file)
  noteHolder(name)
  return () => {
    held.delete(lock)
    forgetHolder(name)
    lock.close()
  }
}

/** The error for a file that another process holds, naming that process if known. */
export function served(file: string, cause?: unknown): StoreServed {
  const holder = holderWords(lockName(file))
  return new StoreServed(
    `${file} is being served by another tollgate${holder}. One process serves a SQLite file: stop the other, or give this one a DATA_DIR of its own, with a DATABASE_URL in it.`,
    { holder, cause },
  )
}

/** Without a reference, the garbage collector would close the connection and release the lock. */
const held = new Map<Sqlite.Database, string | null>()

/** Another process holds the lock. */
export class StoreServed extends StoreRefused {
  /** Names that process, to append to a sentence; empty if unknown. */
  readonly holder: string

  constructor(message: string, { holder, cause }: { holder: string; cause?: unknown }) {
    super(message, cause)
    this.holder = holder
  }
}

/** A second, empty database carries the lock, so that commands can still read and write the first. */
function openLock(file: string, waitMs: number): Sqlite.Database {
  try {
    makeFolder(dirname(file))
    return new Sqlite(lockName(file), { timeout: waitMs })
  } catch (error) {
    throw openingRefused(file, error)
  }
}

/** A link to the file is another name for the same store, even while its target does not exist yet. */
const lockName = (file: string): string => {
  const place = placeOf(file)
  // All names of a file in its folder share the lock of the first name.
  const [first = basename(place)] = namesOf(place)?.beside ?? []
  return `${join(dirname(place), first)}.lock`
}

/** A file with several names (hard links). SQLite keeps a log per name, so only one of them may be served. */
interface Names {
  readonly identity: string
  readonly folder: string
  readonly inode: string
  /** The names in the same folder, sorted. */
  readonly beside: readonly string[]
}

/** Null for a file with one name, or a missing file. */
function namesOf(file: string): Names | null {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  if (!stat || stat.nlink <= 1n) return null
  const folder = dirname(realpathSync(file))
  const beside = readdirSync(folder).filter((name) => identityOf(join(folder, name)) === nameOf(stat))
  return { identity: nameOf(stat), folder, inode: String(stat.ino), beside: beside.toSorted() }
}

function identityOf(file: string): string | null {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat ? nameOf(stat) : null
}

const nameOf = ({ dev, ino }: { dev: bigint; ino: bigint }): string => `${dev}:${ino}`

/**
 * Whether the file is open under a name in another folder: by this process, or by one whose locks the system
 * lists.
 */
function isHeldElsewhere(names: Names | null): boolean {
  if (!names) return false
  const { identity, inode, folder, beside } = names
  const [, ...others] = beside
  return (
    [...held.values()].includes(identity) ||
    isLockedByOthers(inode) ||
    others.some((name) => isHeld(`${join(folder, name)}.lock`))
  )
}

/** SQLite locks bytes from here on in each file that it has open. */
const sqliteLocksFrom = 0x40000000

function isLockedByOthers(inode: string): boolean {
  let lines: string[]
  try {
    lines = readFileSync('/proc/locks', 'utf8').split('\n')
  } catch {
    return false
  }
  return lines.some((line) => {
    const [, , , , pid, place = '', start] = line.split(/\s+/)
    const [, , ino] = place.split(':')
    return ino === inode && Number(start) >= sqliteLocksFrom && Number(pid) !== process.pid
  })
}

function placeOf(file: string): string {
  if (existsSync(file)) return realpathSync(file)
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) {
    return placeOf(resolve(dirname(file), readlinkSync(file)))
  }
  return existsSync(dirname(file)) ? join(realpathSync(dirname(file)), basename(file)) : file
}

/** Whether a gateway serves the file now, checked without taking or creating the lock. */
export function isServed(file: string): boolean {
  if (isHeldElsewhere(namesOf(file))) return true
  return isHeld(lockName(file))
}

function isHeld(name: string): boolean {
  if (!existsSync(name)) return false
  let lock: Sqlite.Database | null = null
  try {
    lock = new Sqlite(name, { readonly: true, fileMustExist: true, timeout: 0 })
    lock.prepare('SELECT 1 FROM sqlite_schema').all()
    return false
  } catch {
    // Locked, or unreadable because it belongs to another user.
    return true
  } finally {
    lock?.close()
  }
}
