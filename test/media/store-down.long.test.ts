// A store for results that cannot work is found out, delays nobody, loses nothing, and is used again when it works again.
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { breakDisk, mendDisk } from './faulty-disk.ts'
import type { Faults } from './faulty-disk.ts'
import { openBucket } from './bucket.ts'
import type { Bucket } from './bucket.ts'
import { bytes, expectWhole, html, openMediaHarness, ours, png } from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs

afterEach(mendDisk)

/** A store that a test breaks and mends. */
interface Broken {
  readonly media: string
  /** What is said of it, to anybody who asks. */
  readonly words: RegExp
  break(harness: MediaHarness): void
  mend(harness: MediaHarness): void
  /** It does not fail: it is silent until its time is over. */
  readonly isSilent?: boolean
}

async function bucket(): Promise<Bucket> {
  const opened = await openBucket()
  onTestFinished(async () => await opened.close())
  return opened
}

const retention = 'retention: 10d, max_bytes: 1MB'
const disk = `store: disk, ${retention}`

const failingDisk =
  (faults: Faults, words: RegExp, isSilent = false) =>
  async (): Promise<Broken> => ({
    media: disk,
    words,
    isSilent,
    break: () => breakDisk(faults),
    mend: mendDisk,
  })

/** As long as it is broken, each request is answered so; null: never. */
const failingBucket = (status: number | null, words: RegExp) => async (): Promise<Broken> => {
  const opened = await bucket()
  return {
    media: `${opened.yaml}, ${retention}`,
    words,
    isSilent: status === null,
    break: () => void (opened.broken = status),
    mend: () => void (opened.broken = undefined),
  }
}

const onMedia = (code: string) => (path: string) => (path.includes('/media/') ? code : undefined)
const everywhere = (code: string): Faults => ({ open: onMedia(code), rename: onMedia(code) })

const stores: [string, () => Promise<Broken>][] = [
  ['a bucket that answers 404', failingBucket(404, /answered 404: there is no such bucket/)],
  ['a bucket that answers 403', failingBucket(403, /answered 403: the key or its secret is wrong/)],
  ['a bucket that answers 503', failingBucket(503, /answered 503: it is overloaded or down/)],
  ['a bucket that answers 500', failingBucket(500, /answered 500: it has failed/)],
  ['a bucket that never answers', failingBucket(null, /did not answer in time/)],
  ['a disk without space', failingDisk({ write: onMedia('ENOSPC') }, /full, or has no inodes left/)],
  ['a disk without inodes', failingDisk({ open: onMedia('ENOSPC') }, /full, or has no inodes left/)],
  ['a read-only disk', failingDisk(everywhere('EROFS'), /read-only/)],
  ['a folder of somebody else’s', failingDisk(everywhere('EACCES'), /may not write to the folder/)],
  ['a disk that does not sync', failingDisk({ sync: onMedia('EIO') }, /input\/output error/)],
  ['a disk that moves nothing', failingDisk({ rename: onMedia('EPERM') }, /may not write/)],
  [
    'a disk of another system that copies nothing',
    failingDisk(
      { rename: (to) => (to.includes('unfinished') ? undefined : 'EXDEV'), copyFile: onMedia('ENOSPC') },
      /full/,
    ),
  ],
  ['a disk that never answers', failingDisk({ rename: onMedia('hangs') }, /did not answer in time/, true)],
  [
    'a file in the place of the folder',
    async () => ({
      media: disk,
      words: /no folder is in the place/,
      break({ ctx }) {
        rmSync(join(ctx.config.dataDir, 'media'), { recursive: true, force: true })
        writeFileSync(join(ctx.config.dataDir, 'media'), '')
      },
      mend: ({ ctx }) => rmSync(join(ctx.config.dataDir, 'media')),
    }),
  ],
]

/** A probe whose silence is waited for by the clock. */
async function probed({ ctx, clock }: MediaHarness, { isSilent = false }: Broken): Promise<void> {
  clock.advance(2 * secondMs)
  const checking = ctx.resultStore.check()
  if (isSilent)
    for (let turns = 0; turns < 20 && ctx.resultStore.state() === 'works'; turns += 1) await passing(clock)
  if (isSilent) clock.advance(10 * secondMs)
  await checking
}

/** Lets sockets and files go on for a moment while the clock goes by a second. */
async function passing(clock: MediaHarness['clock']): Promise<void> {
  clock.advance(secondMs)
  await new Promise((resolve) => setTimeout(resolve, 2))
}

async function expectKeptLater(harness: MediaHarness, id: string, store: Broken): Promise<void> {
  store.mend(harness)
  await probed(harness, { ...store, isSilent: false })
  for (let turns = 0; turns < 3; turns += 1) await harness.turn()
  expect(harness.ctx.resultStore.report()).toMatchObject({ state: 'works' })
  expect(await harness.view(id)).toMatchObject({
    image_url: expect.stringMatching(ours),
    credits_refunded: 0,
  })
  expect(await harness.ctx.db.read.select().from(harness.ctx.db.read.tables.keeps)).toEqual([])
  await expectWhole(harness)
}

test.each(stores)('%s, found by a probe: a task ends at once, and is kept later', async (_name, open) => {
  const store = await open()
  const harness = await openMediaHarness({ media: store.media })
  store.break(harness)
  await probed(harness, store)
  const { lastSuccessAtMs, lastError } = harness.ctx.resultStore.report()
  expect(lastSuccessAtMs).toBeNull()
  expect(lastError?.words).toMatch(store.words)
  expect(lastError?.words).not.toMatch(/127\.0\.0\.1|\/media|tmp|injected/)
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  // Before any turn of the loop, and without a look at the file.
  expect(await harness.view(id)).toMatchObject({
    task_status: 3,
    image_url: `${harness.files.origin}/a.png`,
    credits_refunded: 0,
  })
  await harness.turn()
  expect(harness.files.asked).toEqual([])
  await expectKeptLater(harness, id, store)
})

