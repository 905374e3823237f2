// What is fetched and is no such thing, or lies where nobody may be sent, is no result: asked about again, and in the end given back.
import { expect, test } from 'vitest'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import {
  bytes,
  expectWhole,
  html,
  mp4,
  openMediaHarness,
  ours,
  png,
  startFiles,
  status,
  svg,
} from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'

const stepMs = 5_000
const minuteMs = 60_000
const ongoing = new AbortController().signal

/** A poll a minute after the order, and the limit two minutes later. */
const giveUpAfter = '3m'

/** As the loops would: keeps, polls and sweeps, a few seconds apart. */
async function live(harness: MediaHarness, ms: number, until: () => Promise<boolean>): Promise<void> {
  for (let passedMs = 0; passedMs < ms && !(await until()); passedMs += stepMs) {
    await harness.turn()
    for (const task of await claimPolls(harness.ctx, 10)) await pollTask(harness.ctx, task, ongoing)
    await rescue(harness.ctx)
    harness.clock.advance(stepMs)
  }
}

const hasEnded = (harness: MediaHarness, id: string) => async () => (await harness.view(id)).task_status >= 3

const orphansOf = async ({ ctx }: MediaHarness) => await ctx.db.read.select().from(ctx.db.read.tables.orphans)

async function balanceIs(harness: MediaHarness, id: string, credits: number): Promise<void> {
  const { accountId } = await harness.task(id)
  const accounts = await harness.ctx.db.read.select().from(harness.ctx.db.read.tables.accounts)
  expect(accounts.find((account) => account.id === accountId)?.balance).toBe(credits)
}

const to = (url: string) => (_request: unknown, response: any) =>
  response.writeHead(302, { location: url }).end()

test.each<[string, 'image' | 'video', Buffer]>([
  ['a page where an image was ordered', 'image', html],
  ['a drawing that can run scripts', 'image', svg],
  ['a video where an image was ordered', 'image', mp4],
  ['an image where a video was ordered', 'video', png],
  ['a text', 'image', Buffer.from('{"error":"expired"}')],
  ['nothing at all', 'video', Buffer.alloc(0)],
])('%s is passed on to nobody, and given back at the limit, once', async (_name, type, body) => {
  const harness = await openMediaHarness({ giveUpAfter })
  harness.files.serve['/made'] = bytes(body)
  const id = await harness.made({ [type]: '/made' })
  const { creditsRefunded, credits } = await harness.task(id)
  expect(creditsRefunded).toBe(0)
  const shown: number[] = []
  await live(harness, 10 * minuteMs, async () => {
    shown.push((await harness.view(id)).task_status)
    return shown.at(-1) === 4 || shown.at(-1) === 3
  })
  expect([...new Set(shown)]).toEqual([2, 4])
  expect(await harness.view(id)).toMatchObject({
    image_url: null,
    video_url: null,
    credits_refunded: credits,
    width: null,
  })
  expect((await harness.task(id)).errorDetail).toContain('success without a result')
  // The published limit, the wait for its files and the last looks.
  expect(shown.length * stepMs).toBeGreaterThan(2 * minuteMs)
  expect(shown.length * stepMs).toBeLessThan(4.5 * minuteMs)
  await balanceIs(harness, id, 1_000)
  await live(harness, 2 * minuteMs, async () => false)
  await balanceIs(harness, id, 1_000)
  expect(harness.onDisk()).toEqual({ kept: [], incoming: [] })
  expect(await harness.ctx.db.read.select().from(harness.ctx.db.read.tables.keeps)).toEqual([])
  expect(await orphansOf(harness)).toEqual([])
  await expectWhole(harness)
})

