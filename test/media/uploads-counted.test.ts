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
import { openTestStore } from '../support/test-store.ts'
import type { TestStore } from '../support/stores/dialect.ts'
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
  await storeAt(harness.store.databaseUrl).backUp(copy)
  const forget = async (store: TestStore) => await store.write('DELETE FROM uploads WHERE name = ?', [gone])
  await forget(openTestStore(`file:${copy}`))
  const older = await storeAt(`file:${copy}`).open({ onFatal: () => undefined })
  expect(await carryFiles(harness.ctx.db.read, older, 5)).toBe(1)
  expect(await older.read.select().from(older.read.tables.strays)).toEqual([
    { name: gone, store: 'disk', seenAt: 5 },
  ])
  await older.close()

  await forget(harness.store)
  await sweepStrays(harness)
  harness.clock.advance(strayGraceMs)
  await sweepStrays(harness)
  expect(harness.onDisk().kept.map((path) => path.split('/').at(-1))).toEqual([known])
  await expectWhole(harness)
})

const lookAt = ({ databaseUrl }: TestStore) => storeAt(databaseUrl).lookAt({ anyVersion: true })

test('a backup takes uploads along, a restore puts them back, and a store from before there were any has none', async () => {
  const harness = await openOurs()
  const names = [await kept(harness), await kept(harness)]
  const [copy, to] = [join(harness.folder, 'copy.db'), join(harness.folder, 'copy.db.media')]
  const from = harness.ctx.mediaRoot.path
  await storeAt(harness.store.databaseUrl).backUp(copy)
  const none = { count: 0, names: [] }
  const all = { files: 2, bytes: 2 * png.length, missing: none, inBucket: 0 }
  const [ofCopy, ofStore] = [lookAt(openTestStore(`file:${copy}`)), lookAt(harness.store)]
  expect(await takeFiles({ copy: ofCopy, to, from, store: ofStore })).toEqual(all)
  for (const name of names) rmSync(pathBelow(from, name))
  const again = { copy: ofCopy, to: `${to}.2`, from, store: ofStore }
  expect(await takeFiles(again)).toMatchObject({ files: 0, missing: { count: 2 } })
  const db = await storeAt(`file:${copy}`).open({ onFatal: () => undefined })
  expect(await putBackFiles(db.read, { from: to, to: from, nowMs: 0 })).toEqual(all)
  for (const name of names) expect(readFileSync(pathBelow(from, name)).equals(png)).toBe(true)
  await db.close()

  const old = join(harness.folder, 'old.db')
  await storeAt(harness.store.databaseUrl).backUp(old)
  const older = openTestStore(`file:${old}`)
  await older.write('DROP TABLE uploads')
  const ofOld = { copy: lookAt(older), to: `${to}.3`, from, store: lookAt(older) }
  expect(await takeFiles(ofOld)).toEqual({ ...all, files: 0, bytes: 0 })
})

test('an audit finds an upload of no account', async () => {
  const harness = await openOurs()
  await kept(harness)
  await harness.store.spoil("UPDATE uploads SET account_id = 'acc_none'", 'references')
  const { drift } = await verifyLedger(storeAt(harness.store.databaseUrl).lookAt(), Date.now(), neverLate)
  expect(drift).toMatchObject([{ id: 'acc_none' }])
})
