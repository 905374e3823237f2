// What a site of the tasks API says about a task.
import { describe, expect, test } from 'vitest'
import { key } from '../stand-in.ts'
import { fetchAnswered, refusal } from './site.ts'

const image = {
  task_id: 'abcdef123456',
  task_status: 3,
  task_type: 'image',
  model_id: 'gpt-image-2',
  image_url: 'https://cdn.example/a.png',
  video_url: null,
  audio_url: null,
  credits: 15,
  created_at: 1_730_000_000,
}
const told = (fields: object) => ({ code: 200, msg: 'ok', data: { ...image, ...fields } })

test('the documented answer is a success', async () => {
  expect(await fetchAnswered(200, told({}))).toEqual({
    kind: 'succeeded',
    result: {
      imageUrl: 'https://cdn.example/a.png',
      videoUrl: null,
      thumbnailUrl: null,
      width: null,
      height: null,
      durationSeconds: null,
      keptUntilMs: null,
    },
  })
})

test('what else a tollgate tells of a film is read', async () => {
  const film = {
    task_type: 'video',
    image_url: null,
    video_url: 'https://cdn.example/a.mp4',
    thumbnail_url: 'https://cdn.example/a.png',
    width: 1280,
    height: 720,
    duration: 8,
    result_expires_at: 1_730_086_400,
  }
  expect(await fetchAnswered(200, told(film))).toMatchObject({
    kind: 'succeeded',
    result: {
      videoUrl: 'https://cdn.example/a.mp4',
      thumbnailUrl: 'https://cdn.example/a.png',
      width: 1280,
      height: 720,
      durationSeconds: 8,
      keptUntilMs: 1_730_086_400_000,
    },
  })
})

test.each<[string, number, unknown, object]>([
  ['queued', 200, told({ task_status: 1 }), { kind: 'pending' }],
  ['running', 200, told({ task_status: 2 }), { kind: 'running' }],
  ['a status in quotes', 200, told({ task_status: '2' }), { kind: 'running' }],
  ['fields beside data', 200, { code: 200, msg: 'ok', ...image, data: null }, { kind: 'succeeded' }],
  ['an unknown status', 200, told({ task_status: 9 }), { kind: 'unclear', isUnknownStatus: true }],
  ['success without a URL', 200, told({ image_url: null }), { kind: 'unclear' }],
  [
    'an image with the URL of a film',
    200,
    told({ image_url: null, video_url: 'https://a.example/b' }),
    { kind: 'unclear' },
  ],
  ['another task', 200, told({ task_id: 'another' }), { kind: 'unclear' }],
  ['a task beside code 0', 200, { ...told({}), code: 0 }, { kind: 'unclear' }],
  ['a task that it does not know', 200, refusal('not_found'), { kind: 'missing' }],
  ['a path that it does not know', 404, refusal('not_found'), { kind: 'unclear', isForeign: true }],
  ['a page', 200, '<html></html>', { kind: 'unclear', isForeign: true }],
  ['an outage', 503, refusal('unavailable'), { kind: 'unclear' }],
  ['a key that is wrong', 401, refusal('unauthorized'), { kind: 'key_rejected' }],
  ['too many requests', 429, refusal('rate_limited'), { kind: 'rate_limited' }],
])('%s', async (_which, status, body, observation) => {
  expect(await fetchAnswered(status, body)).toMatchObject(observation)
})

describe('failed', () => {
  const failed = (fields: object) =>
    fetchAnswered(200, told({ task_status: 4, image_url: null, error_message: 'Too dark.', ...fields }))

  test('has a reason for the customer, and for the operator whether the site gave the credits back', async () => {
    expect(await failed({ credits_refunded: 15 })).toMatchObject({
      kind: 'failed',
      reason: 'Too dark.',
      detail: expect.stringContaining('15 of 15 credits refunded'),
    })
    expect(await failed({})).toMatchObject({ detail: expect.stringContaining('no refund seen') })
  })

  test.each([null, undefined, '', 7, key])('has a plain reason where the message is %j', async (message) => {
    const seen = await failed({ error_message: message })
    expect(seen).toMatchObject({ kind: 'failed', reason: 'The generation failed.' })
    expect(JSON.stringify(seen)).not.toContain(key)
  })
})

test.each([Number.MAX_VALUE, -5, 0, 'soon', null])(
  'an expiry of %j is not believed',
  async (result_expires_at) => {
    expect(await fetchAnswered(200, told({ result_expires_at }))).toMatchObject({
      result: { keptUntilMs: null },
    })
  },
)
