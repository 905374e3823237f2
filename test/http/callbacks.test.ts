// The door for callbacks: who bears the token is heard however often, everybody else meets a path that is not there.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { until } from '../support/gateway.ts'
import type { Answer } from '../support/gateway.ts'
import { inspect } from '../tasks/order.ts'
import { anotherTask, callback, openDoor } from './callback-door.ts'
import type { Door } from './callback-door.ts'
import { answerBeforeBody, failure, seen, withLimits } from './expectations.ts'

let door: Door
beforeAll(async () => {
  // Its time stands still, so that no poll comes between two looks.
  door = await openDoor({ clock: manualClock() })
})
afterAll(async () => await door.gateway.stop())

const ok = { code: 200, msg: 'ok', data: null }
const limitBytes = 64 * 1024

/** Everything that tells one answer from another, but for its id and the time of day. */
function bytesOf({ status, headers, text }: Answer): unknown {
  const id = headers.get('x-request-id') ?? ''
  const rest = [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id')
  return { status, rest, text: text.replaceAll(id, 'id') }
}

test('the documented callback is heard, and its task settled although its poll is minutes away', async () => {
  const own = await anotherTask(door.gateway)
  door.gateway.sandbox.finish(own.upstreamTaskId, 'SUCCEEDED')
  const answer = await door.send(own.path, callback(own.upstreamTaskId, { status: 'SUCCEEDED' }))
  expect([answer.status, answer.json]).toEqual([200, ok])
  const task = await until(
    () => inspect(door.gateway, own.taskId),
    ({ task_status: status }) => status >= 3,
  )
  expect(task).toMatchObject({ task_status: 3, polls_made: 0 })
})

describe('who does not bear the token', () => {
  const [attempt, token] = [() => door.path.split('/')[3] ?? '', () => door.path.split('/')[4] ?? '']
  const wrong: Record<string, () => string | Promise<string>> = {
    'a wrong token': () => `/callbacks/keevx/${attempt()}/${'A'.repeat(43)}`,
    'a token that lacks a letter': () => door.path.slice(0, -1),
    'a token with one more': () => `${door.path}A`,
    'the hash instead of the token': async () => {
      const { read } = door.gateway.app.ctx.db
      const attempts = await read.select().from(read.tables.attempts)
      return `/callbacks/keevx/${attempt()}/${attempts.find(({ id }) => id === attempt())?.callbackTokenHash}`
    },
    "another attempt's token": async () =>
      `/callbacks/keevx/${attempt()}/${(await anotherTask(door.gateway)).path.split('/')[4]}`,
    'an attempt that never was': () => `/callbacks/keevx/att_${'0'.repeat(27)}/${token()}`,
    'no id at all': () => `/callbacks/keevx/%00/${token()}`,
    'an id that is a pattern': () => `/callbacks/keevx/%25/${token()}`,
    'a token of thousands': () => `/callbacks/keevx/${attempt()}/${'A'.repeat(9_000)}`,
  }
  test.each(Object.keys(wrong))('meets a path that is not there, to the byte: %s', async (name) => {
    const before = await door.seen()
    const stray = await door.send('/callbacks/nothing/here', callback(door.upstreamTaskId))
    const answer = await door.send((await wrong[name]?.()) ?? '', callback(door.upstreamTaskId))
    expect(seen(answer)).toEqual(failure({ type: 'not_found', status: 404 }))
    expect(bytesOf(answer)).toEqual(bytesOf(stray))
    if (name !== "another attempt's token") expect(await door.seen()).toEqual(before)
  })

  test('is told so before a byte of the body is read', async () => {
    const head = 'Host: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{'
    const to = (path: string) =>
      answerBeforeBody(door.gateway.url, `POST ${path} HTTP/1.1\r\nConnection: close\r\n${head}`)
    const answer = await to(`${door.path}x`)
    expect(seen(answer)).toEqual(failure({ type: 'not_found', status: 404 }))
  })

  test('finds that nothing but POST is taken', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await door.gateway.call(method, door.path)
      expect(seen(answer)).toEqual(failure({ type: 'invalid_request', status: 405 }))
      expect(answer.text).not.toContain(token())
    }
  })
})

test('seven days after its attempt began the token opens nothing, like any other', async () => {
  const clock = manualClock()
  const old = await openDoor({ clock })
  clock.advance(7 * 24 * 3_600_000 - 1_000)
  expect((await old.send(old.path, '{}')).status).toBe(200)
  clock.advance(1_000)
  const [late, stray] = [await old.send(old.path, '{}'), await old.send('/callbacks/none', '{}')]
  expect(bytesOf(late)).toEqual(bytesOf(stray))
  await old.gateway.stop()
})

