// What the answer to a query says of a task, over real HTTP; whatever is odd decides nothing.
import { describe, expect, test } from 'vitest'
import {
  adapterFor,
  closedUrl,
  fetchAnswered,
  fetchFrom,
  hasty,
  key,
  rawStandIn,
  reply,
  standIn,
  type Which,
} from './stand-in.ts'

const endpoints: Which[] = ['image', 'video']
const urls: Record<Which, Record<string, string>> = {
  image: { image_url: 'https://cdn.example/a.png', video_url: '' },
  video: { image_url: '', video_url: 'https://cdn.example/a.mp4' },
}

const told = (fields: object) => ({ code: 0, msg: 'ok', data: { task_id: 'task-1', ...fields } })

describe.each(endpoints)('%s', (which) => {
  test('PENDING is pending; PROCESSING and GENERATING are running', async () => {
    expect(await fetchAnswered(which, 200, told({ status: 'PENDING' }))).toEqual({ kind: 'pending' })
    expect(await fetchAnswered(which, 200, told({ status: 'PROCESSING' }))).toEqual({ kind: 'running' })
    expect(await fetchAnswered(which, 200, told({ status: 'GENERATING', image_url: '' }))).toEqual({
      kind: 'running',
    })
  })

  test('SUCCEEDED has the URL of its own kind, and what is known of the file', async () => {
    const measures = { thumbnail_url: 'https://cdn.example/t.webp', width: 1920, height: 1080, duration: 6 }
    const answered = await fetchAnswered(
      which,
      200,
      told({ status: 'SUCCEEDED', ...urls[which], ...measures }),
    )
    expect(answered).toEqual({
      kind: 'succeeded',
      result: {
        imageUrl: which === 'image' ? 'https://cdn.example/a.png' : null,
        videoUrl: which === 'video' ? 'https://cdn.example/a.mp4' : null,
        thumbnailUrl: 'https://cdn.example/t.webp',
        width: 1920,
        height: 1080,
        durationSeconds: which === 'video' ? 6 : null,
      },
    })
  })

  test.each([
    { thumbnail_url: '', width: 0, height: -1, duration: 'six' },
    { thumbnail_url: 'ftp://x/y', width: '1920', height: null, duration: [] },
    { thumbnail_url: '/t.webp', width: {}, height: true, duration: -6 },
    { thumbnail_url: 'javascript:alert(1)' },
    { thumbnail_url: 'https://cdn.example/a b' },
    { thumbnail_url: 'https://user:secret@cdn.example/t.webp' },
    { thumbnail_url: `https://cdn.example/${'a'.repeat(5000)}` },
    {},
  ])('odd measures and thumbnails are null: %j', async (odd) => {
    const answered = await fetchAnswered(which, 200, told({ status: 'SUCCEEDED', ...urls[which], ...odd }))
    expect(answered).toMatchObject({
      kind: 'succeeded',
      result: { thumbnailUrl: null, width: null, height: null, durationSeconds: null },
    })
  })

  test.each([
    '',
    null,
    undefined,
    7,
    'file:///etc/passwd',
    'javascript:alert(1)',
    '/a.png',
    'https://',
    'http://a b',
    'http://user:secret@cdn.example/a.png',
    'http://user@cdn.example/a.png',
    'http://:secret@cdn.example/a.png',
  ])('SUCCEEDED with the URL %j is unclear', async (url) => {
    const fields = { status: 'SUCCEEDED', image_url: url, video_url: url }
    expect(await fetchAnswered(which, 200, told(fields))).toMatchObject({ kind: 'unclear' })
  })

  test("SUCCEEDED with the other kind's URL alone is unclear", async () => {
    const other = urls[which === 'image' ? 'video' : 'image']
    expect(await fetchAnswered(which, 200, told({ status: 'SUCCEEDED', ...other }))).toMatchObject({
      kind: 'unclear',
    })
  })

  test('FAILED has a reason that a customer may read', async () => {
    const error_message = 'Image generation failed due to content policy'
    expect(await fetchAnswered(which, 200, told({ status: 'FAILED', error_message }))).toEqual({
      kind: 'failed',
      reason: 'Image generation failed due to content policy',
      detail: 'HTTP 200, code 0: ok, FAILED: Image generation failed due to content policy',
    })
  })

  test.each(['', null, undefined, 42, '\u0000\u0001', 'task-1', key])(
    'FAILED with the message %j has a plain one',
    async (message) => {
      const answered = await fetchAnswered(which, 200, told({ status: 'FAILED', error_message: message }))
      expect(answered).toMatchObject({ kind: 'failed', reason: 'The generation failed.' })
      expect(JSON.stringify(answered)).not.toContain(key)
    },
  )

  test.each(['SUCCESSFUL', 'CANCELLED', '', 'S U', 'x'.repeat(50), 3, null, undefined, ['SUCCEEDED']])(
    'the status %j is unclear',
    async (status) => {
      expect(await fetchAnswered(which, 200, told({ status, ...urls[which] }))).toMatchObject({
        kind: 'unclear',
      })
    },
  )

  test.each(['task-2', 'TASK-1', 1, true, {}, []])(
    'an answer about the task %j is unclear',
    async (task_id) => {
      for (const status of ['SUCCEEDED', 'FAILED', 'PENDING']) {
        const answered = await fetchAnswered(which, 200, told({ status, ...urls[which], task_id }))
        expect(answered).toMatchObject({ kind: 'unclear' })
      }
    },
  )

  test.each([undefined, null, ''])(
    'an answer that leaves the id out (%j) is about the one asked for',
    async (task_id) => {
      expect(await fetchAnswered(which, 200, told({ status: 'PENDING', task_id }))).toEqual({
        kind: 'pending',
      })
    },
  )

  test('401 alone is about the key, whatever the body', async () => {
    for (const body of [{ code: 100003 }, '<html>', '']) {
      expect(await fetchAnswered(which, 401, body)).toMatchObject({ kind: 'key_rejected' })
    }
  })

  test('429 has its pause', async () => {
    const answered = await fetchAnswered(which, 429, '', { 'retry-after': '12' })
    expect(answered).toMatchObject({ kind: 'rate_limited', retryAfterMs: 12_000 })
  })

  test.each([
    [500, told({ status: 'FAILED' })],
    [503, told({ status: 'SUCCEEDED', ...urls.image, ...urls.video })],
    [400, { code: 100001 }],
    [302, ''],
    [200, ''],
    [200, '<html>502</html>'],
    [200, '{"code":0,"data":{"task_id":"task-1","status":"FAIL'],
    [200, 'null'],
    [200, '['.repeat(200_000)],
    [200, ' '.repeat(2_000_000)],
    [200, { code: 0.5, data: { task_id: 'task-1', status: 'FAILED' } }],
    [200, `{"code":0,"data":{"task_id":"task-1","status":"FAILED","x":[${'{},'.repeat(50_000)}{}]}}`],
    [200, { code: 0 }],
    [200, { code: 0, data: null }],
    [200, { code: 0, data: [{ status: 'FAILED' }, { status: 'FAILED' }] }],
    [200, { code: 777, data: { task_id: 'task-1', status: 'FAILED' } }],
    [200, { code: 530003, msg: 'retry' }],
  ])('HTTP %i with %.60j is unclear', async (status, body) => {
    expect(await fetchAnswered(which, status, body)).toMatchObject({ kind: 'unclear' })
  })
})

