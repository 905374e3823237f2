// Incoming files may lie on another file system than those that are kept.
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { breakDisk, mendDisk } from './faulty-disk.ts'
import { bytes, openMediaHarness, ours, png } from './media-harness.ts'

afterEach(mendDisk)

test('where incoming files lie on another file system they are copied, synced and whole', async () => {
  const harness = await openMediaHarness()
  const isElsewhere = (to: string) => (to.endsWith('.unfinished') ? undefined : 'EXDEV')
  let renames = 0
  breakDisk({ rename: (to) => ((renames += 1) % 2 === 1 ? isElsewhere(to) : undefined) })
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  await harness.turn()
  const { image_url } = await harness.view(id)
  expect(image_url).toMatch(ours)
  const { kept, incoming } = harness.onDisk()
  expect(kept).toHaveLength(1)
  expect(incoming).toEqual([])
  expect(readFileSync(join(harness.ctx.config.dataDir, 'media', kept[0] ?? '')).equals(png)).toBe(true)
})

test('and so they are where it truly is another file system', async ({ skip }) => {
  const harness = await openMediaHarness()
  const root = join(harness.ctx.config.dataDir, 'media')
  mkdirSync(root, { recursive: true })
  const deviceOf = (folder: string) => statSync(folder, { throwIfNoEntry: false })?.dev
  const other = ['/dev/shm', '/tmp', '/var/tmp'].find(
    (folder) => deviceOf(folder) !== undefined && deviceOf(folder) !== deviceOf(root),
  )
  if (other === undefined) return skip('there is no other file system')
  const elsewhere = mkdtempSync(join(other, 'tollgate-'))
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }))
  symlinkSync(elsewhere, join(root, 'incoming'))
  expect(() => renameSync(join(elsewhere), join(root, 'moved'))).toThrow(/EXDEV/)
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  await harness.turn()
  expect((await harness.view(id)).image_url).toMatch(ours)
  await harness.ctx.resultStore.check()
  expect(harness.ctx.resultStore.report()).toMatchObject({ state: 'works', lastError: null })
})
