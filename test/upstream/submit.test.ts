// Each row of "What an answer to the submit POST means", over real HTTP, for both endpoints.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  adapterFor,
  closedUrl,
  hasty,
  imageOrder,
  key,
  rawStandIn,
  reply,
  standIn,
  submitAnswered,
  submitTo,
  type Which,
} from './stand-in.ts'

const endpoints: Which[] = ['image', 'video']
const ok = { code: 0, msg: 'ok', data: { task_ids: ['i2is-a', 'i2is-b'] } }
const page = '<html><body><h1>502 Bad Gateway</h1></body></html>'

describe.each(endpoints)('%s', (which) => {
  test('code 0 with ids is accepted, each id once', async () => {
    expect(await submitAnswered(which, 200, ok)).toEqual({ kind: 'accepted', taskIds: ['i2is-a', 'i2is-b'] })
    const twice = { ...ok, data: { task_ids: ['a', 'b', 'a'] } }
    expect(await submitAnswered(which, 201, twice)).toEqual({ kind: 'accepted', taskIds: ['a', 'b'] })
  })

  test('of ids of which some are none, the others count', async () => {
    const mixed = {
      ...ok,
      data: { task_ids: ['a', '', null, 0.5, -7, 'x'.repeat(201), '..', 'b c', '\ud800', true, [], 'd'] },
    }
    expect(await submitAnswered(which, 200, mixed)).toEqual({ kind: 'accepted', taskIds: ['a', 'd'] })
  })

  test.each([
    { code: 0, msg: 'ok' },
    { code: 0, data: null },
    { code: 0, data: {} },
    { code: 0, data: { task_ids: [] } },
    { code: 0, data: { task_ids: [''] } },
    { code: 0, data: { task_ids: 'accepted, wait' } },
    { code: 0, data: { task_ids: { first: 'i2v-a' } } },
    { code: 0, data: ['accepted'] },
    { code: 0, data: 'i2v-a' },
    { code: 200, msg: 'ok' },
    { code: '0', msg: 'ok', data: null },
    { code: 777, msg: 'ok', data: { job: 'i2v-a' } },
  ])('code 0 without an id that can be used is unknown: %j', async (body) => {
    expect(await submitAnswered(which, 200, body)).toMatchObject({ kind: 'unknown' })
  })

  test.each([
    ['empty', ''],
    ['a page', page],
    ['half an object', '{"code":0,"data":{"task_i'],
    ['a text', '"ok"'],
    ['null', 'null'],
    ['a list', '[0]'],
    ['an answer of a gateway', '{"message":"no Route matched with those values"}'],
    ['an error of something else', '{"code":404,"message":"not found"}'],
    ['no code', '{"msg":"ok","data":{}}'],
    ['a code of null', '{"code":null,"msg":"ok"}'],
    ['a broken number', '{"code":0.5,"msg":"no"}'],
    ['a hundred thousand members', `{"code":0,"data":{${'"a":1,'.repeat(99_999)}"b":2}}`],
    ['200 000 brackets', `{"code":0,"data":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['200 000 open brackets', '['.repeat(200_000)],
  ])('200 with another shape is unknown: %s', async (_name, body) => {
    expect(await submitAnswered(which, 200, body)).toMatchObject({ kind: 'unknown' })
  })

  test('of an answer that nobody asked to be packed the ids are read', async () => {
    const body = gzipSync(JSON.stringify(ok))
    expect(await submitAnswered(which, 200, body, { 'content-encoding': 'gzip' })).toMatchObject({
      kind: 'accepted',
    })
  })

  test.each([301, 302, 307, 308, 304, 408])('%i is ambiguous, and not followed', async (status) => {
    const answered = await submitAnswered(which, status, '', { location: '/v1/elsewhere' })
    expect(answered).toMatchObject({ kind: 'ambiguous', cause: status === 408 ? 'server_error' : 'redirect' })
  })

  test.each([500, 502, 503, 504, 520])('%i is ambiguous', async (status) => {
    const answered = await submitAnswered(which, status, page)
    expect(answered).toMatchObject({ kind: 'ambiguous', cause: 'server_error' })
  })

  test.each([200, 400, 500])('530003 with HTTP %i is the documented retry', async (status) => {
    const answered = await submitAnswered(which, status, { code: 530003, msg: 'Task creation failed' })
    expect(answered).toMatchObject({ kind: 'retry_documented' })
  })

  test('a code that nobody documented is refused with 200, and says nothing with 500', async () => {
    const odd = { code: 777, msg: 'whatever' }
    expect(await submitAnswered(which, 200, odd)).toMatchObject({ kind: 'refused' })
    expect(await submitAnswered(which, 200, { code: '777', msg: 'no', data: {} })).toMatchObject({
      kind: 'refused',
    })
    expect(await submitAnswered(which, 500, odd)).toMatchObject({ kind: 'ambiguous' })
  })
})

test.each([
  ['image', 100001, 'refused'],
  ['image', 100002, 'refused'],
  ['image', 530002, 'refused'],
  ['image', 110002, 'refused'],
  ['video', 100001, 'refused'],
  ['video', 100002, 'key_rejected'],
  ['video', 100004, 'refused'],
  ['video', 100005, 'refused'],
  ['video', 100006, 'refused'],
  ['video', 100007, 'refused'],
  ['video', 100003, 'refused'],
] as const)('%s: code %i is %s by its own table, but beside a 5xx', async (which, code, kind) => {
  for (const status of [200, 400, 500]) {
    const answered = await submitAnswered(which, status, { code, msg: 'the message' })
    const detail = `HTTP ${status}, code ${code}: the message`
    // What failed inside may have been ordered before it failed.
    expect(answered).toMatchObject({ kind: status === 500 ? 'ambiguous' : kind, detail })
  }
})

test('a reason says what to change, and names neither the upstream nor a code', async () => {
  const reasons = []
  for (const [which, code] of [
    ['image', 530002],
    ['video', 100006],
    ['video', 100005],
    ['image', 999],
  ] as const) {
    const answered = await submitAnswered(which, 200, {
      code,
      msg: 'Keevx i2v-1 at https://api.keevx.com says no',
    })
    reasons.push(answered.kind === 'refused' ? answered.reason : answered.kind)
  }
  expect(reasons).toEqual([
    'An input image could not be used. It takes a public URL, a common format, and less than 20 MB.',
    'An input image could not be reached. Check that its URL is public.',
    'The prompt is longer than 1000 characters.',
    'The request was refused as invalid.',
  ])
})

describe('calls that end early', () => {
  test('nobody listens: not accepted', async () => {
    expect(await submitTo(adapterFor(await closedUrl()))).toMatchObject({ kind: 'not_accepted' })
  })

  test('a reset or an end before the answer is ambiguous, and is not repeated here', async () => {
    for (const end of ['resetAndDestroy', 'end'] as const) {
      const upstream = await rawStandIn((socket) => socket[end]())
      const answered = await submitTo(adapterFor(upstream.url))
      expect(answered).toMatchObject({ kind: 'ambiguous', cause: 'broken_connection' })
      expect(upstream.connections()).toBe(1)
    }
  })

  test('an interim answer before the reset says nothing: still ambiguous', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'
    const { url } = await rawStandIn((socket) =>
      socket.write(hints, () => setTimeout(() => socket.destroy(), 20)),
    )
    expect(await submitTo(adapterFor(url))).toMatchObject({ kind: 'ambiguous', cause: 'broken_connection' })
  })

  test('no answer in time is unknown', async () => {
    const { url } = await rawStandIn(() => {})
    expect(await submitTo(adapterFor(url, hasty))).toMatchObject({ kind: 'unknown' })
  })

  const begun = (status: string) =>
    `HTTP/1.1 ${status}\r\nretry-after: 7\r\ncontent-length: 50\r\n\r\n{"code":0,`

  test('a success that breaks off, or goes on for ever, is unknown', async () => {
    const ways = [
      (socket: import('node:net').Socket) => socket.end(begun('200 OK')),
      (socket: import('node:net').Socket) =>
        socket.write(begun('200 OK'), () => setTimeout(() => socket.resetAndDestroy(), 20)),
      (socket: import('node:net').Socket) => socket.write(begun('200 OK')),
      (socket: import('node:net').Socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${' '.repeat(2_000_000)}`),
      (socket: import('node:net').Socket) => socket.end('I am no web server\r\n'),
    ]
    for (const way of ways) {
      const { url } = await rawStandIn(way)
      expect(await submitTo(adapterFor(url, hasty)), String(way)).toMatchObject({ kind: 'unknown' })
    }
  })

  test.each([
    ['500 Oops', { kind: 'ambiguous', cause: 'server_error' }],
    ['429 Slow down', { kind: 'rate_limited', retryAfterMs: 7000 }],
    ['401 Who', { kind: 'key_rejected' }],
    ['400 Bad', { kind: 'order_trouble', status: 400 }],
    ['307 There', { kind: 'ambiguous' }],
  ])('%s that breaks off is judged by its status', async (status, outcome) => {
    const { url } = await rawStandIn((socket) => socket.end(begun(status)))
    expect(await submitTo(adapterFor(url))).toMatchObject(outcome)
  })

  test('given up before the connection: not accepted; after it: unknown', async () => {
    const { url } = await standIn((response) => reply(response, 200, ok))
    expect(await submitTo(adapterFor(url), 'image', AbortSignal.abort())).toMatchObject({
      kind: 'not_accepted',
    })
    const controller = new AbortController()
    const held = await standIn(() => controller.abort())
    const asking = submitTo(adapterFor(held.url, { submitTimeoutMs: 5000 }), 'image', controller.signal)
    expect(await asking).toMatchObject({ kind: 'unknown' })
  })

  test('each submit has a connection of its own', async () => {
    const upstream = await standIn((response) => reply(response, 200, ok))
    const adapter = adapterFor(upstream.url)
    for (const _ of [1, 2, 3]) await submitTo(adapter)
    expect(upstream.connections()).toBe(3)
  })
})