test.each([200, 400, 404, 500])(
  'not found and invalid token are read from their own table alone (HTTP %i)',
  async (status) => {
    const elsewhere = 'unclear'
    expect(await fetchAnswered('image', status, { code: 110002 })).toMatchObject({ kind: 'missing' })
    expect(await fetchAnswered('video', status, { code: 100003 })).toMatchObject({ kind: 'missing' })
    expect(await fetchAnswered('image', status, { code: 100003 })).toMatchObject({ kind: elsewhere })
    expect(await fetchAnswered('video', status, { code: 110002 })).toMatchObject({ kind: elsewhere })
    expect(await fetchAnswered('video', status, { code: 100002 })).toMatchObject({ kind: 'key_rejected' })
    expect(await fetchAnswered('image', status, { code: 100002 })).toMatchObject({ kind: elsewhere })
  },
)

test('an outage of any kind is unclear', async () => {
  const addresses = [
    await closedUrl(),
    (await rawStandIn((socket) => socket.resetAndDestroy())).url,
    (await rawStandIn((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"code":0'))).url,
    (await rawStandIn(() => {})).url,
  ]
  for (const address of addresses) {
    expect(await fetchFrom(adapterFor(address, hasty), 'image', 'task-1')).toMatchObject({ kind: 'unclear' })
  }
  const { url } = await standIn((response) => reply(response, 200, told({ status: 'PENDING' })))
  expect(await fetchFrom(adapterFor(url), 'image', 'task-1', AbortSignal.abort())).toMatchObject({
    kind: 'unclear',
  })
})

test('an id that Keevx could never have given decides nothing and throws nothing', async () => {
  const { url } = await standIn((response) => reply(response, 200, told({ status: 'SUCCEEDED' })))
  for (const id of ['\ud800', '..', '', 'a/../b']) {
    expect(await fetchFrom(adapterFor(url), 'image', id)).toMatchObject({ kind: 'unclear' })
  }
  const odd = adapterFor(url).fetch(
    { operation: 'x', upstreamTaskId: 'a' },
    { key, signal: new AbortController().signal },
  )
  expect(await odd).toMatchObject({ kind: 'unclear' })
})

test('callbacks point at a task, and nothing else in them is read', () => {
  const { readCallback } = adapterFor('http://127.0.0.1:1')
  const callback = { code: 1, task_type: 'image_to_video', data: { task_id: 'i2v-1', status: 'FAILED' } }
  expect(readCallback(callback)).toEqual({ operation: 'image_to_video', upstreamTaskId: 'i2v-1' })
  expect(readCallback({ task_type: 'image_generate', data: { task_id: 'x'.repeat(200) } })).not.toBeNull()
  const none = [null, 'x', [], {}, { task_type: 'image_generate' }, { ...callback, task_type: 'speech' }]
  expect(readCallback({ task_type: ' Image_Generate', data: [{ taskId: 7 }] })).toEqual({
    operation: 'image_generate',
    upstreamTaskId: '7',
  })
  const ids = ['', 'x'.repeat(201), -7, 0.5, null, {}, 'a b', '..', '\u0000'].map((task_id) => ({
    ...callback,
    data: { task_id },
  }))
  for (const body of [...none, ...ids]) expect(readCallback(body), JSON.stringify(body)).toBeNull()
})
