// A thumbnail is kept beside a result that is ours, or there is none: it holds nothing up, and nothing of the upstream shows.
import type { ServerResponse } from 'node:http'
import { expect, test, vi } from 'vitest'
import { claimKeeps } from '../../src/tasks/results/downloads.ts'
import { keepResult } from '../../src/tasks/results/store-result.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { bytes, cutOff, expectWhole, html, openMediaHarness, ours, png, status } from './media-harness.ts'

const secondMs = 1_000
const dayMs = 24 * 60 * 60 * secondMs
const seconds = (ms: number) => Math.floor(ms / 1000)

/** Some bytes now and then, and never an end. */
const trickling = (_request: unknown, response: ServerResponse) => {
  response.writeHead(200)
  response.write(png)
  const more = setInterval(() => response.write('.'), 10)
  response.once('close', () => clearInterval(more))
}

const large = bytes(Buffer.concat([png, Buffer.alloc(6_000_000)]))

test.each([
  ['that is not there', status(404)],
  ['whose server fails', status(503)],
  ['that is cut off', cutOff],
  ['that is no picture', bytes(html)],
  ['that is too large', large],
  ['that never ends', trickling],
])(
  'beside a result of ours, a thumbnail %s is null at once, and not asked for again',
  async (_name, serve) => {
    const timeout = AbortSignal.timeout.bind(AbortSignal)
    // Only what is as short as a thumbnail's own time; a whole try would take its ten minutes.
    const quicker = vi
      .spyOn(AbortSignal, 'timeout')
      .mockImplementation((ms) => timeout(ms > 10_000 ? ms : ms / 50))
    const harness = await openMediaHarness({ media: 'store: disk, retention: 10d, max_bytes: 10MB' })
    harness.files.serve['/a.png'] = bytes(png)
    harness.files.serve['/t.png'] = serve
    const id = await harness.made({ thumbnail: '/t.png' })
    await harness.turn()
    quicker.mockRestore()
    const seen = await harness.view(id)
    expect(seen).toMatchObject({
      task_status: 3,
      image_url: expect.stringMatching(ours),
      thumbnail_url: null,
      result_expires_at: seconds(harness.clock.now() + 10 * dayMs),
    })
    expect(harness.onDisk().kept).toHaveLength(1)
    harness.files.serve['/t.png'] = bytes(png)
    for (let day = 0; day < 6; day += 1) {
      harness.clock.advance(dayMs)
      await harness.turn()
    }
    expect(harness.files.asked).toEqual(['/a.png', '/t.png'])
    expect(await harness.view(id)).toEqual(seen)
    await expectWhole(harness)
  },
)

test('a result is ours as soon as it is kept, however long its thumbnail takes', async () => {
  const harness = await openMediaHarness()
  let send = () => undefined as void
  harness.files.serve['/a.png'] = bytes(png)
  harness.files.serve['/t.png'] = (_request, response) => {
    send = () => void response.end(png)
  }
  const id = await harness.made({ thumbnail: '/t.png' })
  const turn = harness.turn()
  await expect.poll(() => harness.files.asked).toContain('/t.png')
  harness.clock.advance(91 * secondMs)
  await rescue(harness.ctx)
  const early = { task_status: 3, image_url: expect.stringMatching(ours), thumbnail_url: null }
  expect(await harness.view(id)).toMatchObject(early)
  send()
  await turn
  expect(await harness.view(id)).toMatchObject({ ...early, thumbnail_url: expect.stringMatching(ours) })
  await expectWhole(harness)
})

test('a process that is torn down over a thumbnail leaves it to the next one', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  harness.files.serve['/t.png'] = () => undefined
  const id = await harness.made({ thumbnail: '/t.png' })
  const tornDown = new AbortController()
  const [keep] = await claimKeeps(harness.ctx, 10)
  if (!keep) throw new Error('there is one')
  const keeping = keepResult(harness.ctx, keep, tornDown.signal)
  await expect.poll(() => harness.files.asked).toContain('/t.png')
  tornDown.abort(new Error('torn down'))
  await keeping
  expect((await harness.task(id)).state).toBe('storing')
  harness.files.serve['/t.png'] = bytes(png)
  await harness.turn()
  const { image_url, thumbnail_url } = await harness.view(id)
  expect([image_url, thumbnail_url]).toEqual([expect.stringMatching(ours), expect.stringMatching(ours)])
  expect(harness.files.asked).toEqual(['/a.png', '/t.png', '/t.png'])
})

test('a result that cannot be kept is passed on with its thumbnail; kept at last, both are ours or null', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/t.png'] = bytes(png)
  const id = await harness.made({ thumbnail: '/t.png' })
  const other = await harness.made({ image: '/b.png', thumbnail: '/u.png' })
  for (let second = 0; second < 60; second += 1) {
    await harness.turn()
    harness.clock.advance(secondMs)
  }
  const { origin } = harness.files
  expect(await harness.view(id)).toMatchObject({
    task_status: 3,
    image_url: `${origin}/a.png`,
    thumbnail_url: `${origin}/t.png`,
  })
  harness.files.serve['/a.png'] = bytes(png)
  harness.files.serve['/b.png'] = bytes(png)
  harness.clock.advance(600 * secondMs)
  await harness.turn()
  expect(await harness.view(id)).toMatchObject({
    image_url: expect.stringMatching(ours),
    thumbnail_url: expect.stringMatching(ours),
  })
  expect(await harness.view(other)).toMatchObject({
    image_url: expect.stringMatching(ours),
    thumbnail_url: null,
  })
  await expectWhole(harness)
})
