// A PgBouncer before the PostgreSQL server of the tests, where the machine has one; it ends with its test.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import pg from 'pg'
import { newFolder } from '../folder.ts'
import { until } from '../gateway.ts'
import { freePort } from '../port.ts'
import { unprivileged } from './postgres-binaries.ts'

const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((path) => existsSync(path))

export const hasPgBouncer = program !== undefined

/** The store's DATABASE_URL, through it. `settings` are lines of its configuration. */
export async function pgBouncerBefore(databaseUrl: string, settings: readonly string[]): Promise<string> {
  const url = new URL(databaseUrl)
  const target = { host: url.hostname, port: url.port, user: url.username }
  const port = await freePort()
  const folder = newFolder()
  chmodSync(folder, 0o755)
  const file = join(folder, 'pgbouncer.ini')
  const place = Object.entries(target).map(([name, value]) => `${name}=${value}`)
  const lines = [
    '[databases]',
    `* = ${place.join(' ')}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    ...settings,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const child = spawn(program ?? '', [file], { ...unprivileged(), cwd: '/', stdio: 'ignore' })
  onTestFinished(async () => {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit')
  })
  url.port = String(port)
  await until(
    async () => await answers(url.href),
    (found) => found || child.exitCode !== null,
  )
  return url.href
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}
