// The videos that the sandbox films: they decode, last as long as asked, move, and are what the query says.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBits } from '../../sandbox/encode/bits.ts'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { makeVideo, query } from './client.ts'
import { readMp4 } from './mp4.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ videoMs: 0 })
})
afterAll(() => sandbox.close())

async function seen(body: Record<string, unknown>) {
  return (await query(sandbox, 'image_to_video', await makeVideo(sandbox, body))).body.data
}

const image_url = 'https://example.com/a.jpg'

test.each<[string, Record<string, unknown>, number, number]>([
  ['a wide one', { duration: 4 }, 512, 288],
  ['a tall one', { duration: 6, aspect_ratio: '9:16', image_url }, 288, 512],
  ['the longest', { model: 'S', duration: 12, image_url }, 512, 288],
  [
    'the largest',
    { model: 'KL', duration: 10, aspect_resolution: '1080p', reference_images: [image_url] },
    768,
    432,
  ],
])(
  '%s decodes to the size and length that the query tells, and stays below 2 MB',
  async (_, body, width, height) => {
    const data = await seen(body)
    expect(data).toMatchObject({ width, height, duration: body['duration'] })
    const answer = await fetch(data.video_url)
    expect(answer.headers.get('content-type')).toBe('video/mp4')
    const file = Buffer.from(await answer.arrayBuffer())
    expect(file.length).toBeLessThan(2 * 1024 * 1024)
    const movie = readMp4(file)
    expect(movie).toMatchObject({
      width,
      height,
      seconds: body['duration'],
      order: ['ftyp', 'moov', 'mdat'],
      keyFrames: [1],
    })
    expect(movie.brands).toContain('avc1')
    expect(movie.frames).toHaveLength(Number(body['duration']) * 10)
  },
)

test('each frame differs from the one before, and most of the picture stays', async () => {
  const { video_url } = await seen({})
  const { frames } = readMp4(Buffer.from(await (await fetch(video_url)).arrayBuffer()))
  const first = frames[0] ?? new Uint8Array()
  expect(new Set(first).size).toBeGreaterThan(50)
  for (let at = 1; at < frames.length; at += 1) {
    const [before, now] = [frames[at - 1] ?? first, frames[at] ?? first]
    const changed = now.reduce((count, value, pixel) => count + (value === before[pixel] ? 0 : 1), 0)
    expect(changed).toBeGreaterThan(0)
    expect(changed).toBeLessThan(now.length / 8)
  }
})

test('the film of one task is not that of another', async () => {
  const [one, other] = [await seen({}), await seen({})]
  const [a, b] = await Promise.all(
    [one, other].map(async ({ video_url }) => (await fetch(video_url)).bytes()),
  )
  expect(a).not.toEqual(b)
})

test('a range of it is served as asked', async () => {
  const { video_url } = await seen({})
  const whole = await (await fetch(video_url)).bytes()
  const ask = async (range: string, method = 'GET') => {
    const answer = await fetch(video_url, { method, headers: { range } })
    return [answer.status, answer.headers.get('content-range'), await answer.bytes()] as const
  }
  const length = whole.length
  expect(await ask('bytes=0-99')).toEqual([206, `bytes 0-99/${length}`, whole.slice(0, 100)])
  expect(await ask('bytes=100-')).toEqual([206, `bytes 100-${length - 1}/${length}`, whole.slice(100)])
  expect(await ask('bytes=-10')).toEqual([
    206,
    `bytes ${length - 10}-${length - 1}/${length}`,
    whole.slice(-10),
  ])
  expect(await ask(`bytes=5-${length * 2}`)).toEqual([206, `bytes 5-${length - 1}/${length}`, whole.slice(5)])
  expect(await ask(`bytes=${length}-`)).toEqual([416, `bytes */${length}`, new Uint8Array()])
  expect((await ask('bytes=9-5'))[0]).toBe(200)
  expect(await ask('bytes=0-9', 'HEAD')).toEqual([206, `bytes 0-9/${length}`, new Uint8Array()])
})

test('bytes that would look like a start code are escaped', () => {
  const nal = createBits()
    .bytes(Buffer.from([0, 0, 0, 0, 0, 1, 7, 0, 0, 3, 0, 0]))
    .asNal(1)
  expect(nal.toString('hex')).toBe('61' + '00000300' + '00' + '030001' + '07' + '00000303' + '0000' + '80')
})
