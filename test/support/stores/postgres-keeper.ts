// Keeps a PostgreSQL server for one run of the tests: `node postgres-keeper.ts FOLDER PID`. It ends with the run.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { binariesOf, unprivileged } from './postgres-binaries.ts'

const lookEveryMs = 300
const startMaxMs = 60_000

const [folder = '', run = ''] = process.argv.slice(2)
const data = join(folder, 'data')
const binaries = binariesOf()
const user = unprivileged()

async function keep(): Promise<void> {
  if (binaries === null) throw new Error('this machine has no PostgreSQL')
  makeCluster(binaries)
  const port = await freePort()
  const server = spawn(join(binaries, 'postgres'), ['-D', data, '-p', String(port), ...settings], {
    ...user,
    cwd: data,
    stdio: 'ignore',
  })
  const over = new AbortController()
  process.once('SIGTERM', () => over.abort())
  server.once('exit', () => over.abort())
  await answers(port, over.signal)
  tell('ready', String(port))
  while (!over.signal.aborted && isAlive(Number(run)) && existsSync(join(folder, 'ready')))
    await pause(lookEveryMs)
  // At once: nothing that it holds is wanted any more.
  if (server.exitCode === null && server.kill('SIGQUIT')) await once(server, 'exit')
  rmSync(folder, { recursive: true, force: true })
}

/** What is lost with the power is made again; everything else is as the gateway asks for. */
const settings = Object.entries({
  fsync: 'off',
  full_page_writes: 'off',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 400,
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  autovacuum: 'off',
  jit: 'off',
}).flatMap(([name, value]) => ['-c', `${name}=${value}`])

function makeCluster(from: string): void {
  mkdirSync(data)
  chmodSync(folder, 0o755)
  if (user) chownSync(data, user.uid, user.gid)
  const made = spawnSync(
    join(from, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'tollgate',
      '--auth=trust',
      '--locale=C',
      '-E',
      'UTF8',
      '--no-sync',
      '--no-instructions',
    ],
    { ...user, cwd: data, encoding: 'utf8' },
  )
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

async function answers(port: number, over: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + startMaxMs; Date.now() < deadline && !over.aborted; await pause(20)) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'tollgate', database: 'postgres' })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.end()
    } catch {
      // It is starting up.
    }
  }
  throw new Error('the server did not start')
}

function tell(file: 'ready' | 'failed', words: string): void {
  if (!existsSync(folder)) return
  writeFileSync(join(folder, `${file}.new`), words)
  renameSync(join(folder, `${file}.new`), join(folder, file))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

try {
  await keep()
} catch (error) {
  tell('failed', error instanceof Error ? error.message : String(error))
}