test.each(stores)(
  '%s, found by a result: all that wait end at once, and are kept later',
  async (_name, open) => {
    const store = await open()
    const harness = await openMediaHarness({ media: store.media })
    harness.files.serve['/a.png'] = bytes(png)
    const ids = [await harness.made(), await harness.made()]
    store.break(harness)
    const begunAt = harness.clock.now()
    const turn = harness.turn()
    for (let turns = 0; store.isSilent && turns < 60; turns += 1) {
      if (harness.ctx.resultStore.state() !== 'works') break
      await passing(harness.clock)
    }
    await turn
    await harness.turn()
    for (const id of ids) {
      expect(await harness.view(id)).toMatchObject({
        task_status: 3,
        image_url: `${harness.files.origin}/a.png`,
      })
    }
    expect(harness.clock.now() - begunAt).toBeLessThanOrEqual(store.isSilent ? 15 * secondMs : 0)
    await expectKeptLater(harness, ids[0] ?? '', store)
  },
)

test('a bucket that is not there and an endpoint that is dead are told apart', async () => {
  const { yaml, close } = await openBucket()
  const missing = await openMediaHarness({ media: yaml.replace('bucket: results', 'bucket: elsewhere') })
  await missing.ctx.resultStore.check()
  expect(missing.ctx.resultStore.report().lastError?.words).toBe(
    'the store answered 404: there is no such bucket',
  )
  await close()
  const dead = await openMediaHarness({ media: yaml })
  await dead.ctx.resultStore.check()
  expect(dead.ctx.resultStore.report().lastError?.words).toContain('nothing takes connections')
})

/** Where the disk has room for a probe and for no picture. */
const smallOnly: Faults = { rename: (to) => (to.includes('/probe') ? undefined : 'ENOSPC') }

test('probes that come through are not believed where no task’s file does; one file at a time tries it again', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  breakDisk(smallOnly)
  const first = await harness.made()
  await harness.turn()
  // One task’s file may be what is wrong.
  expect((await harness.task(first)).state).toBe('storing')
  const second = await harness.made()
  await harness.turn()
  await harness.turn()
  for (const id of [first, second]) {
    expect(await harness.view(id)).toMatchObject({ image_url: `${harness.files.origin}/a.png` })
  }
  const third = await harness.made()
  expect(await harness.view(third)).toMatchObject({
    task_status: 3,
    image_url: `${harness.files.origin}/a.png`,
  })
  const asked = harness.files.asked.length
  const tries = async () => {
    await harness.turn()
    return harness.files.asked.length - asked
  }
  expect(await tries()).toBe(1)
  expect(await tries(), 'not before its time').toBe(1)
  harness.clock.advance(21 * secondMs)
  await harness.ctx.resultStore.check()
  expect(await tries()).toBe(2)
  mendDisk()
  harness.clock.advance(10 * minuteMs)
  for (let turns = 0; turns < 4; turns += 1) await harness.turn()
  for (const id of [first, second, third]) expect((await harness.view(id)).image_url).toMatch(ours)
  await expectWhole(harness)
})

test('a file that alone cannot be put holds up no other', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  harness.files.serve['/big.png'] = bytes(Buffer.concat([png, Buffer.alloc(100_000)]))
  const isBig = (from = '') => statSync(from).size > 50_000
  breakDisk({ rename: (_to, from) => (isBig(from) ? 'ENOSPC' : undefined) })
  await harness.made({ image: '/big.png' })
  await harness.turn()
  const good = await harness.made()
  await harness.turn()
  expect((await harness.view(good)).image_url).toMatch(ours)
  await harness.turn()
  expect((await harness.view(await harness.made())).image_url).toBeNull()
  expect(harness.ctx.resultStore.state()).toBe('works')
})

test('a store that removes nothing keeps results, and says so', async () => {
  const opened = await bucket()
  const harness = await openMediaHarness({ media: `${opened.yaml}, ${retention}` })
  opened.forbids = 'DELETE'
  await harness.ctx.resultStore.check()
  expect(opened.probes.map(({ method }) => method)).toEqual(['PUT', 'GET', 'DELETE'])
  expect(harness.ctx.resultStore.report()).toMatchObject({
    state: 'works',
    lastSuccessAtMs: harness.clock.now(),
    lastError: { words: expect.stringContaining('answered 403') },
  })
})

test('what was no result is looked at before it is passed on: a page is none, and a picture that is there by now is not refunded', async () => {
  const harness = await openMediaHarness({ giveUpAfter: '5m' })
  harness.files.serve['/a.png'] = bytes(html)
  const id = await harness.made()
  while ((await harness.task(id)).state === 'storing') {
    await harness.turn()
    harness.clock.advance(secondMs)
  }
  expect(await harness.task(id)).toMatchObject({ state: 'running' })
  breakDisk(everywhere('EROFS'))
  await probed(harness, { media: '', words: /x/, break: () => undefined, mend: () => undefined })
  await harness.pollAgain(id)
  await harness.turn()
  expect(await harness.task(id)).toMatchObject({ state: 'running' })
  harness.files.serve['/a.png'] = bytes(png)
  await harness.pollAgain(id)
  await harness.turn()
  expect(await harness.view(id)).toMatchObject({
    task_status: 3,
    image_url: `${harness.files.origin}/a.png`,
    credits_refunded: 0,
  })
  await expectWhole(harness)
})