describe('a body', () => {
  const heard = async () => (await door.gateway.call('GET', '/metrics')).text

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    'garbage',
    'a/b/c; ;',
    null,
  ])('of JSON is heard, whatever it calls itself: %s', async (type) => {
    const counted = async () =>
      Number(/tollgate_callbacks_total\{outcome="due"\} (\d+)/.exec(await heard())?.[1] ?? 0)
    const before = await counted()
    const answer = await door.send(door.path, callback(door.upstreamTaskId), type)
    expect([answer.status, answer.json]).toEqual([200, ok])
    expect(await counted()).toBe(before + 1)
  })

  const malformed: Record<string, string | Uint8Array> = {
    nothing: '',
    'a bare word': 'ok',
    'JSON that breaks off': callback('x').slice(0, -1),
    'two at once': `${callback('x')}${callback('x')}`,
    'a form': 'task_id=x&status=SUCCEEDED',
    'JSON that is packed': gzipSync(callback('x')),
    'what is not UTF-8': Buffer.from([0x22, 0xff, 0xfe, 0x22]),
    'depths without end': '['.repeat(60_000),
    'not a number': '{"code":NaN}',
  }
  test.each(Object.entries(malformed))(
    'that is no JSON is 400 and changes nothing: %s',
    async (_name, body) => {
      const before = await door.seen()
      expect(seen(await door.send(door.path, body))).toEqual(
        failure({ type: 'invalid_request', status: 400 }),
      )
      expect(await door.seen()).toEqual(before)
    },
  )

  const odd: Record<string, string> = {
    null: 'null',
    'a number': '1e999',
    'a text': '"i2is-1"',
    'a list': '[]',
    'a long list': JSON.stringify(Array.from({ length: 20_000 }, () => 1)),
    'great depths': `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
    'great depths within': `{"task_type":"image_generate","data":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}`,
    'no data': '{"code":0,"msg":"ok","task_type":"image_generate"}',
    'an id that is a fraction': callback(7.5),
    'an id that is an object': callback({ toString: 'x' }),
    'an id of a NUL': callback('a\0b'),
    'an id of half a character': '{"task_type":"image_generate","data":{"task_id":"\\ud800"}}',
    'an id that walks the path': callback('..'),
    'a prototype': '{"__proto__":{"task_type":"image_generate","data":{"task_id":"x"}}}',
    'a constructor': '{"constructor":{"prototype":{"data":1}}}',
    'another operation': callback('x').replace('image_generate', 'image_to_video'),
  }
  test.each(Object.entries(odd))(
    'of JSON that is no callback is 200 and changes nothing: %s',
    async (_name, body) => {
      const before = await door.seen()
      const answer = await door.send(door.path, body)
      expect([answer.status, answer.json]).toEqual([200, ok])
      expect(await door.seen()).toEqual(before)
    },
  )

  test('that begins with a byte order mark, or names a field twice, is read as JSON is', async () => {
    const own = await anotherTask(door.gateway)
    door.gateway.sandbox.finish(own.upstreamTaskId, 'FAILED')
    const twice = callback(own.upstreamTaskId).replace('"data"', '"data":{"task_id":"i2is-other"},"data"')
    expect((await door.send(own.path, `\ufeff${twice}`)).status).toBe(200)
    await until(
      () => inspect(door.gateway, own.taskId),
      ({ task_status: status }) => status === 4,
    )
  })

  test('of 64 KiB is read, and of one byte more it is not: 413, and nothing changes', async () => {
    const fits = callback(7, { filler: 'x'.repeat(limitBytes - callback(7, { filler: '' }).length) })
    expect(Buffer.byteLength(fits)).toBe(limitBytes)
    expect((await door.send(door.path, fits)).status).toBe(200)
    const before = await door.seen()
    const own = callback(door.upstreamTaskId)
    const tooLong = own + ' '.repeat(limitBytes + 1 - own.length)
    expect(seen(await door.send(door.path, tooLong))).toEqual(
      failure({ type: 'payload_too_large', status: 413 }),
    )
    const head = `POST ${door.path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n`
    const announced = await answerBeforeBody(door.gateway.url, `${head}Content-Length: 99000000\r\n\r\n{`)
    expect(announced.status).toBe(413)
    const chunk = `1000\r\n${' '.repeat(4_096)}\r\n`
    const chunked = await answerBeforeBody(
      door.gateway.url,
      `${head}Transfer-Encoding: chunked\r\n\r\n`,
      chunk.repeat(17),
    )
    expect(chunked.status).toBe(413)
    expect(await door.seen()).toEqual(before)
  })
})

describe('how often', () => {
  test('strangers may try is limited by their address; the token is heard in any number, and before and after', async () => {
    const limited = withLimits('requests_per_minute: 1, unauthenticated_per_minute: 3, tasks_in_flight: off')
    const own = await openDoor({ yaml: limited.replace('poll_every: 30ms', 'poll_every: 3s') })
    const all = await Promise.all(Array.from({ length: 100 }, () => own.send(own.path, '{}')))
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]))
    // None of those counted against the address from which they came.
    for (let at = 0; at < 3; at += 1) expect((await own.send(`${own.path}x`, '{}')).status).toBe(404)
    const [token, attempt] = [
      await own.send(`${own.path}x`, '{}'),
      await own.send('/callbacks/keevx/a/b', '{}'),
    ]
    expect(seen(token)).toEqual(failure({ type: 'rate_limited', status: 429 }))
    expect(bytesOf(attempt)).toEqual(bytesOf(token))
    // At both doors of the API they are the same strangers.
    expect((await own.gateway.call('GET', '/api/v1/credits')).status).toBe(429)
    const more = await Promise.all(Array.from({ length: 100 }, () => own.send(own.path, callback('x'))))
    expect(new Set(more.map(({ status }) => status))).toEqual(new Set([200]))
    await own.gateway.stop()
  })
})

test('stands in no document of the API', async () => {
  expect((await door.gateway.call('GET', '/openapi.json')).text).not.toContain('callbacks/')
  expect((await door.gateway.call('GET', '/docs')).text).not.toContain('callbacks/')
})

test('takes no body of another kind anywhere else', async () => {
  const { key } = await door.gateway.customer(0)
  const answer = await door.gateway.call('POST', '/api/v1/quote', {
    key,
    body: '{}',
    headers: { 'content-type': 'text/plain' },
  })
  expect(seen(answer)).toEqual(failure({ type: 'unsupported_media_type', status: 415 }))
})
