// Uploads: the documented answer, a URL that works, and images judged by their bytes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { headers, post, videoOrder } from './client.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const gif = Buffer.from('GIF89a, or so it says')
const { authorization, source } = headers

async function upload(bytes: Uint8Array, name = 'a.png', field = 'file') {
  const form = new FormData()
  form.set(field, new File([new Uint8Array(bytes)], name))
  const answer = await fetch(`${sandbox.baseUrl}/figure-resource/upload/file`, {
    method: 'POST',
    headers: { authorization, source },
    body: form,
  })
  return { status: answer.status, body: (await answer.json()) as any }
}

test('an image is answered as documented and served again byte for byte', async () => {
  const { status, body } = await upload(png, 'große Katze.png')
  expect(status).toBe(200)
  expect(body).toEqual({
    code: 0,
    success: true,
    message: { global: 'success' },
    result: {
      url: expect.stringMatching(/\/media\/[0-9a-f]{32}\.png$/),
      fileId: expect.any(String),
      fileName: 'große Katze.png',
    },
  })
  const served = await fetch(body.result.url)
  expect(served.headers.get('content-type')).toBe('image/png')
  expect(Buffer.from(await served.arrayBuffer())).toEqual(png)
})

test('what is no image, no multipart, or no field called file is refused', async () => {
  expect(await upload(Buffer.from('<svg/>'))).toMatchObject({
    status: 400,
    body: { code: 100_007, success: false },
  })
  expect(await upload(png, 'a.png', 'image')).toMatchObject({
    status: 400,
    body: { code: 100_001, success: false },
  })
  const answer = await fetch(`${sandbox.baseUrl}/figure-resource/upload/file`, {
    method: 'POST',
    headers,
    body: '{}',
  })
  expect(answer.status).toBe(400)
})

test('20 MB are taken and one byte more is not', async () => {
  const most = Buffer.concat([png, Buffer.alloc(20 * 1024 * 1024 - png.length)])
  expect((await upload(most)).status).toBe(200)
  expect(await upload(Buffer.concat([most, Buffer.alloc(1)]))).toMatchObject({
    status: 413,
    body: { code: 100_004 },
  })
  expect((await upload(Buffer.concat([most, Buffer.alloc(1 << 20)]))).status).toBe(413)
})

test('an uploaded image can be used, but a GIF makes no video', async () => {
  const first = (await upload(png)).body.result.url
  const second = (await upload(gif, 'a.gif')).body.result.url
  expect(
    (await post(sandbox, 'image_generate', { prompt: 'p', reference_images: [first, second] })).status,
  ).toBe(200)
  expect((await post(sandbox, 'image_to_video', { ...videoOrder, image_url: first })).status).toBe(200)
  expect((await post(sandbox, 'image_to_video', { ...videoOrder, image_url: second })).body.code).toBe(
    100_007,
  )
})

test('an image that was never uploaded cannot be reached', async () => {
  const gone = `${sandbox.baseUrl.replace('/v1', '')}/media/${'0'.repeat(32)}.png`
  expect((await post(sandbox, 'image_generate', { prompt: 'p', reference_images: [gone] })).body.code).toBe(
    530_002,
  )
  expect((await post(sandbox, 'image_to_video', { ...videoOrder, image_url: gone })).body.code).toBe(100_006)
})
