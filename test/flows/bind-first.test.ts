// A start takes its port before it makes anything: one that cannot listen leaves no store that commands would work on.
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/config.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { reservePort } from '../../src/http/connections/listen.ts'
import { createLog } from '../../src/log.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bind-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function takenPort(): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  return String((other.address() as AddressInfo).port)
}

const begin = async (cwd: string, env: NodeJS.ProcessEnv = {}) => {
  const config = loadConfig({ cwd, env: { PORT: '0', KEEVX_API_KEY: 'k', ...env } })
  const app = await startApp({ config, log: createLog('silent') })
  onTestFinished(() => app.stop())
  return app
}

test.each<[string, () => Promise<NodeJS.ProcessEnv>, string]>([
  ['a port that is taken', async () => ({ PORT: await takenPort() }), 'EADDRINUSE'],
  ['an address of another machine', async () => ({ HOST: '192.0.2.1' }), 'EADDRNOTAVAIL'],
])('%s: nothing is made', async (_name, env, words) => {
  const folder = newFolder()
  await expect(begin(folder, await env())).rejects.toThrow(words)
  expect(readdirSync(folder)).toEqual([])
})

test('a start that can listen says that it made the store, and the next that it did not', async () => {
  const folder = newFolder()
  const first = await begin(folder)
  expect(first.isNewStore).toBe(true)
  expect((await fetch(`${first.url}/healthz`)).status).toBe(200)
  await first.stop()
  const second = await begin(folder)
  expect(second.isNewStore).toBe(false)
  expect((await fetch(`${second.url}/healthz`)).status).toBe(200)
})

test('a start that is refused later lets go of its port', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'notes'), 'no database at all '.repeat(100))
  const port = await freedPort()
  await expect(begin(folder, { PORT: port, DATABASE_URL: 'file:notes' })).rejects.toThrow('not a database')
  const after = await begin(folder, { PORT: port })
  expect(after.url).toBe(`http://127.0.0.1:${port}`)
})

async function freedPort(): Promise<string> {
  const reserved = createServer().listen(0, '127.0.0.1')
  await once(reserved, 'listening')
  const { port } = reserved.address() as AddressInfo
  reserved.close()
  await once(reserved, 'close')
  return String(port)
}

test('whoever connects before there is a gateway is turned away', async () => {
  const port = Number(await freedPort())
  const reserved = await reservePort({ host: '127.0.0.1', port })
  onTestFinished(reserved.release)
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  await once(socket, 'close')
  expect(socket.bytesRead).toBe(0)
  await expect(reservePort({ host: '127.0.0.1', port })).rejects.toThrow('EADDRINUSE')
})

test('who holds a store is named with its process and its start, to those who want its port as well', async () => {
  const folder = newFolder()
  const port = await freedPort()
  const gateway = await begin(folder, { PORT: port })
  const named = new RegExp(
    `is being served by another tollgate: process ${process.pid}, started 20\\d\\d-\\S+Z\\. One process`,
  )
  await expect(begin(folder)).rejects.toThrow(named)
  await expect(begin(folder, { PORT: port })).rejects.toThrow(named)
  await gateway.stop()
  expect(readdirSync(join(folder, 'data')).filter((name) => name.endsWith('.holder'))).toEqual([])
})

test('a holder that has ended, or that nobody can read, is not named; one of another host is, with it', async () => {
  const file = join(newFolder(), 'store.db')
  const note = `${file}.lock.holder`
  const store = storeAt(`file:${file}`)
  const owned = await store.own()
  const known = JSON.parse(readFileSync(note, 'utf8')) as { host: string }
  expect(known.host).toBe(hostname())
  for (const text of ['', 'nobody', '{"pid":"1"}', JSON.stringify({ ...known, pid: 2 ** 22 + 1 })]) {
    writeFileSync(note, text)
    await expect(store.own()).rejects.toThrow('served by another tollgate. One process')
  }
  writeFileSync(note, JSON.stringify({ ...known, pid: 12, host: 'web-1' }))
  await expect(store.own()).rejects.toThrow('another tollgate: process 12 on the host web-1, started 20')
  await owned.release()
  expect(existsSync(note)).toBe(false)
})
