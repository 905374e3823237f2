// Incoming files may lie on another file system than those that are kept.
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { breakDisk, mendDisk } from './faulty-disk.ts'
import { bytes, openStudio, ours, png } from './studio.ts'

afterEach(mendDisk)

test('where incoming files lie on another file system they are copied, synced and whole', async () => {
  const studio = await openStudio()
  const isElsewhere = (to: string) => (to.endsWith('.unfinished') ? undefined : 'EXDEV')
  let renames = 0
  breakDisk({ rename: (to) => ((renames += 1) % 2 === 1 ? isElsewhere(to) : undefined) })
  studio.files.serve['/a.png'] = bytes(png)
  const id = await studio.made()
  await studio.turn()
  const { image_url } = await studio.view(id)
  expect(image_url).toMatch(ours)
  const { kept, incoming } = studio.onDisk()
  expect(kept).toHaveLength(1)
  expect(incoming).toEqual([])
  expect(readFileSync(join(studio.ctx.config.dataDir, 'media', kept[0] ?? '')).equals(png)).toBe(true)
})

test('and so they are where it truly is another file system', async ({ skip }) => {
  const studio = await openStudio()
  const root = join(studio.ctx.config.dataDir, 'media')
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
  studio.files.serve['/a.png'] = bytes(png)
  const id = await studio.made()
  await studio.turn()
  expect((await studio.view(id)).image_url).toMatch(ours)
  await studio.ctx.resultStore.check()
  expect(studio.ctx.resultStore.report()).toMatchObject({ state: 'works', lastError: null })
})
