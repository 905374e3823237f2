// A volume of results that does not answer stops its readers, and nobody else.
import { execFileSync } from 'node:child_process'
import { scrypt } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { expect, onTestFinished, test, vi } from 'vitest'
import type * as Turns from '../../src/media/volume/turns.ts'
import { failure, seen } from '../http/expectations.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import { png } from './media-harness.ts'

// As the gateway has it, with less patience.
vi.mock('../../src/media/volume/pool.ts', async () => {
  const { createFileTurns } = await vi.importActual<typeof Turns>('../../src/media/volume/turns.ts')
  const patience = { readTimeoutMs: 400, writeTimeoutMs: 60_000 }
  return { fileTurns: createFileTurns({ readsMax: 2, writesMax: 2, max: 3, ...patience }) }
})

const readers = 12

test('while all reads of results hang, orders, names, keys and packing work, and readers are told', async () => {
  const gateway = await startGateway({
    yaml: quickYaml.replace('store: none', 'store: disk'),
    env: { PUBLIC_URL: 'https://gate.example' },
  })
  onTestFinished(async () => await gateway.stop())
  const customer = await gateway.customer(1_000)
  const order = { model_id: 'gpt-image-2', prompt: 'a heron' }
  const made = await customer.create(order)
  // On a busy machine a probe may find the disk slower than this test's patience; then it is kept a little later.
  const task = await until(
    () => customer.task(made.json.data.task_id),
    ({ image_url }) => image_url?.startsWith('https://gate.example/'),
  )
  const { pathname } = new URL(task.image_url)
  const name = pathname.split('/').at(-1) ?? ''
  const path = join(gateway.folder, 'data', 'media', name.slice(0, 2), name.slice(2, 4), name)
  // Opening this takes a thread until somebody opens its other end, as a file on a dead volume does.
  rmSync(path)
  execFileSync('mkfifo', [path])
  let isFree = false
  const free = () => {
    if (isFree) return
    isFree = true
    const end = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    rmSync(path)
    setTimeout(() => closeSync(end), 200)
  }
  onTestFinished(free)

  const reading = Array.from({ length: readers }, async () => await gateway.call('GET', pathname))
  expect((await lookup('localhost')).address).toMatch(/^(?:127\.|::1)/)
  expect(await promisify(scrypt)('a', 'b', 32)).toHaveLength(32)
  expect((await promisify(gzip)('a')).length).toBeGreaterThan(0)
  expect((await customer.create(order)).json.code).toBe(200)
  const form = new FormData()
  form.append('file', new Blob([new Uint8Array(png)]), 'a.png')
  const headers = { authorization: `Bearer ${customer.key}` }
  const upload = await fetch(`${gateway.url}/api/v1/files`, { method: 'POST', headers, body: form })
  expect(upload.status).toBe(200)

  for (const answer of await Promise.all(reading)) {
    expect(seen(answer)).toEqual(failure({ type: 'unavailable', status: 503 }))
    expect(answer.json.msg).toContain('does not answer')
  }
  free()
  const again = async () => (await gateway.call('GET', pathname)).status
  expect(await until(again, (status) => status !== 503)).toBe(404)
})
