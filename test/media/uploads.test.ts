// Uploads that we keep: whole or not at all, bounded for each account, gone after their time, and known to all who count files.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { backUp } from '../../src/db/copy.ts'
import { lookAt } from '../../src/db/look.ts'
import { openSqlite } from '../../src/db/sqlite.ts'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'
import { pathBelow } from '../../src/media/copies/files.ts'
import { putBackFiles } from '../../src/media/copies/put-back.ts'
import { takeFiles } from '../../src/media/copies/take.ts'
import { servedFile } from '../../src/media/served.ts'
import type { Spooled } from '../../src/media/spool.ts'
import { carryFiles } from '../../src/media/strays/carry.ts'
import { createStraySweep, strayGraceMs } from '../../src/media/strays/sweep.ts'
import { receiveImage } from '../../src/media/upload.ts'
import { keepUpload } from '../../src/media/uploads/keep.ts'
import type { KeptUpload } from '../../src/media/uploads/keep.ts'
import { keepsUploads } from '../../src/media/uploads/ours.ts'
import { claimUploadRemovals } from '../../src/media/uploads/remove.ts'
import { insertUpload, markUploadKept } from '../../src/media/uploads/rows.ts'
import { open } from '../db/upgraded.ts'
import { breakDisk, mendDisk } from './faulty-disk.ts'
import { expectWhole, openStudio, ours, png } from './studio.ts'
import type { Studio } from './studio.ts'

afterEach(mendDisk)

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const never = new AbortController().signal
const media = 'store: disk, retention: 10d, uploads_retention: 3d'

const openOurs = (settings = '') => openStudio({ media: `${media}${settings}` })
const accountOf = async (studio: Studio) => (await studio.account(0)).accountId

const spooled = async ({ ctx }: Studio): Promise<Spooled> =>
  await receiveImage(
    ctx,
    (async function* () {
      yield png
    })(),
    'file',
  )

async function upload(studio: Studio, accountId: string, signal = never): Promise<KeptUpload | null> {
  const file = await spooled(studio)
  try {
    return await keepUpload(studio.ctx, { accountId, file, signal })
  } finally {
    await file.discard()
  }
}

async function kept(studio: Studio, accountId?: string): Promise<string> {
  const answer = await upload(studio, accountId ?? (await accountOf(studio)))
  expect(answer?.url).toMatch(ours)
  return answer?.url.split('/').at(-1) ?? ''
}

const rows = async ({ ctx }: Studio) => await ctx.db.read.select().from(ctx.db.read.tables.uploads)
const served = async ({ ctx }: Studio, name: string) => await servedFile(ctx.db.read, name)

