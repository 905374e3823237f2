// A file goes up as Keevx documents it, and every answer has a meaning.
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { adapterFor, closedUrl, hasty, key, rawStandIn, reply, standIn } from './stand-in.ts'

const stored = {
  code: 0,
  success: true,
  message: { global: 'success' },
  result: { url: 'https://cdn.example/image.png', fileId: 'c5a4676a', fileName: 'image.png' },
}
const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256)

function uploadTo(url: string, fileName = 'image.png', settings = {}) {
  const open = () => Readable.from([bytes.subarray(0, 10), bytes.subarray(10)])
  const file = { open, bytes: bytes.length, fileName, mediaType: 'image/png' }
  return adapterFor(url, settings).upload(file, { key, signal: new AbortController().signal })
}

async function answered(status: number, body: unknown, headers = {}) {
  const { url } = await standIn((response) => reply(response, status, body, headers))
  return uploadTo(url)
}

test('the file arrives byte for byte, with its name and type, in the field `file`, with a length', async () => {
  const upstream = await standIn((response) => reply(response, 200, stored))
  expect(await uploadTo(upstream.url, 'ein "Bild"\r\n 图.png')).toEqual({
    kind: 'stored',
    url: stored.result.url,
  })
  const asked = upstream.asked[0]
  expect(asked).toMatchObject({ method: 'POST', path: '/v1/figure-resource/upload/file' })
  expect(asked?.headers['content-length']).toBe(String(asked?.body.length))
  const type = asked?.headers['content-type'] ?? ''
  const parts = new Response(new Uint8Array(asked?.body ?? []), { headers: { 'content-type': type } })
  // oxlint-disable-next-line typescript/no-deprecated -- meant for servers that face strangers; here both ends are ours
  const form = await parts.formData()
  expect([...form.keys()]).toEqual(['file'])
  const file = form.get('file') as File
  expect(file.type).toBe('image/png')
  expect(file.name).toContain('图.png')
  expect(Buffer.compare(Buffer.from(await file.arrayBuffer()), bytes)).toBe(0)
})

test.each([
  [401, {}, 'unavailable'],
  [403, stored, 'unavailable'],
  [429, {}, 'rate_limited'],
  [400, {}, 'unavailable'],
  [400, { code: 100001, msg: 'no' }, 'refused'],
  [404, '<html>', 'unavailable'],
  [415, '<html>', 'unavailable'],
  [422, { code: 7, msg: 'no' }, 'refused'],
  [408, {}, 'unavailable'],
  [302, '', 'unavailable'],
  [500, stored, 'unavailable'],
  [502, '<html>', 'unavailable'],
  [200, '', 'unavailable'],
  [200, '{"code":0', 'unavailable'],
  [200, { ...stored, success: false }, 'unavailable'],
  [200, { ...stored, code: '0' }, 'stored'],
  [200, { ...stored, result: { url: [' https://cdn.example/image.png'] } }, 'stored'],
  [200, { ...stored, code: 9, msg: 'no' }, 'unavailable'],
  [200, { ...stored, result: { url: 'file:///a' } }, 'unavailable'],
  [200, { ...stored, result: null }, 'unavailable'],
  [200, { code: 100004, msg: 'size' }, 'refused'],
  [200, { code: 100007, msg: 'format' }, 'refused'],
])('HTTP %i with %j is %s', async (status, body, kind) => {
  const said =
    kind === 'stored' ? { url: stored.result.url } : { detail: expect.stringContaining(`HTTP ${status}`) }
  expect(await answered(status, body)).toMatchObject({ kind, ...said })
})

test('413 says that it is too large, and 429 how long to wait', async () => {
  expect(await answered(413, '')).toMatchObject({ reason: 'The request was refused as too large.' })
  expect(await answered(429, '', { 'retry-after': '9' })).toMatchObject({ retryAfterMs: 9000 })
})

test('an outage is unavailable', async () => {
  for (const url of [await closedUrl(), (await rawStandIn((socket) => socket.resetAndDestroy())).url]) {
    expect(await uploadTo(url)).toMatchObject({ kind: 'unavailable' })
  }
  const mute = await rawStandIn(() => {})
  expect(await uploadTo(mute.url, 'image.png', hasty)).toMatchObject({ kind: 'unavailable' })
})
