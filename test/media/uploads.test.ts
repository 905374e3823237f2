// Uploads that we keep: whole or not at all, bounded for each account, and gone after their time.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { pathBelow } from '../../src/media/copies/files.ts'
import { servedFile } from '../../src/media/served.ts'
import { keepUpload } from '../../src/media/uploads/keep.ts'
import { keepsUploads } from '../../src/media/uploads/ours.ts'
import { claimUploadRemovals } from '../../src/media/uploads/remove.ts'
import { insertUpload, markUploadKept } from '../../src/media/uploads/rows.ts'
import { breakDisk, mendDisk } from './faulty-disk.ts'
import { openMediaHarness, png } from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'
import { accountOf, kept, media, never, openOurs, spooled, upload } from './uploading.ts'

afterEach(mendDisk)

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

const rows = async ({ ctx }: MediaHarness) => await ctx.db.read.select().from(ctx.db.read.tables.uploads)
const served = async ({ ctx }: MediaHarness, name: string) => await servedFile(ctx.db.read, name)

test('an upload lies whole on the disk, is served at once, and says until when', async () => {
  const harness = await openOurs()
  const answer = await upload(harness, await accountOf(harness))
  expect(answer).toMatchObject({ expiresAt: harness.clock.now() + 3 * dayMs })
  const name = answer?.url.split('/').at(-1) ?? ''
  expect(readFileSync(pathBelow(harness.ctx.mediaRoot.path, name)).equals(png)).toBe(true)
  expect(harness.onDisk().incoming).toEqual([])
  expect(await served(harness, name)).toMatchObject({
    store: 'disk',
    contentType: 'image/png',
    bytes: png.length,
    dueAt: answer?.expiresAt,
    saveAs: 'upload.png',
  })
})

test.each([
  ['https://gate.example', true],
  ['https://gate.example:8443/sub', true],
  ['http://gate.example', true],
  ['http://93.184.216.34:8787', true],
  ['https://[2606:2800:220:1::1]', true],
  ['http://127.0.0.1:8787', false],
  ['http://localhost:8787', false],
  ['http://gate.localhost', false],
  ['http://10.1.2.3', false],
  ['http://192.168.1.4', false],
  ['http://169.254.169.254', false],
  ['http://100.64.0.1', false],
  ['http://0x7f.1', false],
  ['http://2130706433', false],
  ['http://[::1]:8787', false],
  ['http://[fd00::1]', false],
  ['http://[::ffff:127.0.0.1]', false],
  ['https://gate.internal', false],
  ['https://gate.lan', false],
  ['http://gateway:8787', false],
  ['https://gate.example:25', false],
  [null, false],
])('with PUBLIC_URL %s uploads are ours: %s', (publicUrl, isOurs) => {
  const uploads = { keptBy: 'ours', retentionMs: dayMs, filesMax: 9, bytesMax: 9 } as const
  const settings = {
    store: 'disk',
    isShared: false,
    retentionMs: dayMs,
    maxBytes: 9,
    s3: null,
    uploads,
  } as const
  expect(keepsUploads({ media: settings, publicUrl })).toBe(isOurs)
})

test.each([
  ['nothing is kept', 'store: none'],
  ['the operator says upstream', `${media}, uploads: upstream`],
])('where %s, uploads are not ours', async (_what, settings) => {
  const harness = await openMediaHarness({ media: settings })
  expect(await upload(harness, await accountOf(harness))).toBeNull()
  expect(harness.onDisk()).toEqual({ kept: [], incoming: [] })
  expect(await rows(harness)).toEqual([])
})

test('a host that the gateway itself may reach is not public for that', async () => {
  const { ctx } = await openMediaHarness({ media, publicUrl: 'http://10.1.2.3' })
  const network = { ...ctx.config.network, allowHosts: ['10.1.2.3'] }
  expect(keepsUploads({ ...ctx.config, network } as typeof ctx.config)).toBe(false)
})

test('a file goes after its time, is hidden first, and its room comes back', async () => {
  const harness = await openOurs(', uploads_max_files: 1')
  const accountId = await accountOf(harness)
  const name = await kept(harness, accountId)
  harness.clock.advance(3 * dayMs - 1)
  await harness.turn()
  expect(await served(harness, name)).not.toBeNull()
  harness.clock.advance(1)
  const [taken, ...more] = await claimUploadRemovals(harness.ctx, 10)
  expect([taken?.name, more]).toEqual([name, []])
  // Here the process dies: the file is there still, and is served no more.
  expect(harness.onDisk().kept).toHaveLength(1)
  expect(await served(harness, name)).toBeNull()
  await expect(upload(harness, accountId)).rejects.toMatchObject({ type: 'rate_limited' })
  harness.clock.advance(60 * minuteMs)
  await harness.turn()
  expect(harness.onDisk().kept).toEqual([])
  expect(await rows(harness)).toEqual([])
  await kept(harness, accountId)
})

