// How long a 429 asks us to wait, and how far that is believed.
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { submitAnswered } from './stand-in.ts'

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
    // No date that can be read: our own clock counts.
    const headers = { 'retry-after': text, date: 'soon' }
    const answered = await submitAnswered('image', 429, '', headers, { clock })
    expect(answered).toMatchObject({ kind: 'rate_limited', retryAfterMs: ms })
  })

  test.each([
    ['is ahead of ours', 'Thu, 01 Jan 2026 00:50:00 GMT', 'Thu, 01 Jan 2026 00:50:05 GMT'],
    ['is behind ours', 'Wed, 31 Dec 2025 20:00:00 GMT', 'Wed, 31 Dec 2025 20:00:05 GMT'],
  ])('as a date is read by the clock of who sent it, which %s', async (_name, date, text) => {
    const headers = { 'retry-after': text, date }
    const answered = await submitAnswered('image', 429, '', headers, { clock })
    expect(answered).toMatchObject({ kind: 'rate_limited', retryAfterMs: 5_000 })
  })

  test.each([
    ['a page', '<html>Too many requests</html>', true],
    ['words', 'error code: 1015', true],
    ['a list', '[]', true],
    ['nothing', '', undefined],
    ['an answer of Keevx', '{"code":100029,"msg":"too many","data":null}', undefined],
    ['an answer of a gateway', '{"message":"API rate limit exceeded"}', undefined],
  ])('429 with %s: only what no API says is bounded at a minute', async (_name, body, isPage) => {
    const answered = await submitAnswered('image', 429, body, { 'retry-after': '86400' }, { clock })
    const retryAfterMs = isPage ? 60_000 : 3_600_000
    expect(answered).toEqual({ kind: 'rate_limited', retryAfterMs, detail: expect.any(String), isPage })
  })

  test('none is null', async () => {
    expect(await submitAnswered('image', 429, '')).toMatchObject({ kind: 'rate_limited', retryAfterMs: null })
  })
})
