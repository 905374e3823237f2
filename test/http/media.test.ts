// Kept files as the outside gets them: whole and in ranges, with headers that let nothing run, and nothing else from the disk.
import { readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../support/port.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Customer, Gateway } from '../support/gateway.ts'

let gateway: Gateway
let customer: Customer
let url: string
let whole: Buffer

beforeAll(async () => {
  const port = String(await freePort())
  gateway = await startGateway({
    yaml: quickYaml.replace('store: none', 'store: disk'),
    env: { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` },
  })
  customer = await gateway.customer()
  const { json } = await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })
  url = (await customer.kept(json.data.task_id)).image_url
  whole = Buffer.from(await (await fetch(url)).arrayBuffer())
})
afterAll(async () => await gateway.stop())

const get = async (headers: Record<string, string> = {}, method = 'GET') =>
  await fetch(url, { method, headers })
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())

test('a result is served under PUBLIC_URL, whole, with its type and headers that let nothing run', async () => {
  expect(url).toMatch(new RegExp(`^${gateway.url}/media/[0-9A-Za-z]{32}\\.png$`))
  const response = await get()
  expect(response.status).toBe(200)
  expect(whole.subarray(1, 4).toString()).toBe('PNG')
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-length': String(whole.length),
    'accept-ranges': 'bytes',
    'cache-control': expect.stringMatching(/^public, max-age=\d+, immutable$/),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
  })
  expect((await bytesOf(response)).equals(whole)).toBe(true)
})

test('nothing of the upstream is in what the customer sees, a thumbnail neither', async () => {
  const { json } = await customer.create({ model_id: 'seedance-2', prompt: 'waves' })
  const task = await customer.kept(json.data.task_id)
  expect(task.video_url).toMatch(new RegExp(`^${gateway.url}/media/.*\\.mp4$`))
  expect(task.thumbnail_url).toMatch(new RegExp(`^${gateway.url}/media/.*\\.png$`))
  expect(JSON.stringify(task)).not.toContain(new URL(gateway.sandbox.baseUrl).host)
  expect((await fetch(task.video_url)).headers.get('content-type')).toBe('video/mp4')
})

test('HEAD says the same without the bytes', async () => {
  const response = await get({}, 'HEAD')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-length')).toBe(String(whole.length))
  expect(await bytesOf(response)).toHaveLength(0)
})

test.each(['bytes=0-3', 'bytes=999999999-'])('HEAD has no ranges: %s changes nothing', async (range) => {
  const response = await get({ range }, 'HEAD')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-length')).toBe(String(whole.length))
  expect(response.headers.has('content-range')).toBe(false)
})

describe('ranges:', () => {
  test.each([
    ['bytes=0-0', 0, 0],
    ['Bytes=0-3', 0, 3],
    ['bytes=10-19', 10, 19],
    ['bytes=10-', 10, null],
    ['bytes=-7', -7, null],
    ['bytes=5-999999999999', 5, null],
    ['bytes=-999999999', 0, null],
  ])('%s', async (range, first, last) => {
    const response = await get({ range })
    const from = first < 0 ? whole.length + first : first
    const to = last ?? whole.length - 1
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to}/${whole.length}`)
    expect(response.headers.get('content-length')).toBe(String(to - from + 1))
    expect((await bytesOf(response)).equals(whole.subarray(from, to + 1))).toBe(true)
  })

  test.each(['bytes=999999999-', 'bytes=-0'])('%s is 416, and says how long it is', async (range) => {
    const response = await get({ range })
    expect(response.status).toBe(416)
    expect(response.headers.get('content-range')).toBe(`bytes */${whole.length}`)
    expect(await bytesOf(response)).toHaveLength(0)
  })

  test.each(['bytes=5-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=a-b', 'bytes=-', `bytes=${'9'.repeat(40)}-`])(
    '%s is not understood, so all of it is sent',
    async (range) => {
      const response = await get({ range })
      expect(response.status).toBe(200)
      expect((await bytesOf(response)).equals(whole)).toBe(true)
    },
  )

  test('the last byte is there, and none behind it', async () => {
    expect((await get({ range: `bytes=${whole.length - 1}-` })).status).toBe(206)
    expect((await get({ range: `bytes=${whole.length}-` })).status).toBe(416)
  })

  test('If-Range: a part of what the client has, the whole of anything else', async () => {
    const etag = (await get()).headers.get('etag') ?? ''
    expect(etag).toMatch(/^"/)
    expect((await get({ range: 'bytes=0-1', 'if-range': etag })).status).toBe(206)
    expect((await get({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200)
    const cached = await get({ 'if-none-match': `"x", ${etag}` })
    expect(cached.status).toBe(304)
    expect(await bytesOf(cached)).toHaveLength(0)
  })
})

/** The answer to a request line as it stands, which `fetch` would tidy up. */
async function raw(path: string): Promise<string> {
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

/** Without what differs from one answer to the next. */
const withoutIds = (answer: string): string =>
  answer.replaceAll(/req_[0-9a-z]+/g, 'req').replace(/^date: .*\r\n/im, '')

test('nobody finds a way out of the folder, and nobody can tell one wrong name from another', async () => {
  const { dataDir } = gateway.app.ctx.config
  writeFileSync(join(dataDir, 'secret.png'), 'secret')
  writeFileSync(join(dataDir, 'media', 'secret.png'), 'secret')
  const unknown = withoutIds(await raw(`/media/${'A'.repeat(32)}.png`))
  expect(unknown).toMatch(/^HTTP\/1\.1 404 /)
  expect(unknown).toContain('"type":"not_found"')
  const name = new URL(url).pathname.slice('/media/'.length)
  for (const path of [
    '/media/../secret.png',
    '/media/..%2fsecret.png',
    '/media/%2e%2e%2fsecret.png',
    '/media/..%5csecret.png',
    '/media/secret.png',
    '/media/secret.png%00.png',
    `/media/${name}%00`,
    `/media/${name}%2f`,
    `/media/${name}/..`,
    `/media/./${name}`,
    `/media/${name.slice(0, 2)}%2f${name.slice(2, 4)}%2f${name}`,
    `/media/${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`,
    `/media/${name.toLowerCase()}x`,
    '/media/incoming',
    '/media/',
    '/media//etc/passwd',
    `/media/${'A'.repeat(5_000)}.png`,
    '/media/%E2%80%AE.png',
  ]) {
    expect(withoutIds(await raw(path)), path).toBe(unknown)
  }
})

test('another method is told which there are', async () => {
  const response = await get({}, 'POST')
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
})

test('a file that is not there any more, or not whole, is answered as one that never was', async () => {
  const { json } = await customer.create({ model_id: 'gpt-image-2', prompt: 'a heron' })
  const gone: string = (await customer.kept(json.data.task_id)).image_url
  const name = new URL(gone).pathname.split('/').at(-1) ?? ''
  const path = join(gateway.app.ctx.config.dataDir, 'media', name.slice(0, 2), name.slice(2, 4), name)
  writeFileSync(path, 'half')
  expect((await fetch(gone)).status).toBe(404)
  rmSync(path)
  expect((await fetch(gone)).status).toBe(404)
})

test('a file that breaks off before its first byte is a failure like others: JSON, soon again, kept by no cache', async () => {
  const handle = await open('/dev/null')
  const reads = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'read')
  onTestFinished(() => reads.mockRestore())
  await handle.close()
  for (const headers of [{}, { range: 'bytes=0-3' }]) {
    reads.mockRejectedValueOnce(new Error('EIO: the disk is broken'))
    const response = await fetch(`${url}?download`, { headers })
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'retry-after': '5',
    })
    for (const name of ['etag', 'content-disposition', 'content-range'])
      expect(response.headers.get(name), name).toBeNull()
    expect([response.status, await response.json()]).toEqual([
      503,
      expect.objectContaining({ code: 0, error: expect.objectContaining({ type: 'unavailable' }) }),
    ])
  }
  expect((await bytesOf(await get())).equals(whole)).toBe(true)
})

/** Kept files that this process has open. */
function openFiles(): string[] {
  const paths = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return paths.filter((path) => path.startsWith(join(gateway.app.ctx.config.dataDir, 'media')))
}

test('a reader that goes away in the middle harms nobody', async () => {
  const { hostname, port } = new URL(url)
  for (let reader = 0; reader < 20; reader += 1) {
    const socket = connect(Number(port), hostname)
    socket.write(`GET ${new URL(url).pathname} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
  }
  expect(await until(openFiles, (paths) => paths.length === 0), 'no file stays open').toEqual([])
  expect((await bytesOf(await get())).equals(whole)).toBe(true)
})

test('it needs no key, and is not counted against any account', async () => {
  for (let round = 0; round < 10; round += 1) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => get({ range: 'bytes=0-0' })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([206]))
  }
})

test('it is still served after a restart', async () => {
  await gateway.restart()
  expect((await bytesOf(await get())).equals(whole)).toBe(true)
})
