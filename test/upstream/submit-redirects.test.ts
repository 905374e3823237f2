// A redirect as the answer to a submit: never followed, and not posted again where it says that the work was taken.
import { describe, expect, test } from 'vitest'
import { submitAnswered, type Which } from './stand-in.ts'

const endpoints: Which[] = ['image', 'video']
const operations = { image: 'image_generate', video: 'image_to_video' }
const id = 'i2is-4711abcd'
const body = { code: 0, msg: 'ok', data: { task_ids: [id] } }

describe.each(endpoints)('%s', (which) => {
  const at = (status: number, location: string | null, content: unknown = '') =>
    submitAnswered(which, status, content, location === null ? {} : { location })

  test.each([
    ['/login', ''],
    [null, ''],
    ['/v1/status', '<html>See other</html>'],
    ['/v1/status', { code: 100001, msg: 'no' }],
  ])('303 to %s is in doubt, whatever is in it', async (location, content) => {
    expect(await at(303, location, content)).toMatchObject({ kind: 'unknown' })
  })

  test('a 303 that only a page explains speaks for something else than the upstream', async () => {
    expect(await at(303, '/login', '<html>Sign in</html>')).toMatchObject({
      kind: 'unknown',
      isForeign: true,
    })
  })

  test.each([
    `/v1/${operations[which]}/${id}`,
    `https://api.keevx.example/v1/tasks/${id}/`,
    `/v1/status?task_id=${id}&wait=1`,
    `/v1/status?task=${encodeURIComponent(` ${id} `)}`,
  ])('a 303 whose place names an id was taken, and is asked about: %s', async (location) => {
    expect(await at(303, location)).toMatchObject({ kind: 'accepted', taskIds: [id] })
    expect(await at(202, location)).toMatchObject({ kind: 'accepted', taskIds: [id] })
  })

  test.each([301, 302, 307, 308])('a %i whose place names a work is in doubt', async (status) => {
    for (const location of [`/v1/tasks/${id}`, `/v1/${operations[which]}/8f3a`, `/s?task_id=${id}`])
      expect(await at(status, location)).toMatchObject({ kind: 'unknown' })
    expect(await at(status, '/login', body), 'ids in the body').toEqual({ kind: 'accepted', taskIds: [id] })
  })

  test.each([301, 302, 307, 308])('a %i to another address of the same call is retried', async (status) => {
    for (const location of [
      `https://eu.keevx.example/v1/${operations[which]}`,
      `/v1/${operations[which]}/`,
      `/v1/${operations[which]}/?lang=en`,
      '/v1/i2is-pro',
      `/${'x'.repeat(5_000)}/${id}`,
    ])
      expect(await at(status, location)).toMatchObject({ kind: 'ambiguous' })
  })

  test('a place that names more works than were ordered is not clear, and nothing is posted again', async () => {
    const many = Array.from({ length: 12 }, (_, each) => `${id}${each}`).join(',')
    expect(await at(303, `/v1/status?ids=${many}`)).toMatchObject({ kind: 'unknown' })
  })
})
