// Where the outside reaches us, a file handed over has our URL, and the upstream hears of it with the order alone.
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { askOutside } from '../../src/cli/outside.ts'
import { eq } from '../../src/db/drizzle.ts'
import { createGuard } from '../../src/net/guard.ts'
import { onDisk, png } from '../media/media-harness.ts'
import { quickYaml, startGateway, until } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

const publicUrl = 'https://gate.example/gw'
const filesMax = 6
const dayMs = 24 * 60 * 60_000

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  const media = `media: { store: disk, uploads_retention: 2d, uploads_max_files: ${filesMax} }`
  gateway = await startGateway({
    yaml: quickYaml.replace('media: { store: none }', media),
    env: { PUBLIC_URL: publicUrl },
  })
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const jpg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb0043', 'hex')
const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
const webp = Buffer.concat([Buffer.from('RIFF\u001a\0\0\0WEBPVP8L\r\0\0\0', 'latin1'), Buffer.alloc(14)])
const bmp = Buffer.from(
  `424d3a000000000000003600000028000000${'01000000'.repeat(2)}01001800${'00'.repeat(28)}`,
  'hex',
)

async function send(content: Buffer, { key }: Customer = customer): Promise<Answer> {
  const body = new FormData()
  body.append('file', new Blob([new Uint8Array(content)]), 'holiday.png')
  const headers = { authorization: `Bearer ${key}` }
  const response = await fetch(`${gateway.url}/api/v1/files`, { method: 'POST', headers, body })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) }
}

const relayed = () => gateway.sandbox.requests.get('POST /v1/figure-resource/upload/file') ?? 0
const files = () => onDisk(gateway.app.ctx.config.dataDir)
const rows = async () => {
  const { read } = gateway.app.ctx.db
  return await read.select().from(read.tables.uploads)
}
/** As a proxy that takes PUBLIC_URL's path away. */
const local = (url: string) => url.replace(publicUrl, gateway.url)

test.each([
  ['png', png, 'image/png'],
  ['jpg', jpg, 'image/jpeg'],
  ['gif', gif, 'image/gif'],
  ['webp', webp, 'image/webp'],
  ['bmp', bmp, 'image/bmp'],
])('a %s gets a URL of ours, where it is served as a kept result is', async (extension, bytes, type) => {
  const { status, json } = await send(bytes, await gateway.customer(0))
  expect(status).toBe(200)
  expect(json.data).toEqual({
    url: expect.stringMatching(new RegExp(`^${publicUrl}/media/[0-9A-Za-z]{32}\\.${extension}$`)),
    file_name: 'holiday.png',
    bytes: bytes.length,
    expires_at: expect.any(Number),
  })
  expect(json.data.expires_at * 1000 - Date.now()).toBeLessThanOrEqual(2 * dayMs)
  expect(json.data.expires_at * 1000 - Date.now()).toBeGreaterThan(1.9 * dayMs)
  const found = await fetch(local(json.data.url))
  expect(Buffer.from(await found.arrayBuffer()).equals(bytes)).toBe(true)
  expect(Object.fromEntries(found.headers)).toMatchObject({
    'content-type': type,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'access-control-allow-origin': '*',
    'cache-control': expect.stringMatching(/^public, max-age=17\d{4}, immutable$/),
  })
  const part = await fetch(local(json.data.url), { headers: { range: 'bytes=1-3' } })
  expect(part.status).toBe(206)
  expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(1, 4))).toBe(true)
  const saved = await fetch(local(`${json.data.url}?download`), { method: 'HEAD' })
  expect(saved.headers.get('content-disposition')).toBe(`attachment; filename="upload.${extension}"`)
  expect(relayed(), 'the upstream hears of it when it is ordered with').toBe(0)
  expect(files().incoming).toEqual([])
})

test('an order bears our URL to the upstream', async () => {
  const { url } = (await send(png)).json.data
  const { json } = await customer.create({ model_id: 'gpt-image-2', prompt: 'a garden', image_urls: [url] })
  expect(await customer.ended(json.data.task_id)).toMatchObject({ task_status: 3 })
  expect(gateway.sandbox.submissions.at(-1)?.body['reference_images']).toEqual([url])
  expect(relayed()).toBe(0)
})