test('neither the key nor the callback token stands in a detail, however they are echoed', async () => {
  const token = 'T0kenT0kenT0kenT0kenT0kenT0ken'
  const callbackUrl = `https://gate.example/callbacks/keevx/att_1/${token}`
  const hidden = `${key.slice(0, 5)}\u200b${key.slice(5)}`
  const echo = `key ${key} / ${hidden} url ${callbackUrl} alone ${token} \u0007\u001b[31m\nend`
  const filler = 'a'.repeat(290)
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const percents = (text: string) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const bodies = [
    { code: 1, msg: `${percents(key)} ${percents(token)} ${encodeURIComponent(callbackUrl)}` },
    { code: 1, msg: `${base64(key)} ${base64(`Bearer ${token}`)} in/${base64(callbackUrl)}` },
    { code: 1, msg: filler + percents(token) },
    { code: 1, msg: `${base64(key).replace('=', '%3D')} url=${Buffer.from(token).toString('base64url')}` },
    { code: 1, msg: echo },
    { code: 1, msg: filler + key },
    echo,
    JSON.stringify({ code: 'x', msg: echo }),
  ]
  for (const body of bodies) {
    const { url } = await standIn((response) => reply(response, 400, body))
    const signal = new AbortController().signal
    const outcome = await adapterFor(url).submit(imageOrder, {
      key,
      signal,
      orderKey: 'req_1-1',
      callbackUrl,
    })
    const detail = 'detail' in outcome ? outcome.detail : ''
    expect(detail).toMatch(/^HTTP 400/)
    expect(detail.length).toBeLessThanOrEqual(300)
    expect(detail).not.toMatch(/\p{Cc}|\u200b/u)
    const secrets = [key, key.slice(0, 8), token, token.slice(0, 8)]
    for (const secret of [
      ...secrets,
      ...secrets.map(percents),
      ...secrets.map((one) => base64(one).slice(0, 10)),
    ])
      expect(detail).not.toContain(secret)
  }
})
