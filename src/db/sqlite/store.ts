// A store in one SQLite file, whole: found, owned, opened, examined, copied.
import { existsSync, rmSync, statSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import type { Ownership, Store } from '../dialect.ts'
import { backUp, restore } from './file/copy.ts'
import { examineStore, keepLookingAt, lookAt, lookAtAny, markOf } from './file/look.ts'
import { isServed, lockFile, served } from './ownership/lock.ts'
import { sqliteSource, sqliteTarget } from '../move/sqlite.ts'
import { openingRefused } from './refused.ts'
import { openSqlite } from './sqlite.ts'

/** `path` is the part after `file:`, relative to the working directory. */
export function sqliteStore(path: string): Store {
  const plain = path.replace(/^\/\/(?=\/)/, '')
  const file = isAbsolute(plain) ? plain : resolve(plain)
  const open: Store['open'] = async (options) => opened(file, () => openSqlite({ file, ...options }))
  return {
    name: file,
    isShared: false,
    diskFolder: () => nearestFolder(file),
    exists: async () => sizeOf(file) > 0,
    async make() {
      if (sizeOf(file) > 0) return false
      const made = await open({ onFatal: () => undefined })
      await made.close()
      return true
    },
    async remains() {
      const [lock, log] = [`${file}.lock`, `${file}-wal`]
      return [...(existsSync(lock) ? [lock] : []), ...(sizeOf(log) > 0 ? [log] : [])]
    },
    open,
    own: async () => own(file),
    serve: async () => ({ ...own(file), beside: null }),
    isServed: async () => isServed(file),
    served: (cause) => served(file, cause),
    examine: async () => await examineStore(file),
    durability: async () => null,
    lookAt: ({ anyVersion = false } = {}) =>
      anyVersion ? { snapshot: async (work) => await lookAtAny(file, work) } : lookAt(file),
    keepLookingAt: () => keepLookingAt(file),
    backUp: async (target) => ({
      bytes: backUp(file, target),
      look: { snapshot: async (work) => await lookAtAny(target, work) },
    }),
    restore: async (source, prepare) => await restore(file, source, prepare),
    mark: async () => await markOf(file),
    moveFrom: async () => opened(file, () => sqliteSource(file)),
    moveInto: async () => opened(file, () => sqliteTarget(file)),
    async remove() {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
    },
  }
}

function own(file: string): Ownership {
  const unlock = lockFile(file)
  return { release: async () => unlock() }
}

function opened<Result>(file: string, open: () => Result): Result {
  try {
    return open()
  } catch (error) {
    throw openingRefused(file, error)
  }
}

function nearestFolder(file: string): string {
  let folder = dirname(file)
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

/** 0 if there is none: SQLite makes an empty file before it writes to it. */
function sizeOf(file: string): number {
  try {
    return statSync(file, { throwIfNoEntry: false })?.size ?? 0
  } catch (error) {
    throw openingRefused(file, error)
  }
}