test('uploads are kept no longer than results', async () => {
  const harness = await openMediaHarness({ media: 'store: disk, retention: 2d, uploads_retention: 30d' })
  expect(await upload(harness, await accountOf(harness))).toMatchObject({
    expiresAt: harness.clock.now() + 2 * dayMs,
  })
})

test('a clock that jumps removes nothing', async () => {
  const harness = await openOurs()
  const name = await kept(harness)
  harness.clock.setWall(30 * dayMs)
  for (let steps = 0; steps < 4; steps += 1) {
    await harness.turn()
    harness.clock.advance(5 * minuteMs)
  }
  await harness.turn()
  expect(await served(harness, name)).not.toBeNull()
  expect(harness.onDisk().kept).toHaveLength(1)
})

test('files and bytes of one account are bounded, whatever comes at once, and those of others are not', async () => {
  const harness = await openOurs(`, uploads_max_files: 3, uploads_max_bytes: ${4 * png.length}B`)
  const [many, other] = [await accountOf(harness), await accountOf(harness)]
  const answers = await Promise.allSettled(Array.from({ length: 5 }, () => upload(harness, many)))
  const refused = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [answer.reason as unknown] : [],
  )
  expect(refused).toHaveLength(2)
  for (const error of refused) {
    expect(error).toMatchObject({ type: 'rate_limited', field: 'file', retryAfterMs: expect.any(Number) })
  }
  expect(harness.onDisk().incoming).toEqual([])
  expect(harness.onDisk().kept).toHaveLength(3)
  await kept(harness, other)
})

test('an account keeps no more bytes than it may', async () => {
  const harness = await openOurs(`, uploads_max_bytes: ${2 * png.length + 1}B`)
  const accountId = await accountOf(harness)
  await kept(harness, accountId)
  await kept(harness, accountId)
  await expect(upload(harness, accountId)).rejects.toMatchObject({
    type: 'rate_limited',
    message: expect.stringMatching(/The file was not kept and nothing was charged/) as string,
  })
  expect(await rows(harness)).toHaveLength(2)
})

test('of one whose client has gone nothing stays', async () => {
  const harness = await openOurs()
  await expect(upload(harness, await accountOf(harness), AbortSignal.abort())).rejects.toMatchObject({
    type: 'unavailable',
  })
  expect(harness.onDisk()).toEqual({ kept: [], incoming: [] })
  expect(await rows(harness)).toEqual([])
})

test('of one whose process died between file and answer nothing is served, and both go', async () => {
  const harness = await openOurs()
  const { clock, ctx } = harness
  const name = `${'x'.repeat(32)}.png`
  const accountId = await accountOf(harness)
  const times = { createdAt: clock.now(), dueAt: clock.now() + 30 * minuteMs }
  const row = { name, accountId, contentType: 'image/png', bytes: 3, ...times }
  await ctx.db.transaction((tx) => insertUpload(tx, row))
  mkdirSync(join(ctx.mediaRoot.path, 'xx/xx'), { recursive: true })
  writeFileSync(pathBelow(ctx.mediaRoot.path, name), 'abc')
  expect(await served(harness, name)).toBeNull()
  await harness.turn()
  expect(harness.onDisk().kept).toHaveLength(1)
  clock.advance(30 * minuteMs)
  expect(await claimUploadRemovals(ctx, 10)).toHaveLength(1)
  const keepAfterAll = () => ctx.db.transaction((tx) => markUploadKept(tx, name, clock.now() + dayMs))
  expect(await keepAfterAll(), 'its writer comes back').toBe(false)
  expect(await served(harness, name)).toBeNull()
  clock.advance(60 * minuteMs)
  await harness.turn()
  expect(harness.onDisk().kept).toEqual([])
  expect(await rows(harness)).toEqual([])
})

test('while the disk does not take files, they are left to be passed on, and what was begun is removed', async () => {
  const harness = await openOurs()
  const accountId = await accountOf(harness)
  breakDisk({ rename: (to) => (to.includes('/media/') ? 'ENOSPC' : undefined) })
  const file = await spooled(harness)
  expect(await keepUpload(harness.ctx, { accountId, file, signal: never })).toBeNull()
  expect(readFileSync(file.path).equals(png), 'it can be passed on').toBe(true)
  await file.discard()
  expect(harness.ctx.resultStore.state()).toBe('down')
  expect(await upload(harness, accountId)).toBeNull()
  expect(await rows(harness)).toMatchObject([{ state: 'writing' }])
  mendDisk()
  harness.clock.advance(30 * minuteMs)
  await harness.turn()
  expect(await rows(harness)).toEqual([])
  expect(harness.onDisk()).toEqual({ kept: [], incoming: [] })
  await harness.ctx.resultStore.recheck()
  await kept(harness, accountId)
})

test('a file is not answered for before the disk has it', async () => {
  const harness = await openOurs()
  breakDisk({ sync: (path) => (path.includes('/incoming/') ? 'EIO' : undefined) })
  expect(await upload(harness, await accountOf(harness))).toBeNull()
  expect(harness.onDisk().kept).toEqual([])
})
