// A PostgreSQL server for the benchmark, with the settings it comes with: what it acknowledges is on the disk.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { binariesOf, unprivileged } from '../../support/stores/postgres-binaries.ts'

const startMaxMs = 60_000

export interface Server {
  readonly pid: number
  urlOf(database: string): string
  stop(): Promise<void>
}

/** Null where the machine has none. The folder is made unless one of before stands there, and removed by the caller. */
export async function startServer(folder: string, countsStatements = false): Promise<Server | null> {
  const binaries = binariesOf()
  if (binaries === null) return null
  const user = unprivileged()
  if (!existsSync(folder)) makeCluster(binaries, folder)
  const port = await freePort()
  const counting = countsStatements
    ? ['-c', 'shared_preload_libraries=pg_stat_statements', '-c', 'pg_stat_statements.track=all']
    : []
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', ...counting]
  const server = spawn(join(binaries, 'postgres'), ['-D', folder, '-p', String(port), ...settings], {
    ...user,
    cwd: folder,
    stdio: 'ignore',
  })
  await answers(port)
  return {
    pid: server.pid ?? 0,
    urlOf: (database) => `postgres://tollgate@127.0.0.1:${port}/${database}`,
    async stop() {
      if (server.exitCode === null && server.kill('SIGINT')) await once(server, 'exit')
    },
  }
}

function makeCluster(binaries: string, folder: string): void {
  const user = unprivileged()
  mkdirSync(folder, { recursive: true })
  if (user) chownSync(folder, user.uid, user.gid)
  const words = ['-D', folder, '-U', 'tollgate', '--auth=trust', '--locale=C', '-E', 'UTF8', '--no-sync']
  const made = spawnSync(join(binaries, 'initdb'), words, { ...user, cwd: folder, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

async function answers(port: number): Promise<void> {
  for (const deadline = Date.now() + startMaxMs; Date.now() < deadline; await pause(50)) {
    try {
      return await askAt(`postgres://tollgate@127.0.0.1:${port}/postgres`, async () => undefined)
    } catch {
      // It is starting up.
    }
  }
  throw new Error('the server did not start')
}

export async function askAt<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
