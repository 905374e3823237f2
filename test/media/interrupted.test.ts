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
import { bytes, expectWhole, onDisk, openMediaHarness, ours, png, publicUrl } from './media-harness.ts'

const secondMs = 1_000
const minuteMs = 60 * secondMs

test('a task never hangs in storing: without anybody to keep it, the sweep ends it with the upstream’s URL', async () => {
  const harness = await openMediaHarness()
  const id = await harness.made()
  expect(await claimKeeps(harness.ctx, 10)).toHaveLength(1)
  harness.clock.advance(89 * secondMs)
  await rescue(harness.ctx)
  expect((await harness.task(id)).state).toBe('storing')
  harness.clock.advance(2 * secondMs)
  await rescue(harness.ctx)
  expect(await harness.view(id)).toMatchObject({ task_status: 3, image_url: `${harness.files.origin}/a.png` })
  await expectWhole(harness)
  // Whoever comes back late replaces the URL, and ends nothing a second time.
  harness.files.serve['/a.png'] = bytes(png)
  harness.clock.advance(15 * minuteMs)
  const { finished_at } = await harness.view(id)
  await harness.turn()
  expect(await harness.view(id)).toMatchObject({ finished_at, image_url: expect.stringMatching(ours) })
  await expectWhole(harness)
})

test('what a dead process had in hand is tried at once by the next', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  await claimKeeps(harness.ctx, 10)
  await releaseLeases(harness.ctx)
  await harness.turn()
  expect((await harness.view(id)).image_url).toMatch(ours)
})

test('what a dead process has left half-written is removed, and nothing that is being written', async () => {
  const harness = await openMediaHarness()
  let [send, sent]: [() => void, Promise<void>] = [() => undefined, Promise.resolve()]
  harness.files.serve['/a.png'] = (_request, response) => {
    response.writeHead(200, { 'content-length': '5000' })
    response.write(Buffer.concat([png, Buffer.alloc(4_900 - png.length)]))
    sent = new Promise((resolve) => {
      send = () => {
        response.end(Buffer.alloc(100))
        resolve()
      }
    })
  }
  const id = await harness.made()
  const keeping = harness.turn()
  await expect.poll(() => harness.onDisk().incoming.length).toBe(1)
  await removeStale(harness.ctx)
  expect(harness.onDisk().incoming).toHaveLength(1)
  harness.clock.advance(2 * 60 * minuteMs)
  await removeStale(harness.ctx)
  // It takes long, so the store is probed.
  await harness.ctx.resultStore.check()
  expect(harness.onDisk().incoming).toEqual([])
  send()
  await sent
  await keeping
  // The file under its feet is gone: that try failed, and nothing of it can be reached.
  expect(onDisk(harness.ctx.config.dataDir).kept).toEqual([])
  expect((await harness.view(id)).image_url ?? publicUrl).not.toMatch(ours)
})

test('a disk that takes nothing keeps no customer from his result', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  const inTheWay = join(harness.ctx.config.dataDir, 'media')
  writeFileSync(inTheWay, '')
  const id = await harness.made()
  for (let second = 0; second < 60; second += 1) {
    await harness.turn()
    harness.clock.advance(secondMs)
  }
  expect(await harness.view(id)).toMatchObject({ task_status: 3, image_url: `${harness.files.origin}/a.png` })
  rmSync(inTheWay)
  harness.clock.advance(10 * minuteMs)
  await harness.ctx.resultStore.check()
  await harness.turn()
  expect((await harness.view(id)).image_url).toMatch(ours)
})

test('a gateway that keeps results no longer ends what an earlier one began to keep', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  const config = { ...harness.ctx.config, publicUrl: null }
  for (const keep of await claimKeeps(harness.ctx, 10)) {
    await keepResult({ ...harness.ctx, config }, keep, new AbortController().signal)
  }
  expect(await harness.view(id)).toMatchObject({ task_status: 3, image_url: `${harness.files.origin}/a.png` })
  expect(await claimKeeps(harness.ctx, 10)).toEqual([])
  await expectWhole(harness)
})

test('a process that is torn down while it fetches counts that as no try', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = () => undefined
  const id = await harness.made()
  const tornDown = new AbortController()
  const [keep] = await claimKeeps(harness.ctx, 10)
  if (!keep) throw new Error('there is one')
  const keeping = keepResult(harness.ctx, keep, tornDown.signal)
  await expect.poll(() => harness.files.asked.length).toBe(1)
  tornDown.abort(new Error('torn down'))
  await keeping
  expect((await harness.task(id)).state).toBe('storing')
  expect(await harness.ctx.db.read.select().from(harness.ctx.db.read.tables.keeps)).toMatchObject([
    { triesMade: 0, dueAt: harness.clock.now() },
  ])
})

test('a success that was seen is not taken back by a later word of failure', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  const failure = { reason: 'No.', detail: 'a poll that was slow' }
  const task = await harness.task(id)
  expect(
    await harness.ctx.db.transaction((tx) => failTask({ tx, nowMs: harness.clock.now() }, task, failure)),
  ).toBeNull()
  await harness.turn()
  expect(await harness.view(id)).toMatchObject({ task_status: 3, credits_refunded: 0 })
  await expectWhole(harness)
})

test('a try that stood still past its lease overwrites nothing of the one that took its place', async () => {
  const harness = await openMediaHarness()
  const id = await harness.made()
  const [late] = await claimKeeps(harness.ctx, 10)
  harness.clock.advance(13 * minuteMs)
  const [taken] = await claimKeeps(harness.ctx, 10)
  if (!late || !taken) throw new Error('nothing was due')
  const { read } = harness.ctx.db
  // Its own file is not to be had, which is no news of the other's try.
  harness.files.serve['/a.png'] = (_request, response) => void response.writeHead(500).end()
  await keepResult(harness.ctx, late, new AbortController().signal)
  expect(await read.select().from(read.tables.keeps)).toEqual([taken])
  expect((await harness.task(id)).state).toBe('storing')
  harness.files.serve['/a.png'] = bytes(png)
  await keepResult(harness.ctx, taken, new AbortController().signal)
  expect(await read.select().from(read.tables.keeps)).toEqual([])
  expect(await harness.view(id)).toMatchObject({ task_status: 3, image_url: expect.stringMatching(ours) })
})

test('a file that a late try has stored all the same is shown, and ends the waiting once', async () => {
  const harness = await openMediaHarness()
  harness.files.serve['/a.png'] = bytes(png)
  const id = await harness.made()
  const [late] = await claimKeeps(harness.ctx, 10)
  harness.clock.advance(13 * minuteMs)
  const [taken] = await claimKeeps(harness.ctx, 10)
  if (!late || !taken) throw new Error('nothing was due')
  await keepResult(harness.ctx, late, new AbortController().signal)
  const view = await harness.view(id)
  expect(view).toMatchObject({ task_status: 3, image_url: expect.stringMatching(ours) })
  await keepResult(harness.ctx, taken, new AbortController().signal)
  expect(await harness.view(id)).toMatchObject({ task_status: 3, finished_at: view.finished_at })
  await expectWhole(harness)
})