test('an upload lies whole on the disk, is served at once, and says until when', async () => {
  const studio = await openOurs()
  const answer = await upload(studio, await accountOf(studio))
  expect(answer).toMatchObject({ expiresAt: studio.clock.now() + 3 * dayMs })
  const name = answer?.url.split('/').at(-1) ?? ''
  expect(readFileSync(pathBelow(studio.ctx.mediaRoot.path, name)).equals(png)).toBe(true)
  expect(studio.onDisk().incoming).toEqual([])
  expect(await served(studio, name)).toMatchObject({
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
  const settings = { store: 'disk', retentionMs: dayMs, maxBytes: 9, s3: null, uploads } as const
  expect(keepsUploads({ media: settings, publicUrl })).toBe(isOurs)
})

test.each([
  ['nothing is kept', 'store: none'],
  ['the operator says upstream', `${media}, uploads: upstream`],
])('where %s, uploads are not ours', async (_what, settings) => {
  const studio = await openStudio({ media: settings })
  expect(await upload(studio, await accountOf(studio))).toBeNull()
  expect(studio.onDisk()).toEqual({ kept: [], incoming: [] })
  expect(await rows(studio)).toEqual([])
})

test('a host that the gateway itself may reach is not public for that', async () => {
  const { ctx } = await openStudio({ media, publicUrl: 'http://10.1.2.3' })
  const network = { ...ctx.config.network, allowHosts: ['10.1.2.3'] }
  expect(keepsUploads({ ...ctx.config, network } as typeof ctx.config)).toBe(false)
})

test('a file goes after its time, is hidden first, and its room comes back', async () => {
  const studio = await openOurs(', uploads_max_files: 1')
  const accountId = await accountOf(studio)
  const name = await kept(studio, accountId)
  studio.clock.advance(3 * dayMs - 1)
  await studio.turn()
  expect(await served(studio, name)).not.toBeNull()
  studio.clock.advance(1)
  const [taken, ...more] = await claimUploadRemovals(studio.ctx, 10)
  expect([taken?.name, more]).toEqual([name, []])
  // Here the process dies: the file is there still, and is served no more.
  expect(studio.onDisk().kept).toHaveLength(1)
  expect(await served(studio, name)).toBeNull()
  await expect(upload(studio, accountId)).rejects.toMatchObject({ type: 'rate_limited' })
  studio.clock.advance(60 * minuteMs)
  await studio.turn()
  expect(studio.onDisk().kept).toEqual([])
  expect(await rows(studio)).toEqual([])
  await kept(studio, accountId)
})

test('uploads are kept no longer than results', async () => {
  const studio = await openStudio({ media: 'store: disk, retention: 2d, uploads_retention: 30d' })
  expect(await upload(studio, await accountOf(studio))).toMatchObject({
    expiresAt: studio.clock.now() + 2 * dayMs,
  })
})

test('a clock that jumps removes nothing', async () => {
  const studio = await openOurs()
  const name = await kept(studio)
  studio.clock.setWall(30 * dayMs)
  for (let steps = 0; steps < 4; steps += 1) {
    await studio.turn()
    studio.clock.advance(5 * minuteMs)
  }
  await studio.turn()
  expect(await served(studio, name)).not.toBeNull()
  expect(studio.onDisk().kept).toHaveLength(1)
})

test('files and bytes of one account are bounded, whatever comes at once, and those of others are not', async () => {
  const studio = await openOurs(`, uploads_max_files: 3, uploads_max_bytes: ${4 * png.length}B`)
  const [many, other] = [await accountOf(studio), await accountOf(studio)]
  const answers = await Promise.allSettled(Array.from({ length: 5 }, () => upload(studio, many)))
  const refused = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [answer.reason as unknown] : [],
  )
  expect(refused).toHaveLength(2)
  for (const error of refused) {
    expect(error).toMatchObject({ type: 'rate_limited', field: 'file', retryAfterMs: expect.any(Number) })
  }
  expect(studio.onDisk().incoming).toEqual([])
  expect(studio.onDisk().kept).toHaveLength(3)
  await kept(studio, other)
})

test('an account keeps no more bytes than it may', async () => {
  const studio = await openOurs(`, uploads_max_bytes: ${2 * png.length + 1}B`)
  const accountId = await accountOf(studio)
  await kept(studio, accountId)
  await kept(studio, accountId)
  await expect(upload(studio, accountId)).rejects.toMatchObject({
    type: 'rate_limited',
    message: expect.stringMatching(/The file was not kept and nothing was charged/) as string,
  })
  expect(await rows(studio)).toHaveLength(2)
})

test('of one whose client has gone nothing stays', async () => {
  const studio = await openOurs()
  await expect(upload(studio, await accountOf(studio), AbortSignal.abort())).rejects.toMatchObject({
    type: 'unavailable',
  })
  expect(studio.onDisk()).toEqual({ kept: [], incoming: [] })
  expect(await rows(studio)).toEqual([])
})

test('of one whose process died between file and answer nothing is served, and both go', async () => {
  const studio = await openOurs()
  const { clock, ctx } = studio
  const name = `${'x'.repeat(32)}.png`
  const accountId = await accountOf(studio)
  const times = { createdAt: clock.now(), dueAt: clock.now() + 30 * minuteMs }
  const row = { name, accountId, contentType: 'image/png', bytes: 3, ...times }
  await ctx.db.transaction((tx) => insertUpload(tx, row))
  mkdirSync(join(ctx.mediaRoot.path, 'xx/xx'), { recursive: true })
  writeFileSync(pathBelow(ctx.mediaRoot.path, name), 'abc')
  expect(await served(studio, name)).toBeNull()
  await studio.turn()
  expect(studio.onDisk().kept).toHaveLength(1)
  clock.advance(30 * minuteMs)
  await studio.turn()
  expect(studio.onDisk().kept).toEqual([])
  expect(await rows(studio)).toEqual([])
  expect(await ctx.db.transaction((tx) => markUploadKept(tx, name, clock.now()))).toBe(false)
})

test('while the disk does not take files, they are left to be passed on, and what was begun is removed', async () => {
  const studio = await openOurs()
  const accountId = await accountOf(studio)
  breakDisk({ rename: (to) => (to.includes('/media/') ? 'ENOSPC' : undefined) })
  const file = await spooled(studio)
  expect(await keepUpload(studio.ctx, { accountId, file, signal: never })).toBeNull()
  expect(readFileSync(file.path).equals(png), 'it can be passed on').toBe(true)
  await file.discard()
  expect(studio.ctx.resultStore.state()).toBe('down')
  expect(await upload(studio, accountId)).toBeNull()
  expect(await rows(studio)).toMatchObject([{ state: 'writing' }])
  mendDisk()
  studio.clock.advance(30 * minuteMs)
  await studio.turn()
  expect(await rows(studio)).toEqual([])
  expect(studio.onDisk()).toEqual({ kept: [], incoming: [] })
  await studio.ctx.resultStore.recheck()
  await kept(studio, accountId)
})

test('a file is not answered for before the disk has it', async () => {
  const studio = await openOurs()
  breakDisk({ sync: (path) => (path.includes('/incoming/') ? 'EIO' : undefined) })
  expect(await upload(studio, await accountOf(studio))).toBeNull()
  expect(studio.onDisk().kept).toEqual([])
})

async function sweepStrays({ ctx }: Studio): Promise<void> {
  const sweep = createStraySweep(ctx)
  while (await sweep.turn());
}

test('an upload with a row is no stray, and one that an older copy does not know goes after the grace', async () => {
  const studio = await openStudio({ media: 'store: disk, retention: 100d, uploads_retention: 100d' })
  const [known, gone] = [await kept(studio), await kept(studio)]
  const copy = join(studio.folder, 'copy.db')
  backUp(studio.file, copy)
  open(copy).exec(`DELETE FROM uploads WHERE name = '${gone}'`)
  const older = openSqlite({ file: copy, onFatal: () => undefined })
  expect(await carryFiles(studio.ctx.db.read, older, 5)).toBe(1)
  expect(await older.read.select().from(older.read.tables.strays)).toEqual([
    { name: gone, store: 'disk', seenAt: 5 },
  ])
  await older.close()

  open(studio.file).exec(`DELETE FROM uploads WHERE name = '${gone}'`)
  await sweepStrays(studio)
  studio.clock.advance(strayGraceMs)
  await sweepStrays(studio)
  expect(studio.onDisk().kept.map((path) => path.split('/').at(-1))).toEqual([known])
  await expectWhole(studio)
})

test('a backup takes uploads along, a restore puts them back, and a store from before there were any has none', async () => {
  const studio = await openOurs()
  const names = [await kept(studio), await kept(studio)]
  const [copy, to] = [join(studio.folder, 'copy.db'), join(studio.folder, 'copy.db.media')]
  const from = studio.ctx.mediaRoot.path
  backUp(studio.file, copy)
  const none = { count: 0, names: [] }
  const all = { files: 2, bytes: 2 * png.length, missing: none, inBucket: 0 }
  expect(await takeFiles({ copy, to, from, store: studio.file })).toEqual(all)
  for (const name of names) rmSync(pathBelow(from, name))
  const again = { copy, to: `${to}.2`, from, store: studio.file }
  expect(await takeFiles(again)).toMatchObject({ files: 0, missing: { count: 2 } })
  const db = openSqlite({ file: copy, onFatal: () => undefined })
  expect(await putBackFiles(db.read, { from: to, to: from, nowMs: 0 })).toEqual(all)
  for (const name of names) expect(readFileSync(pathBelow(from, name)).equals(png)).toBe(true)
  await db.close()

  const old = join(studio.folder, 'old.db')
  backUp(studio.file, old)
  open(old).exec('DROP TABLE uploads')
  const ofOld = { copy: old, to: `${to}.3`, from, store: old }
  expect(await takeFiles(ofOld)).toEqual({ ...all, files: 0, bytes: 0 })
})

test('an audit finds an upload of no account', async () => {
  const studio = await openOurs()
  await kept(studio)
  const client = open(studio.file)
  client.pragma('foreign_keys = OFF')
  client.exec("UPDATE uploads SET account_id = 'acc_none'")
  const { drift } = await verifyLedger(lookAt(studio.file), Date.now(), neverLate)
  expect(drift).toMatchObject([{ id: 'acc_none' }])
})
