// The PostgreSQL server of a run: started by the first test that needs it, one database for each store.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { storeAt } from '../../../src/db/store-at.ts'
import { binariesOf } from './postgres-binaries.ts'
import { serverFolder, serverRun } from './postgres-run.ts'

/** Whether this run can have one. */
export const hasPostgres = process.env[serverFolder] !== undefined && binariesOf() !== null

const startMaxMs = 90_000
const keeper = fileURLToPath(new URL('postgres-keeper.ts', import.meta.url))
const template = 'fresh'
/** Nobody checks it; but it must never show. */
const password = 'the-password-of-tests'

let port: number | null = null

export const urlOf = (database: string): string =>
  `postgres://tollgate:${password}@127.0.0.1:${(port ??= serverPort())}/${database}`

export const databaseOf = (databaseUrl: string): string => new URL(databaseUrl).pathname.slice(1)

/** Waits with the event loop standing still: whoever needs the name of a store cannot wait otherwise. */
function serverPort(): number {
  const folder = process.env[serverFolder]
  if (folder === undefined) throw new Error('this run of the tests has no PostgreSQL')
  if (makes(folder)) {
    const child = spawn(process.execPath, [keeper, folder, String(process.env[serverRun])], {
      detached: true,
      stdio: 'ignore',
    })
    child.unref()
  }
  for (const deadline = Date.now() + startMaxMs; Date.now() < deadline; standStill()) {
    if (existsSync(join(folder, 'ready'))) return Number(readFileSync(join(folder, 'ready'), 'utf8'))
    if (existsSync(join(folder, 'failed'))) throw new Error(readFileSync(join(folder, 'failed'), 'utf8'))
  }
  throw new Error('PostgreSQL has not started')
}

const standStill = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)

function makes(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch {
    return false
  }
}

export async function onServer<Result>(
  work: (client: pg.Client) => Promise<Result>,
  database = 'postgres',
): Promise<Result> {
  const client = new pg.Client({ connectionString: urlOf(database) })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

let isFresh: Promise<void> | null = null

/** A database with this version's schema, copied from one that the first process of the run has made. */
export async function placeFreshDatabase(database: string): Promise<void> {
  await (isFresh ??= makeTemplate())
  await onServer(async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (rowCount === 0) await copyTemplate(client, database)
  })
}

const isInUse = '55006'
const copyTriesMax = 200

/** Another process of the run may be looking whether the template is there, and PostgreSQL itself may be tidying it. */
async function copyTemplate(client: pg.Client, database: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(`CREATE DATABASE "${database}" TEMPLATE ${template}`)
      return
    } catch (error) {
      if (tries === copyTriesMax || !(error instanceof pg.DatabaseError) || error.code !== isInUse)
        throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

async function makeTemplate(): Promise<void> {
  await onServer(async (client) => {
    await client.query('SELECT pg_advisory_lock(1)')
    await storeAt(urlOf(template)).make()
    await client.query('SELECT pg_advisory_unlock(1)')
  })
}

export async function dropDatabase(database: string): Promise<void> {
  await onServer(async (client) => {
    await client.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`)
  })
}
