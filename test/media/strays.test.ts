// Files that an older copy of the store does not know of are removed after a grace, and no others.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eq } from '../../src/db/drizzle.ts'
import { carryFiles } from '../../src/media/strays/carry.ts'
import { createStraySweep, strayGraceMs } from '../../src/media/strays/sweep.ts'
import { openBucket } from './bucket.ts'
import { bytes, expectWhole, openStudio, ours, png } from './studio.ts'
import type { Studio } from './studio.ts'

const secondMs = 1_000

async function pass({ ctx }: Studio): Promise<void> {
  const rescue = createStraySweep(ctx)
  while (await rescue.turn());
}

async function kept(studio: Studio): Promise<string> {
  studio.files.serve['/a.png'] = bytes(png)
  const id = await studio.made()
  await studio.turn()
  const { image_url } = await studio.view(id)
  expect(image_url).toMatch(ours)
  return image_url?.split('/').at(-1) ?? ''
}

/** As in a copy from before it was kept. */
async function forget({ ctx }: Studio, name: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await tx.delete(tx.tables.media).where(eq(tx.tables.media.name, name))
  })
}

const noted = async ({ ctx }: Studio) => await ctx.db.read.select().from(ctx.db.read.tables.strays)

test('a file without a row goes a week after it was first seen, and one with a row never', async () => {
  const studio = await openStudio({ media: 'store: disk, retention: 100d' })
  const [known, gone] = [await kept(studio), await kept(studio)]
  await forget(studio, gone)
  const seenAt = studio.clock.now()
  await pass(studio)
  expect(await noted(studio)).toEqual([{ name: gone, store: 'disk', seenAt }])
  studio.clock.advance(strayGraceMs - secondMs)
  await pass(studio)
  expect(studio.onDisk().kept).toHaveLength(2)
  studio.clock.advance(secondMs)
  await pass(studio)
  expect(studio.onDisk().kept.map((path) => path.split('/').at(-1))).toEqual([known])
  expect(await noted(studio)).toEqual([])
  await expectWhole(studio)
})

test('the grace begins when the file is first missed, however old it is, and is kept while the clock is not believed', async () => {
  const studio = await openStudio({ media: 'store: disk, retention: 100d' })
  const gone = await kept(studio)
  studio.clock.advance(50 * 24 * 60 * 60_000)
  await forget(studio, gone)
  await pass(studio)
  expect(studio.onDisk().kept).toHaveLength(1)
  const before = studio.ctx.clock.now()
  studio.clock.setWall(2 * strayGraceMs)
  for (let steps = 0; steps < 4; steps += 1) {
    await pass(studio)
    studio.clock.advance(5 * 60 * secondMs)
  }
  expect(studio.ctx.clock.now()).toBeGreaterThan(before + 2 * strayGraceMs)
  await pass(studio)
  expect(studio.onDisk().kept).toHaveLength(1)
  studio.clock.advance(strayGraceMs)
  await pass(studio)
  expect(studio.onDisk().kept).toEqual([])
})

test('a newer store that is put back has all its files', async () => {
  const studio = await openStudio({ media: 'store: disk, retention: 100d' })
  const name = await kept(studio)
  const { db } = studio.ctx
  const [row] = await db.read.select().from(db.read.tables.media)
  await forget(studio, name)
  await pass(studio)
  if (row) await db.transaction(async (tx) => void (await tx.insert(tx.tables.media).values(row)))
  studio.clock.advance(2 * strayGraceMs)
  await pass(studio)
  expect(studio.onDisk().kept).toHaveLength(1)
  expect(await noted(studio)).toEqual([])
})

test('what a copying process left goes too, and what is none of ours stays', async () => {
  const studio = await openStudio({ media: 'store: disk, retention: 100d' })
  const name = await kept(studio)
  const folder = join(studio.ctx.config.dataDir, 'media', name.slice(0, 2), name.slice(2, 4))
  writeFileSync(join(folder, `${name}.unfinished`), '')
  writeFileSync(join(folder, 'notes.txt'), 'of the operator')
  await pass(studio)
  studio.clock.advance(strayGraceMs)
  await pass(studio)
  const left = studio.onDisk().kept.map((path) => path.split('/').at(-1))
  expect(new Set(left)).toEqual(new Set([name, 'notes.txt']))
})

test('of a bucket, which others may use too, only what the replaced store had kept is removed', async () => {
  const bucket = await openBucket()
  onTestFinished(async () => await bucket.close())
  const replaced = await openStudio({ media: `${bucket.yaml}, retention: 100d` })
  const name = await kept(replaced)
  const studio = await openStudio({ media: `${bucket.yaml}, retention: 100d` })
  const other = await kept(studio)
  const carry = async () => await carryFiles(replaced.ctx.db.read, studio.ctx.db, studio.clock.now())
  expect([await carry(), await carry()]).toEqual([1, 0])
  await pass(studio)
  const deleted = () => bucket.asked.filter(({ method }) => method === 'DELETE').map(({ url }) => url)
  expect(deleted()).toEqual([])
  studio.clock.advance(strayGraceMs)
  bucket.failures.push(503)
  await pass(studio)
  expect(await noted(studio)).toHaveLength(1)
  await pass(studio)
  expect(await noted(studio)).toEqual([])
  expect(new Set(deleted())).toEqual(new Set([`/results/media/${name}`]))
  expect(other).not.toBe(name)
})

test('a pass goes in turns of a bounded number of files', async () => {
  const studio = await openStudio({ media: 'store: disk, retention: 100d' })
  const name = await kept(studio)
  const folder = join(studio.ctx.config.dataDir, 'media', name.slice(0, 2), name.slice(2, 4))
  for (let at = 0; at < 450; at += 1) {
    writeFileSync(join(folder, `${name.slice(0, 4)}${String(at).padStart(28, '0')}.png`), '')
  }
  const counts: number[] = []
  const rescue = createStraySweep(studio.ctx)
  while (await rescue.turn()) counts.push((await noted(studio)).length)
  expect(Math.max(...counts.map((count, at) => count - (counts[at - 1] ?? 0)))).toBeLessThanOrEqual(200)
  expect(counts.at(-1)).toBe(450)
})
