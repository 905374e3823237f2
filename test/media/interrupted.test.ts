// Whoever keeps results may die, be torn down, find no disk, or be told to keep nothing: the task ends well all the same.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { removeStale } from '../../src/media/spool.ts'
import { claimKeeps } from '../../src/tasks/results/downloads.ts'
import { failTask } from '../../src/tasks/settle.ts'
import { keepResult } from '../../src/tasks/results/store-result.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import { bytes, expectWhole, onDisk, openStudio, ours, png, publicUrl } from './studio.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs

test('a task never hangs in storing: without anybody to keep it, the sweep ends it with the upstream’s URL', async () => {
  const studio = await openStudio()
  const id = await studio.made()
  expect(await claimKeeps(studio.ctx, 10)).toHaveLength(1)
  studio.clock.advance(89 * secondMs)
  await rescue(studio.ctx)
  expect((await studio.task(id)).state).toBe('storing')
  studio.clock.advance(2 * secondMs)
  await rescue(studio.ctx)
  expect(await studio.view(id)).toMatchObject({ task_status: 3, image_url: `${studio.files.origin}/a.png` })
  await expectWhole(studio)
  // Whoever comes back late replaces the URL, and ends nothing a second time.
  studio.files.serve['/a.png'] = bytes(png)
  studio.clock.advance(15 * minuteMs)
  const { finished_at } = await studio.view(id)
  await studio.turn()
  expect(await studio.view(id)).toMatchObject({ finished_at, image_url: expect.stringMatching(ours) })
  await expectWhole(studio)
})

test('what a dead process had in hand is tried at once by the next', async () => {
  const studio = await openStudio()
  studio.files.serve['/a.png'] = bytes(png)
  const id = await studio.made()
  await claimKeeps(studio.ctx, 10)
  await releaseLeases(studio.ctx)
  await studio.turn()
  expect((await studio.view(id)).image_url).toMatch(ours)
})

test('what a dead process has left half-written is removed, and nothing that is being written', async () => {
  const studio = await openStudio()
  let [send, sent]: [() => void, Promise<void>] = [() => undefined, Promise.resolve()]
  studio.files.serve['/a.png'] = (_request, response) => {
    response.writeHead(200, { 'content-length': '5000' })
    response.write(Buffer.concat([png, Buffer.alloc(4_900 - png.length)]))
    sent = new Promise((resolve) => {
      send = () => {
        response.end(Buffer.alloc(100))
        resolve()
      }
    })
  }
  const id = await studio.made()
  const keeping = studio.turn()
  await expect.poll(() => studio.onDisk().incoming.length).toBe(1)
  await removeStale(studio.ctx)
  expect(studio.onDisk().incoming).toHaveLength(1)
  studio.clock.advance(2 * 60 * minuteMs)
  await removeStale(studio.ctx)
  // It takes long, so the store is probed.
  await studio.ctx.resultStore.check()
  expect(studio.onDisk().incoming).toEqual([])
  send()
  await sent
  await keeping
  // The file under its feet is gone: that try failed, and nothing of it can be reached.
  expect(onDisk(studio.ctx.config.dataDir).kept).toEqual([])
  expect((await studio.view(id)).image_url ?? publicUrl).not.toMatch(ours)
})

test('a disk that takes nothing keeps no customer from his result', async () => {
  const studio = await openStudio()
  studio.files.serve['/a.png'] = bytes(png)
  const inTheWay = join(studio.ctx.config.dataDir, 'media')
  writeFileSync(inTheWay, '')
  const id = await studio.made()
  for (let second = 0; second < 60; second += 1) {
    await studio.turn()
    studio.clock.advance(secondMs)
  }
  expect(await studio.view(id)).toMatchObject({ task_status: 3, image_url: `${studio.files.origin}/a.png` })
  rmSync(inTheWay)
  studio.clock.advance(10 * minuteMs)
  await studio.ctx.resultStore.check()
  await studio.turn()
  expect((await studio.view(id)).image_url).toMatch(ours)
})

test('a gateway that keeps results no longer ends what an earlier one began to keep', async () => {
  const studio = await openStudio()
  studio.files.serve['/a.png'] = bytes(png)
  const id = await studio.made()
  const config = { ...studio.ctx.config, publicUrl: null }
  for (const keep of await claimKeeps(studio.ctx, 10)) {
    await keepResult({ ...studio.ctx, config }, keep, new AbortController().signal)
  }
  expect(await studio.view(id)).toMatchObject({ task_status: 3, image_url: `${studio.files.origin}/a.png` })
  expect(await claimKeeps(studio.ctx, 10)).toEqual([])
  await expectWhole(studio)
})

test('a process that is torn down while it fetches counts that as no try', async () => {
  const studio = await openStudio()
  studio.files.serve['/a.png'] = () => undefined
  const id = await studio.made()
  const tornDown = new AbortController()
  const [keep] = await claimKeeps(studio.ctx, 10)
  if (!keep) throw new Error('there is one')
  const keeping = keepResult(studio.ctx, keep, tornDown.signal)
  await expect.poll(() => studio.files.asked.length).toBe(1)
  tornDown.abort(new Error('torn down'))
  await keeping
  expect((await studio.task(id)).state).toBe('storing')
  expect(await studio.ctx.db.read.select().from(studio.ctx.db.read.tables.keeps)).toMatchObject([
    { triesMade: 0, dueAt: studio.clock.now() },
  ])
})

test('a success that was seen is not taken back by a later word of failure', async () => {
  const studio = await openStudio()
  studio.files.serve['/a.png'] = bytes(png)
  const id = await studio.made()
  const failure = { reason: 'No.', detail: 'a poll that was slow' }
  const task = await studio.task(id)
  expect(await studio.ctx.db.transaction((tx) => failTask(tx, task, failure, studio.clock.now()))).toBeNull()
  await studio.turn()
  expect(await studio.view(id)).toMatchObject({ task_status: 3, credits_refunded: 0 })
  await expectWhole(studio)
})
