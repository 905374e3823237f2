// Uploads pass through: judged by their first bytes, on disk while they come, out again as they are read, and gone afterwards.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { onDisk, png } from '../media/media-harness.ts'
import { startGateway, until } from '../support/gateway.ts'
import type { Gateway } from '../support/gateway.ts'
import { heldMemory } from '../support/memory.ts'

let gateway: Gateway
let key: string
/** What the upstream does with an upload. */
let take: (request: IncomingMessage, response: ServerResponse) => void
const uploads: IncomingMessage[] = []
const upstream = createServer((incoming, response) => {
  uploads.push(incoming)
  take(incoming, response)
})

beforeEach(async () => {
  uploads.length = 0
  take = (incoming, response) => {
    incoming.resume()
    incoming.on('end', () => {
      const result = { url: 'https://cdn.example/a.png', fileId: 'a', fileName: 'a.png' }
      response.end(JSON.stringify({ code: 0, success: true, message: {}, result }))
    })
  }
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const { port } = upstream.address() as AddressInfo
  gateway = await startGateway({ upstreamUrl: `http://127.0.0.1:${port}/v1` })
  key = (await gateway.customer(0)).key
})
afterEach(async () => {
  upstream.closeAllConnections()
  upstream.close()
  await once(upstream, 'close')
  await gateway.stop()
})

const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
const tail = '\r\n--x--\r\n'
const megabyte = Buffer.alloc(1024 * 1024, 1)
const incoming = () => onDisk(gateway.app.ctx.config.dataDir).incoming

function begin(of = key): ClientRequest {
  const asking = request(`${gateway.url}/api/v1/files`, {
    method: 'POST',
    agent: false,
    headers: { authorization: `Bearer ${of}`, 'content-type': 'multipart/form-data; boundary=x' },
  })
  asking.on('error', () => undefined)
  asking.write(head)
  return asking
}

async function send(asking: ClientRequest, chunk: Buffer): Promise<void> {
  if (!asking.write(chunk)) await once(asking, 'drain')
}

async function answered(asking: ClientRequest): Promise<{ status: number; json: any }> {
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, json: JSON.parse(await text(response)) }
}

test('what comes lies on disk while it comes, goes out with its length, and is gone afterwards', async () => {
  const asking = begin()
  await send(asking, png)
  await send(asking, megabyte)
  await until(incoming, (files) => files.length === 1)
  expect(uploads).toHaveLength(0)
  asking.end(tail)
  const { status, json } = await answered(asking)
  expect({ status, json }).toMatchObject({
    status: 200,
    json: { data: { bytes: png.length + megabyte.length } },
  })
  expect(Number(uploads[0]?.headers['content-length'])).toBeGreaterThan(png.length + megabyte.length)
  expect(uploads[0]?.headers['transfer-encoding']).toBeUndefined()
  expect(incoming()).toEqual([])
})

test('what is no image is refused by its first bytes, though most of it is still to come', async () => {
  const asking = begin()
  asking.write(Buffer.concat([Buffer.from('<!doctype html>'), Buffer.alloc(5_000, 32)]))
  const { json } = await answered(asking)
  expect(json.error).toMatchObject({ type: 'invalid_request', field: 'file' })
  expect(incoming()).toEqual([])
  expect(uploads).toHaveLength(0)
  asking.destroy()
})

test('a client that stops half-way leaves nothing, and nothing of it goes out', async () => {
  const asking = begin()
  await send(asking, png)
  await send(asking, megabyte)
  await until(incoming, (files) => files.length === 1)
  asking.destroy()
  await until(incoming, (files) => files.length === 0)
  expect(uploads).toHaveLength(0)
})

test('a client that goes while its file is on the way out ends that too', async () => {
  let isCut = false
  take = (upload) => {
    // It would take minutes to read all of it.
    upload.on('data', () => {
      upload.pause()
      setTimeout(() => upload.resume(), 20)
    })
    upload.once('aborted', () => (isCut = true))
  }
  const asking = begin()
  await send(asking, png)
  for (let part = 0; part < 15; part += 1) await send(asking, megabyte)
  asking.end(tail)
  await until(
    () => uploads.length,
    (count) => count === 1,
  )
  asking.destroy()
  await until(() => isCut, Boolean)
  expect(await until(incoming, (files) => files.length === 0)).toEqual([])
})

test('twelve large uploads before an upstream that does not read take little memory, and the fifth of an account none', async () => {
  take = () => undefined
  const before = heldMemory().arrayBuffers
  const keys = [key, (await gateway.customer(0)).key, (await gateway.customer(0)).key]
  const all = keys.flatMap((of) => Array.from({ length: 4 }, () => begin(of)))
  await Promise.all(
    all.map(async (asking) => {
      await send(asking, png)
      for (let part = 0; part < 19; part += 1) await send(asking, megabyte)
      asking.end(tail)
    }),
  )
  await until(
    () => uploads.length,
    (count) => count === 12,
  )
  const grown = (heldMemory().arrayBuffers - before) / megabyte.length
  expect(grown, 'megabytes, of 228').toBeLessThan(120)
  const asking = begin()
  asking.end(png)
  expect(await answered(asking)).toMatchObject({ status: 429, json: { error: { type: 'rate_limited' } } })
  for (const each of all) each.destroy()
  await until(incoming, (files) => files.length === 0)
})
