// Copies the log into the store, as far as readers allow.
import Sqlite from 'better-sqlite3'

export interface Copied {
  /** Pages in the log that are not in the store yet; null if nothing was copied. */
  readonly left: number | null
  /** In words, because an error loses its code on its way between threads. */
  readonly failure: { readonly code: string; readonly message: string } | null
}

export function copyLog(client: Sqlite.Database): Copied {
  try {
    const [counts] = client.pragma('wal_checkpoint(PASSIVE)') as { log: number; checkpointed: number }[]
    // Negative: another process copies it at this moment.
    const left = counts && counts.log >= 0 ? counts.log - counts.checkpointed : null
    return { left, failure: null }
  } catch (error) {
    const code = error instanceof Sqlite.SqliteError ? error.code : ''
    return { left: null, failure: { code, message: String(error) } }
  }
}
