// Whether the files of an open store still have their names: what is written to a file without one is lost.
import { realpathSync, statSync } from 'node:fs'

/** In words which file of the store is not where it was when the store was opened; null where all are. */
export type Displaced = () => string | null

/** To be called when the store is open: its log and the log's index lie beside it then. */
export function watchPlace(file: string): Displaced {
  // SQLite looks through symbolic links once, when it opens the file.
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

/** Null where the system would not say. */
function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch (error) {
    return error instanceof Error && 'code' in error && missingCodes.has(String(error.code)) ? missing : null
  }
}
