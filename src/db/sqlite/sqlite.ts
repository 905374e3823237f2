// SQLite behind the common interface: one queued writer whose works share a commit, and a separate reader.
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { connect, openClient, stopWaiting } from './client.ts'
import type { Connection, Database } from '../database.ts'
import { makeFolder } from '../../disk/folder.ts'
import { requireUnmarked } from '../move/mark.ts'
import { markIn } from '../move/sqlite.ts'
import { migrateSqlite } from './migrate.ts'
import { watchPlace } from './ownership/file-identity.ts'
import { rightsIn, shareReads } from './reader.ts'
import { dropStatistics } from './statistics.ts'
import { Writer } from './writer.ts'
import type { BusyMax } from './writer.ts'
import type { OpenOptions } from '../dialect.ts'

/** Writers do not block readers; what does is brief: the recovery of a log after a crash. */
const readTimeoutMs = 20

interface SqliteOptions extends OpenOptions {
  readonly file: string
  readonly busyMax?: BusyMax
}

export function openSqlite(options: SqliteOptions): Database {
  makeFolder(dirname(options.file))
  const writerClient = openWriter(options)
  const readerClient = openClient(options.file)
  readerClient.pragma('query_only = ON')
  stopWaiting(writerClient)
  stopWaiting(readerClient, readTimeoutMs)
  const reader = shareReads(readerClient)
  const displaced = watchPlace(options.file)
  const writer = new Writer(writerClient, {
    onCommit: reader.refresh,
    displaced,
    onFatal: options.onFatal,
    busyMax: options.busyMax,
  })
  return {
    read: connect(readerClient),
    transaction: (work, terms) => writer.add(work, terms),
    snapshot: (work) => snapshot(options.file, work),
    rights: rightsIn(reader, readerClient),
    inPlace: () => writer.inPlace(),
    backlog: () => writer.backlog(),
    // Its file is on this machine: it is held for moments, and never away.
    hurry: () => undefined,
    sizeBytes: () => sizeOf(options.file) + sizeOf(`${options.file}-wal`),
    async close() {
      await writer.end()
      readerClient.close()
      writerClient.close()
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
async function snapshot<Result>(file: string, work: (read: Connection) => Promise<Result>): Promise<Result> {
  const client = openClient(file)
  try {
    client.pragma('query_only = ON')
    stopWaiting(client, readTimeoutMs)
    client.exec('BEGIN')
    return await work(connect(client))
  } finally {
    client.close()
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
