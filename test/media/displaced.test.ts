// The folder of kept files is moved away or replaced while the gateway serves: nothing is made anew, and no row is lost for it.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { receiveImage } from '../../src/media/uploads/upload.ts'
import { emptyIncoming, removeStale } from '../../src/media/spool.ts'
import { createStraySweep, strayGraceMs } from '../../src/media/strays/sweep.ts'
import { breakDisk, mendDisk } from './faulty-disk.ts'
import { bytes, expectWhole, openMediaHarness, ours, png } from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'

afterEach(mendDisk)

const secondMs = 1_000
const dayMs = 24 * 60 * 60 * secondMs

async function pass({ ctx }: MediaHarness): Promise<void> {
  const rescue = createStraySweep(ctx)
  while (await rescue.turn());
}

const rows = async ({ ctx }: MediaHarness) => await ctx.db.read.select().from(ctx.db.read.tables.media)
const strays = async ({ ctx }: MediaHarness) => await ctx.db.read.select().from(ctx.db.read.tables.strays)

async function keptOne(harness: MediaHarness): Promise<string> {
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  await harness.turn()
  expect((await harness.view(id)).image_url).toMatch(ours)
  return id
}

/** Each returns how the same folder comes back. */
const displacements: Record<string, (root: string) => () => void> = {
  'is renamed': (root) => {
    renameSync(root, `${root}-away`)
    return () => renameSync(`${root}-away`, root)
  },
  'is replaced by an empty one, as when its volume is mounted no more': (root) => {
    renameSync(root, `${root}-away`)
    mkdirSync(root)
    return () => {
      rmSync(root, { recursive: true })
      renameSync(`${root}-away`, root)
    }
  },
  'is replaced by a copy with other files': (root) => {
    renameSync(root, `${root}-away`)
    cpSync(`${root}-away`, root, { recursive: true })
    mkdirSync(join(root, 'Zz/Zz'), { recursive: true })
    mkdirSync(join(root, 'incoming'), { recursive: true })
    writeFileSync(join(root, 'incoming', '1-other'), 'of somebody')
    writeFileSync(join(root, 'Zz/Zz', `ZzZz${'0'.repeat(28)}.png`), 'of somebody')
    return () => {
      rmSync(root, { recursive: true })
      renameSync(`${root}-away`, root)
    }
  },
  'is replaced by a link that leads nowhere': (root) => {
    renameSync(root, `${root}-away`)
    symlinkSync(`${root}-nowhere`, root)
    return () => {
      rmSync(root)
      renameSync(`${root}-away`, root)
    }
  },
}

const listed = (root: string): string[] =>
  existsSync(root) ? readdirSync(root, { recursive: true }).map(String).toSorted() : []

describe.each(Object.entries(displacements))('a folder of results that %s', (_what, displace) => {
  test('is a store that is down, in which nothing is made, until the same one is back', async () => {
    const harness = await openMediaHarness()
    const first = await keptOne(harness)
    const root = harness.ctx.mediaRoot.path
    const back = displace(root)
    const there = listed(root)
    const second = await harness.made()
    await harness.turn()
    await harness.turn()
    expect(await harness.view(second)).toMatchObject({
      task_status: 3,
      image_url: `${harness.files.origin}/a.png`,
      credits_refunded: 0,
    })
    expect(harness.ctx.resultStore.report()).toMatchObject({
      state: 'down',
      lastError: { words: expect.stringContaining('moved away or replaced since the gateway started') },
    })
    async function* picture() {
      yield png
    }
    await expect(receiveImage(harness.ctx, picture(), 'file')).rejects.toMatchObject({ type: 'unavailable' })
    await emptyIncoming(harness.ctx)
    expect(listed(root)).toEqual(there)

    back()
    harness.clock.advance(20 * secondMs)
    await harness.ctx.resultStore.check()
    expect(harness.ctx.resultStore.state()).toBe('works')
    for (let turns = 0; turns < 3; turns += 1) await harness.turn()
    for (const id of [first, second]) expect((await harness.view(id)).image_url).toMatch(ours)
    expect(harness.onDisk().kept).toHaveLength(2)
    await expectWhole(harness)
  })

  test('costs no row and no file: what is missing or strange in another one says nothing', async () => {
    const harness = await openMediaHarness({ media: 'store: disk, retention: 1d' })
    await keptOne(harness)
    const root = harness.ctx.mediaRoot.path
    const back = displace(root)
    const there = listed(root)
    await pass(harness).catch(() => undefined)
    expect(await strays(harness)).toEqual([])
    harness.clock.advance(2 * dayMs)
    await expect(harness.turn()).rejects.toThrow('not the one that was there when the gateway started')
    expect(await rows(harness)).toMatchObject([{ state: 'removing' }])
    harness.clock.advance(2 * strayGraceMs)
    await pass(harness).catch(() => undefined)
    await removeStale(harness.ctx)
    expect(listed(root)).toEqual(there)

    back()
    harness.clock.advance(2 * 60 * 60 * secondMs)
    await harness.turn()
    expect(await rows(harness)).toEqual([])
    expect(harness.onDisk().kept).toEqual([])
    await expectWhole(harness)
  })
})

test('a file that comes to lie in a folder that was exchanged meanwhile is not shown as kept', async () => {
  const harness = await openMediaHarness()
  await keptOne(harness)
  const root = harness.ctx.mediaRoot.path
  let isExchanged = false
  // When it lies in its place already, and before it is said to be durable.
  breakDisk({
    sync(path) {
      if (isExchanged || path !== dirname(root)) return undefined
      isExchanged = true
      renameSync(root, `${root}-away`)
      cpSync(`${root}-away`, root, { recursive: true })
      return undefined
    },
  })
  const id = await harness.made()
  await harness.turn()
  expect((await harness.view(id)).image_url).toBe(`${harness.files.origin}/a.png`)
  expect(isExchanged).toBe(true)
  expect((await rows(harness)).filter(({ state }) => state === 'kept')).toHaveLength(1)
})

test('where only uploads pass through it, the folder is made anew', async () => {
  const harness = await openMediaHarness({ media: 'store: none' })
  async function* picture() {
    yield png
  }
  await (await receiveImage(harness.ctx, picture(), 'file')).discard()
  renameSync(harness.ctx.mediaRoot.path, `${harness.ctx.mediaRoot.path}-away`)
  const file = await receiveImage(harness.ctx, picture(), 'file')
  expect(existsSync(file.path)).toBe(true)
  await file.discard()
})

test('a start before a folder that cannot be used is down until there is one, and forgets no file meanwhile', async () => {
  const harness = await openMediaHarness()
  const { ctx, clock } = harness
  const root = ctx.mediaRoot.path
  symlinkSync(`${root}-mounted`, root)
  await ctx.resultStore.check()
  expect(ctx.resultStore.report()).toMatchObject({ state: 'down' })
  const taskId = await harness.made()
  const file = { name: `${'a'.repeat(32)}.png`, taskId, part: 'result', store: 'disk' } as const
  const row = { ...file, state: 'kept', contentType: 'image/png', bytes: 1, createdAt: 0, dueAt: 1 } as const
  await ctx.db.transaction(async (tx) => void (await tx.insert(tx.tables.media).values(row)))
  await expect(harness.turn()).rejects.toThrow('not the one that was there')
  expect(await rows(harness)).toMatchObject([{ state: 'removing' }])
  mkdirSync(`${root}-mounted`)
  clock.advance(20 * secondMs)
  await ctx.resultStore.check()
  expect(ctx.resultStore.state()).toBe('works')
})
