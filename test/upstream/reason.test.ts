// A reason keeps what helps a customer, and loses what tells who makes the images and how.
import { expect, test, vi } from 'vitest'
import { outsidePieces, stepsMax } from '../tidy/regexes.ts'
import { stepCounter } from '../tidy/regex-steps.ts'
import { detailFrom, reasonFrom } from '../../src/upstream/answers/reason.ts'

const fallback = 'The generation failed.'

test.each([
  [
    'Content policy violation: the prompt was rejected.',
    'Content policy violation: the prompt was rejected.',
  ],
  ['提示词包含敏感内容，请修改后重试。', '提示词包含敏感内容，请修改后重试。'],
  ['The ratio must be 16:9 or 9:16, not 16:10.', 'The ratio must be 16:9 or 9:16, not 16:10.'],
  ['Duration 4.5 is too short; use 6. Then retry.', 'Duration 4.5 is too short; use 6. Then retry.'],
  ['Failed.Please retry', 'Failed.Please retry'],
  [
    'The code on the sign and the bucket of paint are unclear.',
    'The code on the sign and the bucket of paint are unclear.',
  ],
  ['At most 1048576 pixels, and 512345 were given.', 'At most 1048576 pixels, and 512345 were given.'],
])('%s stays', (message, reason) => {
  expect(reasonFrom(message, [])).toBe(reason)
})

test.each([
  ['Keevx could not read the image', 'could not read the image'],
  ['KeevxAPI生成失败，请重试', '生成失败，请重试'],
  ['Task i2v-d6b6472bcf724d0399e06d1390cb964e failed: bad image', 'Task failed: bad image'],
  ['i2is-g7h8i9j0k1l2: face not found', 'face not found'],
  ['Cannot fetch https://user:pw@a.b/c?sig=1, retry', 'Cannot fetch retry'],
  ['Cannot fetch gs://bucket/x/y.png', 'Cannot fetch'],
  ['无法访问https://storage.googleapis.com/a/b.png请检查', '无法访问 请检查'],
  ['upstream api.keevx.com refused', 'upstream refused'],
  ['dial tcp 10.1.2.3:8080: connection refused', 'dial tcp: connection refused'],
  ['redis:6379 is down', 'is down'],
  ['xiling_us_central1_bucket: object missing, code 530002 (backend-saas-cdn)', 'object missing'],
  ['Error code: 530005, try another prompt', 'try another prompt'],
  ['530002: failed in render-bucket', 'failed in'],
  ['worker-7.render.svc.cluster.local timed out (localhost)', 'timed out'],
  ['request 550e8400-e29b-41d4-a716-446655440000 was rejected', 'request was rejected'],
  ['trace 0af7651916cd43dd8448eb211c80319c: nsfw', 'trace: nsfw'],
  ['token sk-proj-Ab12Cd34Ef56Gh78Ij90Kl expired', 'token expired'],
  ['my-secret-key was rejected', 'was rejected'],
  ['a\u0000b\u001b[2Jc\r\nd', 'a b [2Jc d'],
  ['\u202egnorw\u200b', 'gnorw'],
  ['ke\u200bevx failed', 'failed'],
])('%j becomes %j', (message, reason) => {
  expect(reasonFrom(message, ['my-secret-key'])).toBe(reason)
})

test.each([undefined, '', '   ', 'https://a.b/c', 'i2v-1', 'KEEVX', '500', '()', '\u200b'])(
  'of %j nothing is left',
  (message) => {
    expect(reasonFrom(message, [])).toBe(fallback)
  },
)

test('a reason has at most 300 characters, and cuts none in two', () => {
  const reason = reasonFrom('好😀'.repeat(1000), [])
  expect([...reason]).toHaveLength(300)
  expect(reason).toMatch(/…$/)
  expect(reason.isWellFormed()).toBe(true)
})

/** Each pattern that reads one message, with the text it is given. */
function patternsRun(message: string): (readonly [pattern: RegExp, text: string])[] {
  const spies = [vi.spyOn(RegExp.prototype, Symbol.replace), vi.spyOn(RegExp.prototype, Symbol.search)]
  reasonFrom(message, ['secret'])
  detailFrom('HTTP 500', message, ['secret'])
  const runs = spies.flatMap(({ mock }) =>
    mock.calls.map(([text], index) => [mock.contexts[index] as RegExp, text] as const),
  )
  vi.restoreAllMocks()
  expect(runs.length).toBeGreaterThan(25)
  return runs
}

test.each(outsidePieces)('twice as many %j take at most two and a half times the steps', (piece) => {
  const [once = 0, twice = 0] = [200, 400].map((characters) => {
    const message = `${piece.repeat(Math.ceil(characters / piece.length))}\u0001`
    const counted = patternsRun(message).map(([pattern, text]) => stepCounter(pattern, stepsMax)(text))
    return counted.reduce((sum, steps) => sum + steps, 0)
  })
  expect(twice).toBeLessThanOrEqual(2.5 * once)
})

test.each(['a-', 'http://', '%25', 'QUJD', '"'])(
  'a megabyte of %j is read no further than its beginning',
  (piece) => {
    const message = piece.repeat(Math.ceil(1_000_000 / piece.length))
    expect(patternsRun(message)).toEqual(patternsRun(message.slice(0, 4_000)))
  },
)

test('a detail keeps codes, ids and hosts for the operator, without secrets and the paths of URLs', () => {
  const message =
    'i2v-1 at https://u:p@cdn.example:8443/a/b?sig=2 with kx-key\nand https:\\/\\/gate.example\\/cb\\/token.'
  expect(detailFrom('HTTP 400, code 7', message, ['kx-key', ''])).toBe(
    'HTTP 400, code 7: i2v-1 at https://cdn.example:8443/… with [secret] and https:\\/\\/gate.example/…',
  )
})
