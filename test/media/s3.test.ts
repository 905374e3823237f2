// The same promises where results lie in an S3 bucket: kept, served in ranges, linked to, removed; and none of its secrets shown.
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { ConfigError } from '../../src/config/problems.ts'
import { buildServer } from '../../src/http/server.ts'
import { removeFile } from '../../src/media/remove.ts'
import { claimRemovals } from '../../src/tasks/results/expire.ts'
import { bytes, mp4, openMediaHarness, readiness, png } from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'
import { openBucket } from './bucket.ts'
import type { Bucket } from './bucket.ts'

const dayMs = 24 * 60 * 60_000

let bucket: Bucket
beforeEach(async () => {
  bucket = await openBucket()
})
afterEach(async () => await bucket.close())

async function kept(more = ''): Promise<{ harness: MediaHarness; id: string; path: string; url: string }> {
  const harness = await openMediaHarness({ media: `${bucket.yaml}, retention: 10d, max_bytes: 1MB${more}` })
  harness.files.serve['/v.mp4'] = bytes(mp4)
  const id = await harness.made({ video: '/v.mp4' })
  await harness.turn()
  const { video_url } = await harness.view(id)
  const path = new URL(video_url ?? '').pathname
  return { harness, id, path, url: await serve(harness, path) }
}

/** The gateway's own server over the harness's store. */
async function serve(harness: MediaHarness, path: string): Promise<string> {
  const server = await buildServer(harness.ctx, readiness)
  onTestFinished(async () => await server.close())
  return `${await server.listen({ host: '127.0.0.1', port: 0 })}${path}`
}

const objectOf = (path: string) => `/results${path}`

test('a result is put into the bucket whole, with its length, its type and its sum, and nothing stays on the disk', async () => {
  const { harness, id, path } = await kept()
  expect(await harness.view(id)).toMatchObject({ task_status: 3, video_url: expect.stringMatching(/\.mp4$/) })
  expect(bucket.asked).toHaveLength(1)
  const [put] = bucket.asked
  expect(put).toMatchObject({
    method: 'PUT',
    url: objectOf(path),
    headers: {
      'content-length': String(mp4.length),
      'content-type': 'video/mp4',
      'x-amz-content-sha256': createHash('sha256').update(mp4).digest('hex'),
    },
  })
  expect(put?.headers['transfer-encoding']).toBeUndefined()
  expect(harness.onDisk()).toEqual({ kept: [], incoming: [] })
})

