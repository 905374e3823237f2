// The log of a served store: COMMIT writes to it, one thread syncs it, another copies it into the store.
import type Sqlite from 'better-sqlite3'
import { checkpointPages } from '../client.ts'
import type { Reader } from '../reader.ts'
import type { Writer } from '../writer.ts'
import { Checkpoints } from './checkpoint.ts'
import { Commits } from './commits.ts'
import { openLogSync } from './sync.ts'
import type { OpenLogSync } from './sync.ts'

export interface ServedLog {
  readonly commits: Commits
  /** Call it after each COMMIT, when no transaction is open. */
  afterCommit(): void
  /** Resolves when no thread uses the store any more. */
  end(): Promise<void>
  /** Call it after the connections are closed. */
  close(): void
}

export interface ServedLogOptions {
  readonly file: string
  readonly client: Sqlite.Database
  readonly reader: Reader
  readonly writer: () => Writer
  readonly openLog?: OpenLogSync | undefined
  readonly pages?: number | undefined
}

export function serveLog(options: ServedLogOptions): ServedLog {
  const { file, client, reader, writer, openLog = openLogSync, pages = checkpointPages } = options
  const log = openLog(file)
  // COMMIT only writes. SQLite still syncs the log when it begins it anew, and before it copies it.
  client.pragma('synchronous = NORMAL')
  client.pragma('wal_autocheckpoint = 0')
  const checkpoints = new Checkpoints({
    file,
    client,
    pages,
    pause: async (work) => await writer().pause(work),
    onDistrust: (error) => writer().distrust(error),
  })
  return {
    commits: new Commits(reader, log),
    afterCommit: () => checkpoints.afterCommit(),
    end: async () => await checkpoints.end(),
    close: () => log.close(),
  }
}
