// The write-ahead log of a SQLite store, as a writer beside the gateway fills it.
import { statSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { onTestFinished } from 'vitest'

const rowBytes = 400_000
/** Far fewer than a gateway has, so that a few rows are enough. */
const checkpointPages = 50

/** Writes the same large row again and again. Closed when the test ends. */
export function openLog(file: string) {
  const writer = new Sqlite(file, { fileMustExist: true })
  onTestFinished(() => void writer.close())
  writer.pragma(`wal_autocheckpoint = ${checkpointPages}`)
  writer.exec('CREATE TABLE ballast (id INTEGER PRIMARY KEY, body BLOB)')
  const insert = writer.prepare('INSERT OR REPLACE INTO ballast VALUES (1, ?)')
  return {
    write: () => void insert.run(Buffer.alloc(rowBytes, 1)),
    logBytes: () => statSync(`${file}-wal`).size,
    empty: () => void writer.pragma('wal_checkpoint(TRUNCATE)'),
  }
}
