// Who refuses an order: Keevx in its own words, or something before it that knows nothing of keys and tasks.
import { describe, expect, test } from 'vitest'
import { submitAnswered, type Which } from './stand-in.ts'

const endpoints: Which[] = ['image', 'video']
const page = '<html><body><h1>403 Forbidden</h1></body></html>'

describe.each(endpoints)('%s', (which) => {
  test('401 alone speaks of the key, whatever code is beside it, and 429 of its limit', async () => {
    const retry = { code: 530003, msg: 'try again' }
    for (const body of [retry, page, {}, '']) {
      expect(await submitAnswered(which, 401, body)).toMatchObject({ kind: 'key_rejected' })
      expect(await submitAnswered(which, 429, body)).toMatchObject({ kind: 'rate_limited' })
    }
  })

  test.each([402, 403, 405, 410, 451])('%i is trouble of this order, whoever says it', async (status) => {
    for (const body of [page, {}, { code: status, msg: 'no' }, { code: 100001, msg: 'no' }]) {
      expect(await submitAnswered(which, status, body)).toMatchObject({ kind: 'order_trouble', status })
    }
  })

  test.each([
    ['a page', page],
    ['nothing', ''],
    ['an answer of a gateway', { message: 'no Route matched with those values' }],
    ['the same of another', { error: { code: 404, message: 'Not Found' } }],
    ['a code without words', { code: 777 }],
    ['a list', [1]],
  ])('4xx that is not of Keevx itself is trouble of this order: %s', async (_name, body) => {
    for (const status of [400, 404, 409, 413, 418, 422]) {
      const answered = await submitAnswered(which, status, body)
      expect(answered).toMatchObject({ kind: 'order_trouble', status })
      expect(answered).toHaveProperty('detail', expect.stringContaining(`HTTP ${status}`))
    }
  })

  test.each([400, 404, 409, 413, 422])(
    "%i in Keevx's own envelope is refused, with a reason",
    async (status) => {
      const answered = await submitAnswered(which, status, { code: 100999, msg: 'no' })
      expect(answered).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(/^The request was refused as/),
        detail: `HTTP ${status}, code 100999: no`,
      })
    },
  )

  test('404 that says nothing but 404 is of any router', async () => {
    for (const code of [404, '404', 400, 500]) {
      const answered = await submitAnswered(which, 404, { code, msg: 'Not Found' })
      expect(answered).toMatchObject({ kind: 'order_trouble', status: 404 })
    }
    expect(await submitAnswered(which, 413, { code: 413, msg: 'Too large' })).toMatchObject({
      kind: 'refused',
      reason: 'The request was refused as too large.',
    })
  })
})
