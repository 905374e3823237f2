// Files of results in backups: copied while results come and go, put back whole, and what is missing is named.
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { eq } from '../../src/db/drizzle.ts'
import { pathBelow } from '../../src/media/copies/files.ts'
import { putBackFiles } from '../../src/media/copies/put-back.ts'
import { takeFiles } from '../../src/media/copies/take.ts'
import * as rowsOfFiles from '../../src/media/copies/rows.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { openBucket } from './bucket.ts'
import { bytes, openMediaHarness, ours, png } from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'

async function kept(harness: MediaHarness): Promise<string> {
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  await harness.turn()
  const { image_url } = await harness.view(id)
  expect(image_url).toMatch(ours)
  return image_url?.split('/').at(-1) ?? ''
}

function placesOf(harness: MediaHarness) {
  const [copy, to] = [join(harness.folder, 'copy.db'), join(harness.folder, 'copy.db.media')]
  const look = (databaseUrl: string) => storeAt(databaseUrl).lookAt({ anyVersion: true })
  const from = harness.ctx.mediaRoot.path
  return { file: copy, copy: look(`file:${copy}`), to, store: look(harness.store.databaseUrl), from }
}

const none = { count: 0, names: [] }
const nowMs = 0

async function openCopy(copy: string) {
  const db = await storeAt(`file:${copy}`).open({ onFatal: () => undefined })
  onTestFinished(async () => await db.close())
  return db.read
}

test('each file that the copy of the store speaks of is copied, no other, and shares nothing with its original', async () => {
  const harness = await openMediaHarness()
  const names = [await kept(harness), await kept(harness), await kept(harness)]
  const places = placesOf(harness)
  await storeAt(harness.store.databaseUrl).backUp(places.file)
  const later = await kept(harness)
  writeFileSync(join(places.from, 'notes.txt'), 'of the operator')
  expect(await takeFiles(places)).toEqual({ files: 3, bytes: 3 * png.length, missing: none, inBucket: 0 })
  const paths = names.map((name) => pathBelow(places.to, name))
  for (const path of paths) expect(readFileSync(path).equals(png)).toBe(true)
  expect(existsSync(pathBelow(places.to, later))).toBe(false)
  expect(existsSync(join(places.to, 'notes.txt'))).toBe(false)
  expect(paths.map((path) => statSync(path).nlink)).toEqual([1, 1, 1])
  expect(statSync(paths[0] ?? '').mode & 0o077).toBe(0)
})

test('what went with its row meanwhile is no loss, and what is missing, cut off or another thing is named', async () => {
  const harness = await openMediaHarness()
  const [whole, expired, gone, cut, folder] = [
    await kept(harness),
    await kept(harness),
    await kept(harness),
    await kept(harness),
    await kept(harness),
  ]
  const places = placesOf(harness)
  await storeAt(harness.store.databaseUrl).backUp(places.file)
  const { db } = harness.ctx
  await db.transaction(async (tx) => {
    await tx.update(tx.tables.media).set({ state: 'removing' }).where(eq(tx.tables.media.name, expired))
  })
  for (const name of [expired, gone, folder]) rmSync(pathBelow(places.from, name))
  writeFileSync(pathBelow(places.from, cut), png.subarray(0, 20))
  mkdirSync(pathBelow(places.from, folder))
  const taken = await takeFiles(places)
  expect(taken).toMatchObject({ files: 1, missing: { count: 3 } })
  expect(new Set(taken.missing.names)).toEqual(new Set([gone, cut, folder]))
  expect(existsSync(pathBelow(places.to, whole))).toBe(true)
  expect(
    readdirSync(places.to, { recursive: true }).filter((path) => String(path).includes('unfinished')),
  ).toEqual([])
  expect(existsSync(pathBelow(places.to, cut))).toBe(false)
})

test('files are put back whole, those that are there stay, and what neither has is named', async () => {
  const harness = await openMediaHarness()
  const [there, lost, spoilt, nowhere] = [
    await kept(harness),
    await kept(harness),
    await kept(harness),
    await kept(harness),
  ]
  const places = placesOf(harness)
  await storeAt(harness.store.databaseUrl).backUp(places.file)
  await takeFiles(places)
  rmSync(pathBelow(places.to, nowhere))
  for (const name of [lost, nowhere]) rmSync(pathBelow(places.from, name))
  writeFileSync(pathBelow(places.from, spoilt), png.subarray(0, 20))
  const { ino } = statSync(pathBelow(places.from, there))
  const read = await openCopy(places.file)
  const back = { to: places.from, nowMs }
  const looked = await putBackFiles(read, { ...back, from: null })
  expect(looked).toMatchObject({ files: 0, missing: { count: 3 } })
  expect(existsSync(pathBelow(places.from, lost))).toBe(false)

  expect(await putBackFiles(read, { ...back, from: places.to })).toEqual({
    files: 2,
    bytes: 2 * png.length,
    missing: { count: 1, names: [nowhere] },
    inBucket: 0,
  })
  for (const name of [there, lost, spoilt])
    expect(readFileSync(pathBelow(places.from, name)).equals(png)).toBe(true)
  expect(statSync(pathBelow(places.from, there)).ino).toBe(ino)
  expect(await putBackFiles(read, { ...back, from: places.to })).toMatchObject({ files: 0 })
  const due = harness.clock.now() + 20 * 24 * 60 * 60_000
  expect(await putBackFiles(read, { ...back, nowMs: due, from: null })).toMatchObject({ missing: none })
})

test('files in a bucket are counted and left there', async () => {
  const bucket = await openBucket()
  onTestFinished(async () => await bucket.close())
  const harness = await openMediaHarness({ media: `${bucket.yaml}, retention: 100d` })
  await kept(harness)
  const places = placesOf(harness)
  await storeAt(harness.store.databaseUrl).backUp(places.file)
  const asked = bucket.asked.length
  expect(await takeFiles(places)).toEqual({ files: 0, bytes: 0, missing: none, inBucket: 1 })
  const read = await openCopy(places.file)
  const back = { from: places.to, to: places.from, nowMs }
  expect(await putBackFiles(read, back)).toMatchObject({ files: 0, missing: none, inBucket: 1 })
  expect(bucket.asked).toHaveLength(asked)
})

test('rows are read a page at a time, each page once', async () => {
  const harness = await openMediaHarness()
  const name = await kept(harness)
  const places = placesOf(harness)
  const { db } = harness.ctx
  const [row] = await db.read.select().from(db.read.tables.media)
  if (!row) throw new Error('no row')
  const others = Array.from({ length: 250 }, (_, at) => `${String(at).padStart(32, '0')}.png`)
  await db.transaction(async (tx) => {
    for (const other of others) await tx.insert(tx.tables.media).values({ ...row, name: other })
  })
  for (const other of others) {
    mkdirSync(join(pathBelow(places.from, other), '..'), { recursive: true })
    linkSync(pathBelow(places.from, name), pathBelow(places.from, other))
  }
  await storeAt(harness.store.databaseUrl).backUp(places.file)
  expect(await takeFiles(places)).toMatchObject({ files: 251, missing: none })
  copyFileSync(places.file, `${places.file}.2`)
  const read = await openCopy(`${places.file}.2`)
  const page = async (after: string) => await rowsOfFiles.keptOnDisk(read, { after, limit: 200, dueAfter: 0 })
  const first = await page('')
  expect(first).toHaveLength(200)
  expect((await page(first.at(-1)?.name ?? '')).map((each) => each.name)).toEqual([
    ...others.slice(200),
    name,
  ])
})
