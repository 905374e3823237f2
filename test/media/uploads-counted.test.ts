// Uploads are counted wherever files are: by the sweep of strays, by backups and restores, and by the audit.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { neverLate, verifyLedger } from '../../src/ledger/verify.ts'
import { pathBelow } from '../../src/media/copies/files.ts'
import { putBackFiles } from '../../src/media/copies/put-back.ts'
import { takeFiles } from '../../src/media/copies/take.ts'
import { carryFiles } from '../../src/media/strays/carry.ts'
import { createStraySweep, strayGraceMs } from '../../src/media/strays/sweep.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { open } from '../db/upgraded.ts'
import { expectWhole, openMediaHarness, png } from './media-harness.ts'
import type { MediaHarness } from './media-harness.ts'
import { kept, openOurs } from './uploading.ts'

async function sweepStrays({ ctx }: MediaHarness): Promise<void> {
  const sweep = createStraySweep(ctx)
  while (await sweep.turn());
}

test('an upload with a row is no stray, and one that an older copy does not know goes after the grace', async () => {
  const harness = await openMediaHarness({ media: 'store: disk, retention: 100d, uploads_retention: 100d' })
  const [known, gone] = [await kept(harness), await kept(harness)]
  const copy = join(harness.folder, 'copy.db')
  await storeAt(`file:${harness.file}`).backUp(copy)
  open(copy).exec(`DELETE FROM uploads WHERE name = '${gone}'`)
  const older = await storeAt(`file:${copy}`).open({ onFatal: () => undefined })
  expect(await carryFiles(harness.ctx.db.read, older, 5)).toBe(1)
  expect(await older.read.select().from(older.read.tables.strays)).toEqual([
    { name: gone, store: 'disk', seenAt: 5 },
  ])
  await older.close()

  open(harness.file).exec(`DELETE FROM uploads WHERE name = '${gone}'`)
  await sweepStrays(harness)
  harness.clock.advance(strayGraceMs)
  await sweepStrays(harness)
  expect(harness.onDisk().kept.map((path) => path.split('/').at(-1))).toEqual([known])
  await expectWhole(harness)
})

const lookAt = (file: string) => storeAt(`file:${file}`).lookAt({ anyVersion: true })

test('a backup takes uploads along, a restore puts them back, and a store from before there were any has none', async () => {
  const harness = await openOurs()
  const names = [await kept(harness), await kept(harness)]
  const [copy, to] = [join(harness.folder, 'copy.db'), join(harness.folder, 'copy.db.media')]
  const from = harness.ctx.mediaRoot.path
  await storeAt(`file:${harness.file}`).backUp(copy)
  const none = { count: 0, names: [] }
  const all = { files: 2, bytes: 2 * png.length, missing: none, inBucket: 0 }
  expect(await takeFiles({ copy: lookAt(copy), to, from, store: lookAt(harness.file) })).toEqual(all)
  for (const name of names) rmSync(pathBelow(from, name))
  const again = { copy: lookAt(copy), to: `${to}.2`, from, store: lookAt(harness.file) }
  expect(await takeFiles(again)).toMatchObject({ files: 0, missing: { count: 2 } })
  const db = await storeAt(`file:${copy}`).open({ onFatal: () => undefined })
  expect(await putBackFiles(db.read, { from: to, to: from, nowMs: 0 })).toEqual(all)
  for (const name of names) expect(readFileSync(pathBelow(from, name)).equals(png)).toBe(true)
  await db.close()

  const old = join(harness.folder, 'old.db')
  await storeAt(`file:${harness.file}`).backUp(old)
  open(old).exec('DROP TABLE uploads')
  const ofOld = { copy: lookAt(old), to: `${to}.3`, from, store: lookAt(old) }
  expect(await takeFiles(ofOld)).toEqual({ ...all, files: 0, bytes: 0 })
})

test('an audit finds an upload of no account', async () => {
  const harness = await openOurs()
  await kept(harness)
  const client = open(harness.file)
  client.pragma('foreign_keys = OFF')
  client.exec("UPDATE uploads SET account_id = 'acc_none'")
  const { drift } = await verifyLedger(storeAt(`file:${harness.file}`).lookAt(), Date.now(), neverLate)
  expect(drift).toMatchObject([{ id: 'acc_none' }])
})
