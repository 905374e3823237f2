// Syncs the log of a store in a thread, so that the event loop does not wait for the disk at a commit.
import { closeSync, openSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncToDisk } from '../../../disk/sync.ts'
import { syncInThread } from './thread.ts'

/** The log of one open store. */
export interface LogSync {
  /** Resolves when all that was written to the log before is on the disk. Rejects if that is unknown. */
  sync(): Promise<void>
  close(): void
}

export type OpenLogSync = (file: string) => LogSync

/**
 * Call it when the store is open: its log exists then, and the connections keep it. SQLite truncates a log, but
 * it removes it only when its last connection closes, so one descriptor serves as long as the store is open.
 * Closing it releases no lock of SQLite, which takes none on the log.
 */
export const openLogSync: OpenLogSync = (file) => {
  const log = `${realpathSync(file)}-wal`
  const descriptor = openSync(log, 'r+')
  // The log of a process that was killed may have a name that never reached the disk.
  syncToDisk(dirname(log))
  return {
    sync: async () => await syncInThread(descriptor),
    close: () => closeSync(descriptor),
  }
}
