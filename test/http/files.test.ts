// A picture handed over is checked by its bytes, relayed, and can be ordered with.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import type { Answer, Customer, Gateway } from '../support/gateway.ts'
import { failure, seen } from './expectations.ts'

let gateway: Gateway
let customer: Customer
beforeAll(async () => {
  gateway = await startGateway()
  customer = await gateway.customer(1_000)
})
afterAll(async () => await gateway.stop())

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const jpg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb0043', 'hex')
const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
const webp = Buffer.concat([Buffer.from('RIFF\u001a\0\0\0WEBPVP8L\r\0\0\0', 'latin1'), Buffer.alloc(14)])
const bmp = Buffer.from(
  `424d3a000000000000003600000028000000${'01000000'.repeat(2)}01001800${'00'.repeat(28)}`,
  'hex',
)
const svg = Buffer.from(
  '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
)
const fileBytesMax = 20 * 1024 * 1024

type Part = readonly [field: string, content: Buffer | string, fileName?: string]

async function send(parts: readonly Part[], headers: Record<string, string> = {}): Promise<Answer> {
  const form = new FormData()
  for (const [field, content, name] of parts) {
    if (typeof content === 'string') form.append(field, content)
    else form.append(field, new Blob([new Uint8Array(content)]), name ?? 'picture.png')
  }
  return await post(form, headers)
}

async function post(body: FormData | string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${gateway.url}/api/v1/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${customer.key}`, ...headers },
    body,
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) }
}

const uploads = () => gateway.sandbox.requests.get('POST /v1/figure-resource/upload/file') ?? 0

test.each([
  ['PNG', png, 'image/png'],
  ['JPG', jpg, 'image/jpeg'],
  ['GIF', gif, 'image/gif'],
  ['WebP', webp, 'image/webp'],
  ['BMP', bmp, 'image/bmp'],
])('a %s, by its bytes and whatever it is called, gets a URL', async (_format, bytes, type) => {
  const { status, json } = await send([['file', bytes, 'notes.txt']])
  expect(status).toBe(200)
  expect(json).toEqual({
    code: 200,
    msg: 'ok',
    data: { url: expect.stringMatching(/^http/), file_name: 'notes.txt', bytes: bytes.length },
  })
  const kept = await fetch(json.data.url)
  expect(kept.headers.get('content-type')).toBe(type)
  expect(Buffer.from(await kept.arrayBuffer()).equals(bytes)).toBe(true)
})

test('the URL can be ordered with', async () => {
  const { url } = (await send([['file', png]])).json.data
  const { json } = await customer.create({ model_id: 'gpt-image-2', prompt: 'a garden', image_urls: [url] })
  expect(await customer.ended(json.data.task_id)).toMatchObject({ task_status: 3 })
  expect(gateway.sandbox.submissions.at(-1)?.body['reference_images']).toEqual([url])
})

test('a name is repeated, not believed: not its folders, its length, or its line breaks', async () => {
  const { data } = (await send([['file', png, `../../etc/${'x'.repeat(400)}"\r\n.png`]])).json
  expect(data.file_name.length).toBeLessThanOrEqual(200)
  expect(data.file_name).not.toContain('\n')
  expect(data.file_name).not.toContain('/')
})

describe('what is refused is not relayed', () => {
  let before: number
  beforeEach(() => {
    before = uploads()
  })

  test.each<[string, readonly Part[]]>([
    ['text called PNG', [['file', Buffer.from('just text'), 'a.png']]],
    [
      'text that begins like a BMP',
      [['file', Buffer.from('BMW makes cars, and this is a text.\n'), 'a.bmp']],
    ],
    ['text that begins like a GIF', [['file', Buffer.from('GIFts for all, and this is a text.\n'), 'a.gif']]],
    ['an SVG', [['file', svg, 'a.png']]],
    ['HTML', [['file', Buffer.from('<html><script>alert(1)</script>'), 'a.png']]],
    ['a PDF', [['file', Buffer.from('%PDF-1.7\n'), 'a.png']]],
    ['nothing in the file', [['file', Buffer.alloc(0)]]],
    ['no file', []],
    ['a file by another name', [['picture', png]]],
    ['a file by the name of a prototype', [['__proto__', png]]],
    ['text where the file should be', [['file', 'text']]],
    [
      'two files',
      [
        ['file', png],
        ['file', png],
      ],
    ],
    ['a large file by another name', [['picture', Buffer.alloc(4_000_000)]]],
    [
      'a field beside it',
      [
        ['file', png],
        ['purpose', 'vision'],
      ],
    ],
  ])('%s', async (_name, parts) => {
    const answer = await send(parts)
    expect(seen(answer)).toEqual(failure({ type: 'invalid_request', field: 'file' }))
    expect(uploads()).toBe(before)
    // The connection is still good for the next one.
    expect((await customer.get('/credits')).status).toBe(200)
  })

  test.each([
    [
      'cut off',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
    ],
    ['without a boundary', 'multipart/form-data', '--x\r\n'],
    ['that is none', 'multipart/form-data; boundary=x', 'no multipart at all'],
  ])('multipart %s is 400', async (_name, type, body) => {
    expect(seen(await post(body, { 'content-type': type }))).toEqual(
      failure({ type: 'invalid_request', status: 400 }),
    )
    expect(uploads()).toBe(before)
  })

  test.each(['application/json', 'image/png', 'text/plain'])(
    'another Content-Type is 415: %s',
    async (type) => {
      expect(seen(await post('{}', { 'content-type': type }))).toEqual(
        failure({ type: 'unsupported_media_type', status: 415 }),
      )
    },
  )

  test('a byte more than 20 MB is 413, and 20 MB are not', async () => {
    const bytes = Buffer.concat([png, Buffer.alloc(fileBytesMax - png.length + 1)])
    expect(seen(await send([['file', bytes]]))).toEqual(failure({ type: 'payload_too_large', status: 413 }))
    expect(uploads()).toBe(before)
    expect((await send([['file', bytes.subarray(0, fileBytesMax)]])).json.data.bytes).toBe(fileBytesMax)
  })
})

describe('when the upstream does not take it', () => {
  test.each([
    ['is broken', { kind: 'status', status: 500, body: 'oops' }],
    ['resets', { kind: 'reset' }],
    ['answers garbage', { kind: 'status', status: 200, body: '<html>', contentType: 'text/html' }],
  ] as const)('it is 503 with a time to wait: the upstream %s', async (_name, fault) => {
    gateway.sandbox.always('upload', fault)
    const answer = await send([['file', png]])
    gateway.sandbox.always('upload', null)
    expect(seen(answer)).toEqual(failure({ type: 'unavailable', status: 503 }))
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await send([['file', png]])).status).toBe(200)
  })

  test('a refusal of the picture itself is told as such', async () => {
    gateway.sandbox.script('upload', { kind: 'status', status: 413, body: { code: 413, msg: 'too large' } })
    expect(seen(await send([['file', png]]))).toEqual(failure({ type: 'invalid_request', field: 'file' }))
  })
})
