// SQLite behind the common interface: one queued writer whose works share a commit, and a separate reader.
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { connect, openClient, stopWaiting } from './client.ts'
import type { Database } from '../database.ts'
import { makeFolder } from '../../disk/folder.ts'
import { requireUnmarked } from '../move/mark.ts'
import { markIn } from '../move/sqlite.ts'
import { migrateSqlite } from './migrate.ts'
import { watchPlace } from './ownership/file-identity.ts'
import { Commits } from './log/commits.ts'
import { serveLog } from './log/log.ts'
import type { ServedLogOptions } from './log/log.ts'
import { rightsIn, shareReads } from './reader.ts'
import { dropStatistics } from './statistics.ts'
import { Writer } from './writer.ts'
import type { BusyMax } from './works.ts'
import type { OpenOptions } from '../dialect.ts'

/** Writers do not block readers; what does is brief: the recovery of a log after a crash. */
const readTimeoutMs = 20

interface SqliteOptions extends OpenOptions {
  readonly file: string
  readonly busyMax?: BusyMax
  /** Of a store that is served; for tests. */
  readonly log?: Pick<ServedLogOptions, 'openLog' | 'pages'>
}

export function openSqlite(options: SqliteOptions): Database {
  makeFolder(dirname(options.file))
  const writerClient = openWriter(options)
  const readerClient = openClient(options.file)
  readerClient.pragma('query_only = ON')
  stopWaiting(writerClient)
  stopWaiting(readerClient, readTimeoutMs)
  const displaced = watchPlace(options.file)
  const othersVersion = writerClient.prepare('PRAGMA data_version').pluck()
  const reader = shareReads(readerClient, () => othersVersion.get())
  const { file, served = false, onFatal, busyMax } = options
  const log = served
    ? serveLog({ ...options.log, file, client: writerClient, reader, writer: () => writer })
    : null
  const commits = log?.commits ?? new Commits(reader, null)
  const onCommit = log?.afterCommit
  const writer = new Writer(writerClient, { commits, displaced, onFatal, busyMax, onCommit })
  return {
    read: connect(readerClient),
    transaction: (work, terms) => writer.add(work, terms),
    async snapshot(work) {
      const client = await commits.whenDurable(() => openSnapshot(options.file))
      try {
        return await work(connect(client))
      } finally {
        client.close()
      }
    },
    rights: rightsIn(reader, readerClient),
    inPlace: () => writer.inPlace(),
    backlog: () => writer.backlog(),
    // Its file is on this machine: it is held for moments, and never away.
    hurry: () => undefined,
    sizeBytes: () => sizeOf(options.file) + sizeOf(`${options.file}-wal`),
    async close() {
      await writer.end()
      await log?.end()
      readerClient.close()
      writerClient.close()
      log?.close()
    },
  }
}

function openWriter({ file, onUpgrade }: SqliteOptions): Sqlite.Database {
  const client = openClient(file)
  try {
    requireUnmarked(file, markIn(client))
  } catch (error) {
    client.close()
    throw error
  }
  const upgrade = migrateSqlite(client, file)
  if (upgrade) onUpgrade?.(upgrade)
  if (!dropStatistics(client)) return client
  client.close()
  return openClient(file)
}

/** Uses its own connection, so that a long read blocks neither the writer nor other readers. */
function openSnapshot(file: string): Sqlite.Database {
  const client = openClient(file)
  try {
    client.pragma('query_only = ON')
    stopWaiting(client, readTimeoutMs)
    client.exec('BEGIN')
    // BEGIN alone chooses no state to read; the first read does.
    client.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get()
    return client
  } catch (error) {
    client.close()
    throw error
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
