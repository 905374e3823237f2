// Files go when they were kept as long as promised: hidden first, then removed, and no file is ever forgotten.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'
import { insertWriting, markKept, mediaByName } from '../../src/media/rows.ts'
import { claimRemovals } from '../../src/tasks/results/expire.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { bytes, openMediaHarness, png } from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'

const dayMs = 24 * 60 * 60_000

async function kept(): Promise<{ harness: MediaHarness; id: string; name: string }> {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made({ thumbnail: '/a.png' })
  await harness.turn()
  const name = (await harness.view(id)).image_url?.split('/').at(-1) ?? ''
  return { harness, id, name }
}

const rows = async ({ ctx }: MediaHarness) => await ctx.db.read.select().from(ctx.db.read.tables.media)

test('a file stays for as long as was promised, then it is gone and its task says so', async () => {
  const { harness, id } = await kept()
  harness.clock.advance(10 * dayMs - 1)
  await harness.turn()
  expect(harness.onDisk().kept).toHaveLength(2)
  expect(await harness.view(id)).toMatchObject({ result_expired: false })
  harness.clock.advance(1)
  await harness.turn()
  expect(harness.onDisk().kept).toEqual([])
  expect(await rows(harness)).toEqual([])
  expect(await harness.view(id)).toMatchObject({
    task_status: 3,
    image_url: null,
    thumbnail_url: null,
    result_expires_at: null,
    result_expired: true,
  })
  expect(
    await verifyLedger(storeAt(harness.store.databaseUrl).lookAt(), Date.now(), neverLate),
  ).toMatchObject({
    ok: true,
    drift: [],
  })
})

test('nothing is served from the moment that a file is to go, and a crash between leaves it to the next', async () => {
  const { harness, id, name } = await kept()
  harness.clock.advance(10 * dayMs)
  await claimRemovals(harness.ctx, 10)
  // Here the process dies: the files are there still.
  expect(harness.onDisk().kept).toHaveLength(2)
  expect(await mediaByName(harness.ctx.db.read, { name })).toEqual([])
  expect(await harness.view(id)).toMatchObject({ image_url: null, result_expired: true })
  harness.clock.advance(60 * 60_000)
  await harness.turn()
  expect(harness.onDisk().kept).toEqual([])
  expect(await rows(harness)).toEqual([])
})

test('a file that is gone already holds up nothing', async () => {
  const { harness } = await kept()
  const [name = ''] = harness.onDisk().kept
  rmSync(join(harness.ctx.config.dataDir, 'media', name.slice(0, 2)), { recursive: true })
  harness.clock.advance(10 * dayMs)
  await harness.turn()
  expect(await rows(harness)).toEqual([])
})

test('a file that a crash left without its task’s knowing is removed', async () => {
  const { harness, id } = await kept()
  const { clock, ctx } = harness
  const name = `${'x'.repeat(32)}.png`
  const row = { name, taskId: id, part: 'result', store: 'disk', contentType: 'image/png', bytes: 3 } as const
  await ctx.db.transaction((tx) =>
    insertWriting(tx, { ...row, createdAt: clock.now(), dueAt: clock.now() + 30 * 60_000 }),
  )
  const folder = join(ctx.config.dataDir, 'media/xx/xx')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), 'abc')
  expect(await mediaByName(ctx.db.read, { name }), 'not served').toEqual([])
  await harness.turn()
  expect(harness.onDisk().kept).toHaveLength(3)
  clock.advance(31 * 60_000)
  await harness.turn()
  expect(harness.onDisk().kept).toHaveLength(2)
  expect(await harness.view(id)).toMatchObject({ result_expired: false, image_url: expect.any(String) })
})

test('a file whose writer was taken for gone is not shown when he comes back', async () => {
  const { harness, id } = await kept()
  const { clock, ctx } = harness
  const name = `${'y'.repeat(32)}.png`
  const row = { name, taskId: id, part: 'result', store: 'disk', contentType: 'image/png', bytes: 3 } as const
  await ctx.db.transaction((tx) => insertWriting(tx, { ...row, createdAt: 0, dueAt: clock.now() }))
  await claimRemovals(ctx, 10)
  expect(await ctx.db.transaction((tx) => markKept(tx, name, clock.now() + dayMs))).toBe(false)
  expect(await mediaByName(ctx.db.read, { name })).toEqual([])
})

test('a file that cannot be removed is tried again, and stays hidden', async () => {
  const { harness, name } = await kept()
  harness.clock.advance(10 * dayMs)
  const folder = join(harness.ctx.config.dataDir, 'media', name.slice(0, 2))
  rmSync(folder, { recursive: true })
  // A file stands where the folder was, in which a folder stands where the file was: rm refuses either.
  mkdirSync(join(folder, name.slice(2, 4), name), { recursive: true })
  chmodSync(folder, 0o700)
  await expect(harness.turn()).rejects.toThrow()
  expect(await mediaByName(harness.ctx.db.read, { name })).toEqual([])
  rmSync(folder, { recursive: true })
  harness.clock.advance(60 * 60_000)
  await harness.turn()
  expect(await rows(harness)).toEqual([])
})
