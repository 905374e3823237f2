// A store as a first start makes it, made once in each process: the migrations took a third of a gateway's start.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openClient } from '../../src/db/sqlite/client.ts'
import { migrateSqlite } from '../../src/db/sqlite/migrate.ts'

let made: Buffer | null = null

/** Puts a new store where there is none yet. */
export function placeFreshStore(file: string): void {
  if (existsSync(file)) return
  made ??= make()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, made, { mode: 0o600 })
}

function make(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-fresh-'))
  try {
    const file = join(folder, 'store.db')
    const client = openClient(file)
    migrateSqlite(client, file)
    client.close()
    return readFileSync(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
