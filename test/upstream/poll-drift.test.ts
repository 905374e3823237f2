// Answers to a query that are written otherwise than documented, and those that Keevx never gave.
import { describe, expect, test } from 'vitest'
import { fetchAnswered, type Which } from './stand-in.ts'

const endpoints: Which[] = ['image', 'video']
const urls: Record<Which, Record<string, string>> = {
  image: { image_url: 'https://cdn.example/a.png', video_url: '' },
  video: { image_url: '', video_url: 'https://cdn.example/a.mp4' },
}

const told = (fields: object) => ({ code: 0, msg: 'ok', data: { task_id: 'task-1', ...fields } })

describe.each(endpoints)('%s', (which) => {
  test('a word that is not known is told apart, so that it is counted', async () => {
    expect(await fetchAnswered(which, 200, told({ status: 'cancelled' }))).toEqual({
      kind: 'unclear',
      detail: 'an unknown status: CANCELLED',
      isUnknownStatus: true,
    })
  })

  test.each([
    ['succeeded', 'succeeded'],
    [' Succeeded\n', 'succeeded'],
    ['failed', 'failed'],
    ['Pending', 'pending'],
    ['generating', 'running'],
    ['processing ', 'running'],
  ])('the case of the status and spaces around it do not count: %j', async (status, kind) => {
    expect(await fetchAnswered(which, 200, told({ status, ...urls[which] }))).toMatchObject({ kind })
  })

  test.each(['success', ' Completed\n', 'DONE', 'finished', 'succeed', 'complete'])(
    'beside the documented URL another word for success is one, and without it none: %j',
    async (status) => {
      const done = told({ status, ...urls[which] })
      expect(await fetchAnswered(which, 200, done)).toMatchObject({ kind: 'succeeded' })
      const other = urls[which === 'image' ? 'video' : 'image']
      for (const fields of [{}, other, { error_message: 'bad' }]) {
        expect(await fetchAnswered(which, 200, told({ status, ...fields }))).toMatchObject({
          kind: 'unclear',
          isUnknownStatus: true,
        })
      }
      expect(await fetchAnswered(which, 200, { ...done, code: 777 })).toMatchObject({ kind: 'unclear' })
    },
  )

  test('another word for failure is one only with all that is documented for a failure', async () => {
    const failure = { status: ' failure ', error_message: 'The prompt is not allowed.' }
    expect(await fetchAnswered(which, 200, told(failure))).toMatchObject({
      kind: 'failed',
      reason: 'The prompt is not allowed.',
    })
    const { data } = told(failure)
    const others = [
      told({ ...failure, error_message: ' ' }),
      told({ ...failure, error_message: undefined }),
      told({ ...failure, ...urls[which] }),
      { code: 0, msg: 'ok', data: { ...data, task_id: '' } },
      { code: 200, msg: 'ok', data },
      { code: 0, data },
      { data },
      ...['ERROR', 'CANCELLED', 'TIMEOUT', 'REJECTED'].map((status) => told({ ...failure, status })),
    ]
    for (const body of others) {
      expect(await fetchAnswered(which, 200, body), JSON.stringify(body)).toMatchObject({ kind: 'unclear' })
    }
  })

  test.each([
    ['https://cdn.example/\u202egnp.x', 'https://cdn.example/%E2%80%AEgnp.x'],
    ['https://cdn.example/"><script>x', 'https://cdn.example/%22%3E%3Cscript%3Ex'],
    ['https://cdn.example/a?b="<>#"<>', 'https://cdn.example/a?b=%22%3C%3E#%22%3C%3E'],
    ['https://cdn.example/\u2066\u200b\u200f.png', 'https://cdn.example/%E2%81%A6%E2%80%8B%E2%80%8F.png'],
    ['HTTPS://CDN.example:443/图.png', 'https://cdn.example/%E5%9B%BE.png'],
    ['https://cdn.example/a%2Fb?X-Sig=a%2Bb%3D&c=d+e', 'https://cdn.example/a%2Fb?X-Sig=a%2Bb%3D&c=d+e'],
  ])('a URL is passed on in its normal form: %s', async (url, href) => {
    const field = which === 'image' ? 'image_url' : 'video_url'
    const done = told({ status: 'SUCCEEDED', [field]: url, thumbnail_url: url })
    const result = { [which === 'image' ? 'imageUrl' : 'videoUrl']: href, thumbnailUrl: href }
    expect(await fetchAnswered(which, 200, done)).toMatchObject({ kind: 'succeeded', result })
  })

  test.each([{ code: '0' }, { code: ' 0 ' }, { code: 200 }, { code: '200' }])(
    'success may be told as %j',
    async (code) => {
      const done = { ...told({ status: 'SUCCEEDED', ...urls[which] }), ...code }
      expect(await fetchAnswered(which, 200, done)).toMatchObject({ kind: 'succeeded' })
    },
  )

  test('without a code an answer counts that names the task that was asked for, and no other', async () => {
    const { data } = told({ status: 'SUCCEEDED', ...urls[which] })
    expect(await fetchAnswered(which, 200, { data })).toMatchObject({ kind: 'succeeded' })
    expect(await fetchAnswered(which, 200, { data: { ...data, task_id: '' } })).toMatchObject({
      kind: 'unclear',
    })
    expect(await fetchAnswered(which, 200, { code: null, data })).toMatchObject({ kind: 'unclear' })
  })

  test.each([
    ['spaces around', (url: string) => ` ${url}\n`],
    ['a list of one', (url: string) => [url]],
  ])('a URL with %s is that URL', async (_name, wrapped) => {
    const field = which === 'image' ? 'image_url' : 'video_url'
    const url = urls[which][field] ?? ''
    const done = told({ status: 'SUCCEEDED', [field]: wrapped(url) })
    const result = which === 'image' ? { imageUrl: url } : { videoUrl: url }
    expect(await fetchAnswered(which, 200, done)).toMatchObject({ kind: 'succeeded', result })
    const camel = told({ status: 'SUCCEEDED', [which === 'image' ? 'imageUrl' : 'videoUrl']: url })
    expect(await fetchAnswered(which, 200, camel)).toMatchObject({ kind: 'succeeded', result })
    const many = told({ status: 'SUCCEEDED', [field]: Array(5_000).fill(url) })
    expect(await fetchAnswered(which, 200, many)).toMatchObject({ kind: 'unclear' })
  })

  test('of what is unclear the shape is told, and no value', async () => {
    const odd = { code: 0, msg: 'ok', data: { state: 7, urls: [{ u: 'https://cdn.example/secret' }] } }
    expect(await fetchAnswered(which, 200, odd)).toEqual({
      kind: 'unclear',
      detail:
        'HTTP 200, code 0, { code: number, msg: text, data: { state: number, urls: list of 1 of object } }: ok',
    })
  })

  test.each([
    ['a page', '<html>Not Found</html>'],
    ['nothing', ''],
    ['an answer of a gateway', { message: 'no Route matched with those values' }],
    ['a code without words', { code: 404 }],
    ['another API', { error: 'not_found', status: 404 }],
  ])(
    'what is not of Keevx itself says nothing of the task, and is known as foreign: %s',
    async (_name, body) => {
      for (const status of [404, 410, 400, 403]) {
        expect(await fetchAnswered(which, status, body)).toMatchObject({ kind: 'unclear', isForeign: true })
      }
    },
  )

  test('404 that says nothing but 404 is of any router', async () => {
    for (const code of [404, '404']) {
      const answered = await fetchAnswered(which, 404, { code, msg: 'Not Found' })
      expect(answered).toMatchObject({ kind: 'unclear', isForeign: true })
    }
  })

  test('a portal that answers 200 with its page is foreign, an outage is not', async () => {
    expect(await fetchAnswered(which, 200, '<html>')).toMatchObject({ kind: 'unclear', isForeign: true })
    for (const status of [500, 502, 408]) {
      expect(await fetchAnswered(which, status, '<html>')).not.toHaveProperty('isForeign')
    }
  })
})
