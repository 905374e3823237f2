// A look at a SQLite store from outside the gateway, and rows to put into it.
import { readFileSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { onTestFinished } from 'vitest'

/** A second look at the same file, as another process would have it. */
export function outsideLook(file: string): Sqlite.Database {
  const client = new Sqlite(file)
  onTestFinished(() => void client.close())
  return client
}

const logHeaderBytes = 32
const frameHeaderBytes = 24

/** Commits in the write-ahead log since it was last begun anew: each ends in a frame that says how large the file is. */
export function commitsInLog(file: string): number {
  const log = readFileSync(`${file}-wal`)
  const pageBytes = log.readUInt32BE(8)
  const salt = log.readBigUInt64BE(16)
  let commits = 0
  for (let at = logHeaderBytes; at + frameHeaderBytes <= log.length; at += frameHeaderBytes + pageBytes) {
    if (log.readBigUInt64BE(at + 8) === salt && log.readUInt32BE(at + 4) > 0) commits += 1
  }
  return commits
}

export const newAccount = (id: string) => ({
  id,
  name: id,
  status: 'active' as const,
  balance: 0,
  tasksOpen: 0,
  requestsPerMinuteMax: null,
  tasksInFlightMax: null,
  createdAt: 1,
})
