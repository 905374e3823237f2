// What is sent to a site of the tasks API, and what each of its answers to a create means.
import { describe, expect, test } from 'vitest'
import { key, rawStandIn, reply, standIn } from '../stand-in.ts'
import { adapterFor, options, order, orderKey, refusal, submitAnswered } from './site.ts'

/** As "Open API" documents it. */
const documented = {
  code: 200,
  msg: '提交成功,等待生成',
  data: { task_id: 'abcdef123456', request_id: 'kie_xxxxxxxxxxxx', credits: 15 },
}

test('the order is posted with its key and without a callback, so that a repeated post is the same', async () => {
  const site = await standIn((response) => reply(response, 200, documented))
  await adapterFor(`${site.url}/api/v1/`).submit({ ...order, count: 1 }, options)
  const [asked] = site.asked
  expect([asked?.method, asked?.path]).toEqual(['POST', '/api/v1/tasks/create'])
  expect(asked?.headers).toMatchObject({ authorization: `Bearer ${key}`, 'idempotency-key': orderKey })
  expect(JSON.parse(String(asked?.body))).toEqual({
    model_id: 'gpt-image-2',
    prompt: 'a heron at dawn',
    image_urls: ['https://images.example/a.png'],
    aspect_ratio: '16:9',
    resolution: '2K',
    generate_count: 1,
  })
})

test('a film says its seconds, its sound and its last frame', async () => {
  const site = await standIn((response) => reply(response, 200, documented))
  const film = {
    ...order,
    durationSeconds: 8,
    generateAudio: false,
    endImageUrl: 'https://images.example/z.png',
  }
  await adapterFor(site.url).submit(film, options)
  expect(JSON.parse(String(site.asked[0]?.body))).toMatchObject({
    duration: 8,
    generate_audio: false,
    end_image_url: 'https://images.example/z.png',
  })
})

describe('accepted', () => {
  test.each<[string, unknown, string[]]>([
    ['the documented answer', documented, ['abcdef123456']],
    ['several outputs', { ...documented, data: { task_id: 'a1', task_ids: ['a1', 'b2'] } }, ['a1', 'b2']],
    ['fields beside data', { code: 200, msg: 'ok', data: null, task_id: 'abcdef123456' }, ['abcdef123456']],
    [
      'ids beside a code of failure',
      { ...refusal('internal'), data: { task_id: 'abcdef123456' } },
      ['abcdef123456'],
    ],
    ['a number as the id', { ...documented, data: { task_id: 123456 } }, ['123456']],
  ])('%s', async (_which, body, taskIds) => {
    expect(await submitAnswered(200, body)).toEqual({ kind: 'accepted', taskIds })
  })
})

describe('not accepted', () => {
  test.each<[string, number, unknown, object]>([
    [
      'a field',
      200,
      refusal('invalid_request', 'prompt: is too long'),
      { kind: 'refused', reason: 'prompt: is too long' },
    ],
    [
      'words alone',
      200,
      { code: 0, msg: '提示词包含敏感内容', data: null },
      { kind: 'refused', reason: '提示词包含敏感内容' },
    ],
    ['a body that is too large', 413, refusal('payload_too_large'), { kind: 'refused' }],
    ['no credits there', 200, refusal('insufficient_credits'), { kind: 'order_trouble', status: 402 }],
    [
      'no credits, in words',
      200,
      { code: 0, msg: '积分不足', data: null },
      { kind: 'order_trouble', status: 402 },
    ],
    [
      'no credits, in English',
      200,
      { code: 0, msg: 'Insufficient balance', data: null },
      { kind: 'order_trouble', status: 402 },
    ],
    ['a model that it does not sell', 200, refusal('unknown_model'), { kind: 'order_trouble', status: 404 }],
    ['a path that is not there', 404, refusal('not_found'), { kind: 'order_trouble', status: 404 }],
    ['a page of a firewall', 403, '<html>blocked</html>', { kind: 'order_trouble', status: 403 }],
    ['a wrong key', 401, refusal('unauthorized'), { kind: 'key_rejected' }],
    ['an account that is suspended', 200, refusal('account_suspended'), { kind: 'key_rejected' }],
    ['too many requests', 429, refusal('rate_limited'), { kind: 'rate_limited' }],
    ['too many tasks', 200, refusal('too_many_tasks'), { kind: 'rate_limited', retryAfterMs: null }],
  ])('%s', async (_which, status, body, outcome) => {
    expect(await submitAnswered(status, body)).toMatchObject(outcome)
  })
})

describe('perhaps accepted', () => {
  test.each<[string, number, unknown, object]>([
    ['a failure of the site', 503, refusal('unavailable'), { kind: 'ambiguous', cause: 'server_error' }],
    ['an internal one', 500, refusal('internal'), { kind: 'ambiguous', cause: 'server_error' }],
    ['a page of a proxy', 502, '<html>Bad Gateway</html>', { kind: 'ambiguous', cause: 'server_error' }],
    ['an order that it knows with another body', 200, refusal('idempotency_mismatch'), { kind: 'unknown' }],
    ['success without an id', 200, { code: 200, msg: 'ok', data: {} }, { kind: 'unknown' }],
    ['half an answer', 200, '{"code":200,"da', { kind: 'unknown' }],
  ])('%s', async (_which, status, body, outcome) => {
    expect(await submitAnswered(status, body)).toMatchObject(outcome)
  })

  test('a connection that breaks', async () => {
    const { url } = await rawStandIn((socket) => socket.destroy())
    const outcome = await adapterFor(url).submit(order, options)
    expect(outcome).toMatchObject({ kind: 'ambiguous', cause: 'broken_connection' })
  })
})

test('the id of a refused request is no id of work', async () => {
  for (const type of ['invalid_request', 'rate_limited', 'internal']) {
    expect((await submitAnswered(200, refusal(type))).kind, type).not.toBe('accepted')
  }
})

test('a reason names neither the site nor its key', async () => {
  const words = `https://inner.example/api/v1 refused ${key}: bad picture`
  const outcome = await submitAnswered(200, refusal('invalid_request', words))
  expect(outcome).toMatchObject({ kind: 'refused', reason: expect.stringContaining('bad picture') })
  expect(JSON.stringify(outcome)).not.toContain(key)
  expect('reason' in outcome && outcome.reason).not.toContain('inner.example')
})
