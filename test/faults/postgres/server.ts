// A PostgreSQL server of a scene's own, as an operator's: it syncs, is killed and started again, and has a standby.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import pg from 'pg'
import { newFolder } from '../../cli/command.ts'
import { until } from '../../support/gateway.ts'
import { freePort } from '../../support/port.ts'
import { binariesOf, unprivileged } from '../../support/stores/postgres-binaries.ts'

const binaries = binariesOf()
const user = unprivileged()

/** Where there is none, faults of it are skipped by name. */
export const hasServer = binaries !== null

/** So that it ends also if the run of the tests is killed. */
const livesSeconds = 900
const startMaxMs = 60_000

export interface Server {
  readonly port: number
  /** DATABASE_URL of the one database that is used. */
  readonly databaseUrl: string
  start(): Promise<void>
  /** At once, with no chance to write anything down. */
  kill(): Promise<void>
  signal(name: NodeJS.Signals): void
  ask<Row>(text: string): Promise<Row[]>
  /** A server that receives all that this one commits. It is started. */
  standby(): Promise<Server>
  /** Of a standby: it takes over. */
  promote(): void
}

const running = new Set<Server>()

/** To be called once in every file: what runs is killed afterwards. */
export function endServersAfterwards(): void {
  afterAll(async () => {
    for (const server of running) await server.kill()
  })
}

/** Started, and empty. `settings` as its configuration names them. */
export async function startServer(settings: Readonly<Record<string, string>> = {}): Promise<Server> {
  const folder = dataFolder()
  run('initdb', ['-D', folder, '-U', 'tollgate', '--auth=trust', '--locale=C', '-E', 'UTF8', '--no-sync'])
  return await serve(folder, settings)
}

function dataFolder(): string {
  const folder = newFolder()
  chmodSync(folder, 0o711)
  const data = join(folder, 'postgres')
  mkdirSync(data, { mode: 0o700 })
  if (user) chownSync(data, user.uid, user.gid)
  return data
}

function run(program: string, args: readonly string[]): void {
  const made = spawnSync(join(binaries ?? '', program), args, { ...user, cwd: '/', encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`${program}: ${made.stderr}`)
}

async function serve(data: string, settings: Readonly<Record<string, string>>): Promise<Server> {
  const port = await freePort()
  const databaseUrl = `postgres://tollgate:of-nobody@127.0.0.1:${port}/shop`
  const all = { ...quick, port: String(port), ...settings }
  const words = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const pid = () => Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0])
  let gone: Promise<unknown> = Promise.resolve()
  const ask = async <Row>(text: string): Promise<Row[]> =>
    await withClient(port, async (client) => (await client.query(text)).rows as Row[])
  const server: Server = {
    port,
    databaseUrl,
    ask,
    signal: (name) => void process.kill(pid(), name),
    async start() {
      const command = [`--signal=QUIT`, String(livesSeconds), join(binaries ?? '', 'postgres'), '-D', data]
      const start = (): Promise<unknown> => {
        const child = spawn('timeout', [...command, ...words], { ...user, cwd: '/', stdio: 'ignore' })
        return once(child, 'exit')
      }
      gone = start()
      let isGone = false
      const watch = (): void => void gone.then(() => (isGone = true))
      watch()
      // What a killed one leaves in memory is in the way for a moment.
      await until(
        async () => {
          if (isGone) {
            isGone = false
            gone = start()
            watch()
          }
          return await ask('SELECT 1').then(
            () => true,
            () => false,
          )
        },
        Boolean,
        startMaxMs,
      )
    },
    async kill() {
      running.delete(server)
      try {
        process.kill(pid(), 'SIGKILL')
      } catch {
        // It is gone already.
      }
      await gone
    },
    promote: () => run('pg_ctl', ['promote', '-D', data, '-w']),
    async standby() {
      const copy = dataFolder()
      const from = ['-h', '127.0.0.1', '-p', String(port), '-U', 'tollgate']
      run('pg_basebackup', [...from, '-D', copy, '-R', '--checkpoint=fast', '--no-sync'])
      return await serve(copy, settings)
    },
  }
  running.add(server)
  await server.start()
  return server
}

/** As an operator has them, but for the size. */
const quick = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '32MB',
  max_wal_size: '128MB',
  autovacuum: 'off',
  jit: 'off',
}

async function withClient<Result>(port: number, work: (client: pg.Client) => Promise<Result>) {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'tollgate', database: 'postgres' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
