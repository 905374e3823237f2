// Copies of a SQLite store: made while it is in use, and restored once they are verified.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { randomText } from '../../../ids.ts'
import { StoreRefused } from '../../errors.ts'
import { openingRefused } from '../refused.ts'
import type { Database } from '../../database.ts'
import type { Restored } from '../../dialect.ts'
import { ownerOnly, syncToDisk } from '../../../disk/sync.ts'
import { writeCopy } from './write-copy.ts'
import { damageIn } from './integrity.ts'
import { StoreServed, lockFile } from '../ownership/lock.ts'
import { schemaAge } from '../migrate.ts'
import { openSqlite } from '../sqlite.ts'

/** Another process may be in the middle of a write. */
const busyTimeoutMs = 5_000

/** Implements `Store.backUp`; returns the size of the copy in bytes. */
export function backUp(file: string, target: string): number {
  if (!existsSync(file)) throw new StoreRefused(`There is no store at ${file}, so there is nothing to copy.`)
  // A dangling link counts as existing too.
  if (lstatSync(target, { throwIfNoEntry: false }))
    throw new StoreRefused(`${target} exists already. Name a file that does not.`)
  const folder = besides(target)
  const copy = join(folder, basename(target))
  try {
    copyInto(file, copy)
    requireWhole(copy, file)
    // A link, unlike a rename, never replaces a file created meanwhile.
    linkSync(copy, target)
    syncToDisk(dirname(target))
    return statSync(target).size
  } catch (error) {
    throw writingRefused(target, error)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Implements `Store.restore`. */
export async function restore<Prepared>(
  file: string,
  source: string,
  prepare: (copy: Database) => Promise<Prepared>,
): Promise<Restored<Prepared>> {
  if (!statSync(source, { throwIfNoEntry: false })?.isFile()) {
    throw new StoreRefused(`There is no file ${source}.`)
  }
  // If the store is a link it stays one: its target is replaced.
  const place = existsSync(file) ? realpathSync(file) : file
  if (sameFile(source, file)) throw new StoreRefused(`${source} is the store itself; name a backup of it.`)
  const unlock = lockForRestore(file)
  const folder = besides(place)
  try {
    const copy = join(folder, 'tollgate.db')
    for (const suffix of ['', '-wal']) copyWhereThere(`${source}${suffix}`, `${copy}${suffix}`)
    chmodSync(copy, ownerOnly)
    requireWhole(copy, source)
    const prepared = await prepareCopy(copy, source, prepare)
    syncToDisk(copy)
    const kept = existsSync(place) ? keepAside(place) : null
    for (const suffix of ['-wal', '-shm']) rmSync(`${place}${suffix}`, { force: true })
    renameSync(copy, place)
    syncToDisk(dirname(place))
    return { kept, bytes: statSync(place).size, prepared }
  } finally {
    rmSync(folder, { recursive: true, force: true })
    unlock()
  }
}

/** A temporary folder beside a file: on the same disk, and removed with its content at exit. */
function besides(file: string): string {
  try {
    return mkdtempSync(`${file}.copying-`)
  } catch (error) {
    throw writingRefused(file, error)
  }
}

function writingRefused(file: string, error: unknown): unknown {
  if (error instanceof StoreRefused || !(error instanceof Error) || !('code' in error)) return error
  return new StoreRefused(`${file} cannot be written: ${error.message}.`, error)
}

function copyInto(file: string, copy: string): void {
  let client: Sqlite.Database | null = null
  try {
    client = new Sqlite(file, { fileMustExist: true, timeout: busyTimeoutMs })
    writeCopy(client, copy)
  } catch (error) {
    throw openingRefused(file, error)
  } finally {
    client?.close()
  }
}

function requireWhole(copy: string, name: string): void {
  const found = damageOf(copy)
  if (found !== null)
    throw new StoreRefused(`${name} is damaged, or no store: ${found}. Nothing was changed.`)
}

function damageOf(copy: string): string | null {
  const client = new Sqlite(copy, { fileMustExist: true })
  try {
    const damage = damageIn(client)
    if (damage.length > 0) return damage.join('; ')
    return schemaAge(client) === 'none' ? 'it holds none of the tables of tollgate' : null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    client.close()
  }
}

/** Opens the copy like a gateway would, which upgrades an older one to this version's schema. */
async function prepareCopy<Prepared>(
  copy: string,
  name: string,
  prepare: (copy: Database) => Promise<Prepared>,
): Promise<Prepared> {
  try {
    const db = openSqlite({ file: copy, onFatal: () => undefined })
    let prepared: Prepared
    try {
      prepared = await prepare(db)
    } finally {
      await db.close()
    }
    // Data that is only in the log would be left behind with it.
    if ((statSync(`${copy}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
      throw new StoreRefused(`${name} could not be brought into one file. The store was not touched.`)
    }
    return prepared
  } catch (error) {
    throw openingRefused(name, error)
  }
}

function lockForRestore(file: string): () => void {
  try {
    return lockFile(file)
  } catch (error) {
    if (!(error instanceof StoreServed)) throw error
    throw new StoreRefused(
      `${file} is being served by a tollgate${error.holder}. Stop it, then restore.`,
      error,
    )
  }
}

/** Moves the present store and its log to a unique name. */
function keepAside(file: string): string {
  checkpoint(file)
  const kept = `${file}.before-restore-${randomText(8)}`
  for (const suffix of ['', '-wal']) {
    if (existsSync(`${file}${suffix}`)) linkSync(`${file}${suffix}`, `${kept}${suffix}`)
  }
  return kept
}

/** An intact store merges its log into itself; a damaged one is kept with its log beside it. */
function checkpoint(file: string): void {
  try {
    const client = new Sqlite(file, { timeout: busyTimeoutMs })
    client.pragma('wal_checkpoint(TRUNCATE)')
    client.close()
  } catch {
    // The store is damaged, which may be why it is replaced.
  }
}

function copyWhereThere(from: string, to: string): void {
  if (existsSync(from)) copyFileSync(from, to)
}

function sameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}