test('what is refused or broken off leaves nothing', async () => {
  const [before, had] = [files().kept.length, (await rows()).length]
  expect(seen(await send(Buffer.from('just text')))).toEqual(
    failure({ type: 'invalid_request', field: 'file' }),
  )
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
  const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
  socket.write(
    `POST /api/v1/files HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${customer.key}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000\r\n\r\n${part}`,
  )
  socket.write(Buffer.concat([png, Buffer.alloc(5_000)]))
  await until(files, ({ incoming }) => incoming.length === 1)
  socket.destroy()
  await until(files, ({ incoming }) => incoming.length === 0)
  expect(files().kept).toHaveLength(before)
  expect(await rows()).toHaveLength(had)
})

test('an account that keeps as many as it may is told so before it sends, and others are not', async () => {
  const [full, other] = [await gateway.customer(0), await gateway.customer(0)]
  for (let count = 0; count < filesMax; count += 1) expect((await send(png, full)).json.code).toBe(200)
  const kept = files().kept.length
  const answer = await send(png, full)
  expect(seen(answer)).toEqual(failure({ type: 'rate_limited', status: 429, field: 'file' }))
  expect(answer.json.msg).toMatch(
    new RegExp(`${filesMax} uploaded files .* nothing was charged\\. The oldest is deleted within 48 h\\.`),
  )
  expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(3_600)
  expect(files()).toMatchObject({ incoming: [] })
  expect(files().kept).toHaveLength(kept)
  // Nothing of a body is awaited: it is answered from what the head says.
  const response = await until(
    () =>
      new Promise<string>((resolve) => {
        const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
        socket.once('data', (bytes) => {
          resolve(bytes.toString())
          socket.destroy()
        })
        socket.write(
          `POST /api/v1/files HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${full.key}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000\r\n\r\n`,
        )
      }),
    Boolean,
  )
  expect(response).toMatch(/^HTTP\/1\.1 429 /)
  expect((await send(png, other)).json.code).toBe(200)
  expect(relayed()).toBe(0)
})

test('a file whose time is over is not found, and one that is lost is not found either', async () => {
  const late = await gateway.customer(0)
  const names = [(await send(png, late)).json.data.url, (await send(png, late)).json.data.url].map(
    (url) => url.split('/').at(-1) as string,
  )
  const status = async (name = '') => (await fetch(`${gateway.url}/media/${name}`)).status
  expect([await status(names[0]), await status(names[1])]).toEqual([200, 200])
  const { db, config } = gateway.app.ctx
  await db.transaction(async (tx) => {
    const [first] = names
    await tx
      .update(tx.tables.uploads)
      .set({ state: 'removing' })
      .where(eq(tx.tables.uploads.name, first ?? ''))
  })
  const lost = names[1] ?? ''
  rmSync(join(config.dataDir, 'media', lost.slice(0, 2), lost.slice(2, 4), lost))
  expect([await status(names[0]), await status(names[1])]).toEqual([404, 404])
})

test('the doctor’s question is answered so that it knows a tollgate, and nothing else passes for one', async () => {
  const { port } = new URL(gateway.url)
  const guard = createGuard({ allowHosts: ['gate.example'], resolve: async () => ['127.0.0.1'] })
  const { media } = gateway.app.ctx.config
  const ask = async (at: string) => await askOutside({ media, publicUrl: `http://gate.example:${at}` }, guard)
  expect(await ask(port)).toMatchObject({ isReached: true })
  const page = createServer((_request, response) => response.writeHead(404).end('<h1>Not found</h1>'))
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  const elsewhere = String((page.address() as AddressInfo).port)
  expect(await ask(elsewhere)).toMatchObject({
    isReached: false,
    words: expect.stringMatching(
      /something else than a tollgate answers there, with HTTP 404\. .*uploads: upstream$/,
    ),
  })
  page.close()
  page.closeAllConnections()
  expect(await ask(elsewhere)).toMatchObject({
    isReached: false,
    words: expect.stringMatching(/it was not reached: /),
  })
  const upstream = { ...media, uploads: { ...media.uploads, keptBy: 'upstream' as const } }
  expect(await askOutside({ media: upstream, publicUrl }, guard)).toBeNull()
  await guard.close()
})

test('while the disk takes no files they are passed on as before, and answered as before', async () => {
  const { resultStore } = gateway.app.ctx
  const real = resultStore.state.bind(resultStore)
  resultStore.state = () => 'down'
  try {
    const { json } = await send(png)
    expect(Object.keys(json.data)).toEqual(['url', 'file_name', 'bytes'])
    expect(json.data.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
    expect(relayed()).toBe(1)
  } finally {
    resultStore.state = real
  }
})
