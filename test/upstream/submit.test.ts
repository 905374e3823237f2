// Each row of "What an answer to the submit POST means", over real HTTP, for both endpoints.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import {
  adapterFor,
  closedUrl,
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
const page502 = '<html><body><h1>502 Bad Gateway</h1></body></html>'

describe.each(endpoints)('%s', (which) => {
  test('code 0 with ids is accepted, each id once', async () => {
    expect(await submitAnswered(which, 200, ok)).toEqual({ kind: 'accepted', taskIds: ['i2is-a', 'i2is-b'] })
    const twice = { ...ok, data: { task_ids: ['a', 'b', 'a'] } }
    expect(await submitAnswered(which, 201, twice)).toEqual({ kind: 'accepted', taskIds: ['a', 'b'] })
  })

  test('of ids of which some are none, the others count', async () => {
    const mixed = {
      ...ok,
      data: { task_ids: ['a', '', null, 7, 'x'.repeat(201), '..', 'b c', '\ud800', 'd'] },
    }
    expect(await submitAnswered(which, 200, mixed)).toEqual({ kind: 'accepted', taskIds: ['a', 'd'] })
  })

  test('ids beside an error status are accepted: asking again would pay twice', async () => {
    expect(await submitAnswered(which, 500, ok)).toMatchObject({ kind: 'accepted' })
  })

  test.each([
    { code: 0, msg: 'ok' },
    { code: 0, data: null },
    { code: 0, data: {} },
    { code: 0, data: { task_ids: [] } },
    { code: 0, data: { task_ids: [''] } },
    { code: 0, data: { task_ids: 'i2v-a' } },
    { code: 0, data: ['i2v-a'] },
  ])('code 0 without an id that can be used is unknown: %j', async (body) => {
    expect(await submitAnswered(which, 200, body)).toMatchObject({ kind: 'unknown' })
  })

  test.each([
    ['empty', ''],
    ['a page', page502],
    ['half an object', '{"code":0,"data":{"task_i'],
    ['a text', '"ok"'],
    ['null', 'null'],
    ['a list', '[0]'],
    ['no code', '{"msg":"ok","data":{"task_ids":["a"]}}'],
    ['a code of text', '{"code":"0","data":{"task_ids":["a"]}}'],
    ['a code of text that is an error', '{"code":"100001","msg":"no"}'],
    ['a code of null', '{"code":null,"data":{"task_ids":["a"]}}'],
    ['a code of false', '{"code":false,"data":{"task_ids":["a"]}}'],
    ['a broken number', '{"code":0.5,"data":{"task_ids":["a"]}}'],
    ['200 000 brackets', `{"code":0,"data":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['200 000 open brackets', '['.repeat(200_000)],
  ])('200 with another shape is unknown: %s', async (_name, body) => {
    expect(await submitAnswered(which, 200, body)).toMatchObject({ kind: 'unknown' })
  })

  test('an answer that was compressed unasked is unknown', async () => {
    const body = gzipSync(JSON.stringify(ok))
    expect(await submitAnswered(which, 200, body, { 'content-encoding': 'gzip' })).toMatchObject({
      kind: 'unknown',
    })
  })

  test('401, 402 and 403 put the key aside', async () => {
    for (const status of [401, 402, 403]) {
      expect(await submitAnswered(which, status, { code: status, msg: 'no' })).toMatchObject({
        kind: 'key_rejected',
      })
    }
  })

  test('401 and 429 are judged by their status, whatever code is beside them', async () => {
    const retry = { code: 530003, msg: 'try again' }
    expect(await submitAnswered(which, 401, retry)).toMatchObject({ kind: 'key_rejected' })
    expect(await submitAnswered(which, 429, retry)).toMatchObject({ kind: 'rate_limited' })
    expect(await submitAnswered(which, 401, ok)).toMatchObject({ kind: 'key_rejected' })
  })

  test.each([301, 302, 303, 307, 308, 304, 408])('%i is ambiguous, and not followed', async (status) => {
    const answered = await submitAnswered(which, status, '', { location: '/v1/elsewhere' })
    expect(answered).toMatchObject({ kind: 'ambiguous' })
  })

  test.each([400, 404, 405, 409, 413, 422])(
    '%i without a known code is refused, with a reason',
    async (status) => {
      const answered = await submitAnswered(which, status, page502)
      expect(answered).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(/^The request was refused as/),
      })
      expect(answered).toHaveProperty('detail', expect.stringContaining(`HTTP ${status}`))
    },
  )

  test.each([500, 502, 503, 504, 520])('%i is ambiguous', async (status) => {
    const answered = await submitAnswered(which, status, page502)
    expect(answered).toMatchObject({ kind: 'ambiguous', cause: 'server_error' })
  })

  test.each([200, 400, 500])('530003 with HTTP %i is the documented retry', async (status) => {
    const answered = await submitAnswered(which, status, { code: 530003, msg: 'Task creation failed' })
    expect(answered).toMatchObject({ kind: 'retry_documented' })
  })

  test('a code that nobody documented is refused with 200, and says nothing with 500', async () => {
    const odd = { code: 777, msg: 'whatever' }
    expect(await submitAnswered(which, 200, odd)).toMatchObject({ kind: 'refused' })
    expect(await submitAnswered(which, 200, { code: -1 })).toMatchObject({ kind: 'refused' })
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

describe('Retry-After', () => {
  const now = Date.parse('Thu, 01 Jan 2026 00:00:00 GMT')
  const clock = { ...systemClock, now: () => now }

  test.each([
    ['30', 30_000],
    ['0', 0],
    [' 5 ', 5000],
    ['99999999', 3_600_000],
    ['9'.repeat(400), 3_600_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Thu, 01 Jan 2026 09:00:00 GMT', 3_600_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['soon', null],
    ['-1', null],
    ['1.5', null],
    ['', null],
    ['2027', 2_027_000],
    ['Mon, 99 Foo 2026 00:00:00 GMT', null],
  ])('%s', async (text, ms) => {
    const answered = await submitAnswered('image', 429, '', { 'retry-after': text }, { clock })
    expect(answered).toMatchObject({ kind: 'rate_limited', retryAfterMs: ms })
  })

  test('none is null', async () => {
    expect(await submitAnswered('image', 429, '')).toMatchObject({ kind: 'rate_limited', retryAfterMs: null })
  })
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
    expect(await submitTo(adapterFor(url))).toMatchObject({ kind: 'unknown' })
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
      expect(await submitTo(adapterFor(url)), String(way)).toMatchObject({ kind: 'unknown' })
    }
  })

  test.each([
    ['500 Oops', { kind: 'ambiguous', cause: 'server_error' }],
    ['429 Slow down', { kind: 'rate_limited', retryAfterMs: 7000 }],
    ['401 Who', { kind: 'key_rejected' }],
    ['400 Bad', { kind: 'refused' }],
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
  const bodies = [
    { code: 1, msg: echo },
    { code: 1, msg: filler + key },
    echo,
    JSON.stringify({ code: 'x', msg: echo }),
  ]
  for (const body of bodies) {
    const { url } = await standIn((response) => reply(response, 400, body))
    const signal = new AbortController().signal
    const outcome = await adapterFor(url).submit(imageOrder, { key, signal, callbackUrl })
    const detail = outcome.kind === 'refused' ? outcome.detail : ''
    expect(detail).toMatch(/^HTTP 400/)
    expect(detail.length).toBeLessThanOrEqual(300)
    expect(detail).not.toMatch(/\p{Cc}|\u200b/u)
    for (const secret of [key, key.slice(0, 8), token, token.slice(0, 8)])
      expect(detail).not.toContain(secret)
  }
})
