// A result is kept by us before the customer sees it; one that cannot be is passed on, and tried again while it is there.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimKeeps } from '../../src/tasks/results/downloads.ts'
import {
  bytes,
  cutOff,
  expectWhole,
  html,
  mp4,
  openMediaHarness,
  ours,
  png,
  status,
  svg,
} from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs
const dayMs = 24 * 60 * minuteMs
const seconds = (ms: number) => Math.floor(ms / 1000)

const outcomes = async ({ ctx }: MediaHarness): Promise<Record<string, number>> => {
  const lines = (await ctx.metrics.registry.metrics()).matchAll(
    /^tollgate_media_kept_total\{store="disk",outcome="(\w+)"\} (\d+)$/gm,
  )
  return Object.fromEntries([...lines].map(([, outcome = '', count]) => [outcome, Number(count)]))
}

/** As whole as it can be, and yet nobody can tell. */
const endedByItsConnection = (_request: unknown, response: any) =>
  response.socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n'), png]))

test('a result is the customer’s when it is kept by us, with our URL and the bytes that were made', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  harness.files.serve['/t.png'] = bytes(png)
  const id = await harness.made({ thumbnail: '/t.png' })
  expect(await harness.task(id)).toMatchObject({ state: 'storing', finishedAt: null })
  // Until then nobody is shown where the upstream has it.
  expect(await harness.view(id)).toMatchObject({ task_status: 2, image_url: null, thumbnail_url: null })
  await expectWhole(harness)

  await harness.turn()
  const seen = await harness.view(id)
  expect(seen).toMatchObject({ task_status: 3, image_url: expect.stringMatching(ours), credits_refunded: 0 })
  expect(seen.thumbnail_url).toMatch(ours)
  expect(seen.thumbnail_url).not.toBe(seen.image_url)
  expect(seen).toMatchObject({
    result_expires_at: seconds(harness.clock.now() + 10 * dayMs),
    result_expired: false,
  })
  const { kept, incoming } = harness.onDisk()
  expect(kept).toHaveLength(2)
  expect(incoming).toEqual([])
  const name = seen.image_url?.split('/').at(-1) ?? ''
  const path = join(harness.ctx.config.dataDir, 'media', name.slice(0, 2), name.slice(2, 4), name)
  expect(readFileSync(path).equals(png)).toBe(true)
  expect(await outcomes(harness)).toEqual({ kept: 2 })
  expect(await claimKeeps(harness.ctx, 10)).toEqual([])
  await expectWhole(harness)
})

test('a video is kept as a video', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/v'] = bytes(mp4, { 'content-type': 'text/plain' })
  const id = await harness.made({ video: '/v' })
  await harness.turn()
  expect((await harness.view(id)).video_url).toMatch(/\.mp4$/)
})

test.each([
  ['without PUBLIC_URL', { publicUrl: '' }],
  ['with store: none', { media: 'store: none' }],
])('%s the upstream’s URL is passed on at once', async (_name, options) => {
  const harness = await openMediaHarness(options)
  const id = await harness.made()
  expect(await harness.view(id)).toMatchObject({
    task_status: 3,
    image_url: `${harness.files.origin}/a.png`,
    result_expires_at: seconds(harness.clock.now() + 7 * dayMs),
  })
  expect(harness.files.asked).toEqual([])
})

test.each([
  ['more than may be kept', bytes(Buffer.concat([png, Buffer.alloc(1_100_000)]))],
  [
    'more than may be kept, of a length that is not told',
    (_request: unknown, response: any) => response.end(Buffer.concat([png, Buffer.alloc(1_100_000)])),
  ],
])('what is refused for good is passed on at once and never asked for again: %s', async (_name, serve) => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = serve
  const id = await harness.made()
  await harness.turn()
  expect(await harness.view(id)).toMatchObject({ task_status: 3, image_url: `${harness.files.origin}/a.png` })
  expect(harness.onDisk()).toEqual({ kept: [], incoming: [] })
  expect(await outcomes(harness)).toEqual({ refused: 1 })
  harness.clock.advance(6 * dayMs)
  await harness.turn()
  expect(harness.files.asked).toHaveLength(1)
  await expectWhole(harness)
})

test.each([
  ['that is cut off', cutOff],
  ['of HTML called PNG', bytes(html, { 'content-type': 'image/png' })],
  ['of SVG', bytes(svg, { 'content-type': 'image/png' })],
  ['of text that begins like a GIF', bytes(Buffer.from('GIF<script>alert(1)</script>'))],
  ['that is a video', bytes(mp4)],
  ['of nothing at all', bytes(Buffer.alloc(0))],
  ['whose end is that of its connection', endedByItsConnection],
  ['that is not there yet', status(404)],
  ['that is forbidden', status(403)],
  ['whose server fails', status(503)],
])('a file %s is tried again within a minute, and the task waits for it', async (_name, serve) => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = serve
  const id = await harness.made()
  await harness.turn()
  expect((await harness.task(id)).state).toBe('storing')
  expect(harness.onDisk()).toEqual({ kept: [], incoming: [] })
  harness.files.serve['/a.png'] = bytes(png)
  await harness.turn()
  expect(harness.files.asked, 'not before its time').toHaveLength(1)
  harness.clock.advance(5 * secondMs)
  await harness.turn()
  expect(await harness.view(id)).toMatchObject({ task_status: 3, image_url: expect.stringMatching(ours) })
  await expectWhole(harness)
})

test('one that cannot be had is passed on within a minute, tried for days, and replaced when it is kept at last', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = status(503)
  const id = await harness.made()
  const begunAt = harness.clock.now()
  while ((await harness.task(id)).state === 'storing') {
    await harness.turn()
    harness.clock.advance(secondMs)
  }
  expect(harness.clock.now() - begunAt).toBeLessThanOrEqual(minuteMs)
  expect(harness.files.asked).toHaveLength(4)
  const passedOn = await harness.view(id)
  expect(passedOn).toMatchObject({
    task_status: 3,
    image_url: `${harness.files.origin}/a.png`,
    result_expires_at: seconds(begunAt + 7 * dayMs),
  })
  await expectWhole(harness)

  for (let hour = 0; hour < 48; hour += 1) {
    harness.clock.advance(60 * minuteMs)
    await harness.turn()
  }
  expect(harness.files.asked.length).toBeGreaterThan(8)
  expect(harness.files.asked.length).toBeLessThan(20)
  harness.files.serve['/a.png'] = bytes(png)
  harness.clock.advance(13 * 60 * minuteMs)
  await harness.turn()
  const kept = await harness.view(id)
  expect(kept).toEqual({
    ...passedOn,
    image_url: expect.stringMatching(ours),
    result_expires_at: seconds(harness.clock.now() + 10 * dayMs),
  })
  await expectWhole(harness)
})

test('nobody asks for it any more once the upstream has forgotten it', async () => {
  const harness = await openMediaHarness()
  await harness.made({ image: '/never.png' })
  for (let hours = 0; hours < 8 * 24; hours += 1) {
    await harness.turn()
    harness.clock.advance(60 * minuteMs)
  }
  const tries = harness.files.asked.length
  expect(await harness.ctx.db.read.select().from(harness.ctx.db.read.tables.keeps)).toEqual([])
  harness.clock.advance(30 * dayMs)
  await harness.turn()
  expect(harness.files.asked).toHaveLength(tries)
  expect(await outcomes(harness)).toMatchObject({ lost: 1 })
})
