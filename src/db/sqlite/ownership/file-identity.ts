// Checks that the files of an open store still have their names: writes to an unlinked file are lost.
import { realpathSync, statSync } from 'node:fs'

/** Names the file of the store that has moved since the store was opened; null if none has. */
export type Displaced = () => string | null

/** Call it when the store is open: then its log and the log's index exist beside it. */
export function watchPlace(file: string): Displaced {
  // SQLite resolves symbolic links once, when it opens the file.
  const real = realpathSync(file)
  const watched = [file, `${real}-wal`, `${real}-shm`].map((path) => ({ path, identity: identityOf(path) }))
  return () => {
    for (const { path, identity } of watched) {
      const now = identityOf(path)
      if (now === identity || now === null || identity === null || identity === missing) continue
      const what = now === missing ? 'is gone' : 'is another file than the one that was opened'
      return `${path} ${what}: the store was moved, removed or replaced while it was served`
    }
    return null
  }
}

const missing = 'missing'
const missingCodes = new Set(['ENOENT', 'ENOTDIR', 'ESTALE'])

/** Null if the system does not tell. */
function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch (error) {
    return error instanceof Error && 'code' in error && missingCodes.has(String(error.code)) ? missing : null
  }
}