test('it is served through us, whole and in ranges, with our headers and none of the bucket’s', async () => {
  const { url } = await kept()
  const whole = await fetch(url)
  expect(whole.status).toBe(200)
  expect(Buffer.from(await whole.arrayBuffer()).equals(mp4)).toBe(true)
  expect(whole.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
  expect([...whole.headers.keys()].filter((name) => name.startsWith('x-amz'))).toEqual([])
  const part = await fetch(url, { headers: { range: 'bytes=100-199999' } })
  expect(part.status).toBe(206)
  expect(part.headers.get('content-range')).toBe(`bytes 100-199999/${mp4.length}`)
  expect(Buffer.from(await part.arrayBuffer()).equals(mp4.subarray(100, 200_000))).toBe(true)
  expect((await fetch(url, { method: 'HEAD' })).headers.get('content-length')).toBe(String(mp4.length))
})

test('with presign a reader is sent to the bucket by a link that ends soon', async () => {
  const { url, path } = await kept(', presign: true')
  const sent = await fetch(url, { redirect: 'manual' })
  expect(sent.status).toBe(302)
  expect(sent.headers.get('cache-control')).toBe('no-store')
  const link = new URL(sent.headers.get('location') ?? '')
  expect(link.origin + link.pathname).toBe(bucket.endpoint + objectOf(path))
  expect(link.searchParams.get('X-Amz-Expires')).toBe('300')
  const opened = await fetch(link, { headers: { range: 'bytes=0-9' } })
  expect(Buffer.from(await opened.arrayBuffer()).equals(mp4.subarray(0, 10))).toBe(true)
  link.searchParams.set('X-Amz-Expires', '9999')
  expect((await fetch(link)).status, 'nobody makes it last longer').toBe(403)
})

test('a bucket that fails is tried again, and its result passed on meanwhile', async () => {
  bucket.failures.push(503, 403, 500, 503)
  const harness = await openMediaHarness({ media: `${bucket.yaml}, retention: 10d` })
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  for (let second = 0; second < 60; second += 1) {
    await harness.turn()
    harness.clock.advance(1_000)
  }
  expect(await harness.view(id)).toMatchObject({ task_status: 3, image_url: `${harness.files.origin}/a.png` })
  expect(bucket.asked).toHaveLength(4)
  expect(harness.onDisk().incoming).toEqual([])
  harness.clock.advance(10 * 60_000)
  await harness.turn()
  expect((await harness.view(id)).image_url).toContain('/media/')
  // What the failed tries may have left there is removed like anything else that is nobody's.
  harness.clock.advance(31 * 60_000)
  await harness.turn()
  expect(bucket.asked.filter(({ method }) => method === 'DELETE')).toHaveLength(4)
})

test('what was kept long enough is removed from the bucket; a bucket that fails is asked again', async () => {
  const { harness, url, path } = await kept()
  harness.clock.advance(10 * dayMs)
  bucket.failures.push(500)
  await expect(harness.turn()).rejects.toThrow('the S3 store would not remove a file: it answered 500')
  expect((await fetch(url)).status).toBe(404)
  harness.clock.advance(60 * 60_000)
  await harness.turn()
  expect(bucket.asked.at(-1)).toMatchObject({ method: 'DELETE', url: objectOf(path) })
  expect(await harness.ctx.db.read.select().from(harness.ctx.db.read.tables.media)).toEqual([])
})

test('an object that is gone is not found; a bucket that fails is our failure, without a word of it', async () => {
  const { url } = await kept()
  bucket.failures.push(404)
  expect((await fetch(url)).status).toBe(404)
  bucket.failures.push(403)
  const failed = await fetch(url)
  expect(failed.status).toBe(503)
  expect(failed.headers.get('retry-after')).toBe('5')
  expect(await failed.text()).not.toMatch(/S3|bucket|127\.0\.0\.1/)
})

test('a HEAD with presign leads to a link that is good for a HEAD', async () => {
  const { url } = await kept(', presign: true')
  const answered = await fetch(url, { method: 'HEAD' })
  expect(answered.status).toBe(200)
  expect(answered.headers.get('content-length')).toBe(String(mp4.length))
})

test.each(['disk', 'none'])(
  'with store: %s after it, what lies in the bucket is served and removed as promised',
  async (store) => {
    const { harness, path } = await kept()
    const later = await openMediaHarness({ media: bucket.yaml.replace('store: s3', `store: ${store}`) })
    const { metrics, config } = later.ctx
    expect(config.media.store).toBe(store)
    const ctx = { ...harness.ctx, metrics, config: { ...harness.ctx.config, media: config.media } }
    const response = await fetch(await serve({ ...harness, ctx }, path))
    expect(response.status).toBe(200)
    expect(Buffer.from(await response.arrayBuffer()).equals(mp4)).toBe(true)
    harness.clock.advance(10 * dayMs)
    for (const file of await claimRemovals(ctx, 10)) await removeFile(ctx, file)
    expect(bucket.asked.at(-1)).toMatchObject({ method: 'DELETE', url: objectOf(path) })
  },
)

test('a wrong secret keeps nothing', async () => {
  const media = bucket.yaml.replace(/secret_access_key: \w+/, 'secret_access_key: WRONG')
  const harness = await openMediaHarness({ media })
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  await harness.turn()
  expect(bucket.asked).toHaveLength(1)
  expect(await harness.view(id)).toMatchObject({ task_status: 3, image_url: `${harness.files.origin}/a.png` })
  expect(harness.ctx.resultStore.report()).toMatchObject({
    state: 'down',
    lastError: { words: expect.stringContaining('the key or its secret is wrong') },
  })
})

test('a file that one PUT cannot hold is refused by the configuration', async () => {
  await expect(openMediaHarness({ media: `${bucket.yaml}, max_bytes: 6GB` })).rejects.toThrow(ConfigError)
})
