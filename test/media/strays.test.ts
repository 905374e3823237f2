// Files that an older copy of the store does not know of are removed after a grace, and no others.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eq } from '../../src/db/drizzle.ts'
import { carryFiles } from '../../src/media/strays/carry.ts'
import { createStraySweep, strayGraceMs } from '../../src/media/strays/sweep.ts'
import { openBucket } from './bucket.ts'
import { bytes, expectWhole, openMediaHarness, ours, png } from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'

const secondMs = 1_000

async function pass({ ctx }: MediaHarness): Promise<void> {
  const rescue = createStraySweep(ctx)
  while (await rescue.turn());
}

async function kept(harness: MediaHarness): Promise<string> {
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  await harness.turn()
  const { image_url } = await harness.view(id)
  expect(image_url).toMatch(ours)
  return image_url?.split('/').at(-1) ?? ''
}

/** As in a copy from before it was kept. */
async function forget({ ctx }: MediaHarness, name: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await tx.delete(tx.tables.media).where(eq(tx.tables.media.name, name))
  })
}

const noted = async ({ ctx }: MediaHarness) => await ctx.db.read.select().from(ctx.db.read.tables.strays)

test('a file without a row goes a week after it was first seen, and one with a row never', async () => {
  const harness = await openMediaHarness({ media: 'store: disk, retention: 100d' })
  const [known, gone] = [await kept(harness), await kept(harness)]
  await forget(harness, gone)
  const seenAt = harness.clock.now()
  await pass(harness)
  expect(await noted(harness)).toEqual([{ name: gone, store: 'disk', seenAt }])
  harness.clock.advance(strayGraceMs - secondMs)
  await pass(harness)
  expect(harness.onDisk().kept).toHaveLength(2)
  harness.clock.advance(secondMs)
  await pass(harness)
  expect(harness.onDisk().kept.map((path) => path.split('/').at(-1))).toEqual([known])
  expect(await noted(harness)).toEqual([])
  await expectWhole(harness)
})

test('the grace begins when the file is first missed, however old it is, and is kept while the clock is not believed', async () => {
  const harness = await openMediaHarness({ media: 'store: disk, retention: 100d' })
  const gone = await kept(harness)
  harness.clock.advance(50 * 24 * 60 * 60_000)
  await forget(harness, gone)
  await pass(harness)
  expect(harness.onDisk().kept).toHaveLength(1)
  const before = harness.ctx.clock.now()
  harness.clock.setWall(2 * strayGraceMs)
  for (let steps = 0; steps < 4; steps += 1) {
    await pass(harness)
    harness.clock.advance(5 * 60 * secondMs)
  }
  expect(harness.ctx.clock.now()).toBeGreaterThan(before + 2 * strayGraceMs)
  await pass(harness)
  expect(harness.onDisk().kept).toHaveLength(1)
  harness.clock.advance(strayGraceMs)
  await pass(harness)
  expect(harness.onDisk().kept).toEqual([])
})

test('a newer store that is put back has all its files', async () => {
  const harness = await openMediaHarness({ media: 'store: disk, retention: 100d' })
  const name = await kept(harness)
  const { db } = harness.ctx
  const [row] = await db.read.select().from(db.read.tables.media)
  await forget(harness, name)
  await pass(harness)
  if (row) await db.transaction(async (tx) => void (await tx.insert(tx.tables.media).values(row)))
  harness.clock.advance(2 * strayGraceMs)
  await pass(harness)
  expect(harness.onDisk().kept).toHaveLength(1)
  expect(await noted(harness)).toEqual([])
})

test('what a copying process left goes too, and what is none of ours stays', async () => {
  const harness = await openMediaHarness({ media: 'store: disk, retention: 100d' })
  const name = await kept(harness)
  const folder = join(harness.ctx.config.dataDir, 'media', name.slice(0, 2), name.slice(2, 4))
  writeFileSync(join(folder, `${name}.unfinished`), '')
  writeFileSync(join(folder, 'notes.txt'), 'of the operator')
  await pass(harness)
  harness.clock.advance(strayGraceMs)
  await pass(harness)
  const left = harness.onDisk().kept.map((path) => path.split('/').at(-1))
  expect(new Set(left)).toEqual(new Set([name, 'notes.txt']))
})

test('of a bucket, which others may use too, only what the replaced store had kept is removed', async () => {
  const bucket = await openBucket()
  onTestFinished(async () => await bucket.close())
  const replaced = await openMediaHarness({ media: `${bucket.yaml}, retention: 100d` })
  const name = await kept(replaced)
  const harness = await openMediaHarness({ media: `${bucket.yaml}, retention: 100d` })
  const other = await kept(harness)
  const carry = async () => await carryFiles(replaced.ctx.db.read, harness.ctx.db, harness.clock.now())
  expect([await carry(), await carry()]).toEqual([1, 0])
  await pass(harness)
  const deleted = () => bucket.asked.filter(({ method }) => method === 'DELETE').map(({ url }) => url)
  expect(deleted()).toEqual([])
  harness.clock.advance(strayGraceMs)
  bucket.failures.push(503)
  await pass(harness)
  expect(await noted(harness)).toHaveLength(1)
  await pass(harness)
  expect(await noted(harness)).toEqual([])
  expect(new Set(deleted())).toEqual(new Set([`/results/media/${name}`]))
  expect(other).not.toBe(name)
})

test('a pass goes in turns of a bounded number of files', async () => {
  const harness = await openMediaHarness({ media: 'store: disk, retention: 100d' })
  const name = await kept(harness)
  const folder = join(harness.ctx.config.dataDir, 'media', name.slice(0, 2), name.slice(2, 4))
  for (let at = 0; at < 450; at += 1) {
    writeFileSync(join(folder, `${name.slice(0, 4)}${String(at).padStart(28, '0')}.png`), '')
  }
  const counts: number[] = []
  const rescue = createStraySweep(harness.ctx)
  while (await rescue.turn()) counts.push((await noted(harness)).length)
  expect(Math.max(...counts.map((count, at) => count - (counts[at - 1] ?? 0)))).toBeLessThanOrEqual(200)
  expect(counts.at(-1)).toBe(450)
})