test('what was no result and becomes one within the limit is the customer’s, and charged once', async () => {
  const harness = await openMediaHarness({ giveUpAfter })
  harness.files.serve['/a.png'] = bytes(html)
  const id = await harness.made()
  await live(harness, minuteMs, hasEnded(harness, id))
  expect(await harness.view(id)).toMatchObject({ task_status: 2, image_url: null })
  harness.files.serve['/a.png'] = bytes(png)
  await live(harness, minuteMs, hasEnded(harness, id))
  expect(await harness.view(id)).toMatchObject({ task_status: 3, image_url: expect.stringMatching(ours) })
  expect(await harness.task(id)).toMatchObject({ errorDetail: null, creditsRefunded: 0 })
  await expectWhole(harness)
})

test('a failure that is told after all ends it at once', async () => {
  const harness = await openMediaHarness({ giveUpAfter })
  harness.files.serve['/a.png'] = bytes(html)
  const id = await harness.made()
  await live(harness, minuteMs, async () => false)
  harness.seen = () => ({ kind: 'failed', reason: 'The image was lost.', detail: 'd' })
  await live(harness, minuteMs, hasEnded(harness, id))
  expect(await harness.view(id)).toMatchObject({ task_status: 4, error_message: 'The image was lost.' })
  await expectWhole(harness)
})

test('a place that is away is none of this: the URL is passed on, as is a format that is not kept', async () => {
  const avif = Buffer.concat([
    Buffer.from('0000002066747970617669660000000061766966', 'hex'),
    Buffer.alloc(5_000),
  ])
  for (const serve of [status(503), status(404), bytes(avif)]) {
    const harness = await openMediaHarness({ giveUpAfter })
    harness.files.serve['/a.png'] = serve
    const id = await harness.made()
    await live(harness, 2 * minuteMs, hasEnded(harness, id))
    expect(await harness.view(id)).toMatchObject({
      task_status: 3,
      image_url: `${harness.files.origin}/a.png`,
    })
    await expectWhole(harness)
  }
})

test.each([
  ['on a private address', 'http://10.1.2.3/a.png'],
  ['on this machine', 'http://127.0.0.1:9/a.png'],
  ['where metadata is', 'http://169.254.169.254/latest'],
  ['under an inside name', 'https://files.internal/a.png'],
  ['on a port of something else', 'https://example.com:25/a.png'],
])(
  'a result %s is fetched by nobody and shown to nobody, also where results are not kept',
  async (_name, url) => {
    for (const media of ['store: disk', 'store: none']) {
      const harness = await openMediaHarness({ media, giveUpAfter })
      const id = await harness.made({ image: url })
      expect(await harness.task(id)).toMatchObject({ state: 'running', imageUrl: null })
      await live(harness, 10 * minuteMs, hasEnded(harness, id))
      expect(await harness.view(id)).toMatchObject({ task_status: 4, image_url: null, credits_refunded: 15 })
      await balanceIs(harness, id, 1_000)
      await expectWhole(harness)
    }
  },
)

test('a redirect to another port of this machine is no result, one within the upstream is followed', async () => {
  const harness = await openMediaHarness({ giveUpAfter })
  const inside = await startFiles()
  inside.serve['/secret.png'] = bytes(png)
  harness.files.serve['/a.png'] = to(`${inside.origin}/secret.png`)
  const id = await harness.made()
  await live(harness, minuteMs, async () => false)
  expect(inside.asked).toEqual([])
  expect(await harness.view(id)).toMatchObject({ task_status: 2, image_url: null })

  harness.files.serve['/a.png'] = to('/b.png')
  harness.files.serve['/b.png'] = bytes(png)
  await live(harness, minuteMs, hasEnded(harness, id))
  expect((await harness.view(id)).image_url).toMatch(ours)
  await expectWhole(harness)
})

test('a thumbnail that nobody may be sent to is left out', async () => {
  const harness = await openMediaHarness({ media: 'store: none' })
  const id = await harness.made({ thumbnail: 'http://10.0.0.1/t.png' })
  expect(await harness.view(id)).toMatchObject({ task_status: 3, thumbnail_url: null })
})
