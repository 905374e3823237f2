// An order that made its first frame first is archived with that frame, and not before callbacks of both are over.
import { expect, test } from 'vitest'
import { rescue } from '../../../src/tasks/rescue/rescue.ts'
import { holdQueued } from '../../../src/tasks/rescue/restored.ts'
import { openStage } from '../first-frame-scene.ts'
import { archiveAll, archived, dayMs, drift } from './scene.ts'

async function ended(options = {}) {
  const stage = await openStage(1_000, options)
  const created = await stage.ordered()
  await stage.dispatch()
  await stage.poll()
  await stage.dispatch()
  await stage.poll()
  return { stage, created }
}

const left = async ({ ctx: { db } }: Awaited<ReturnType<typeof openStage>>) =>
  (await db.read.select().from(db.read.tables.requests)).map(({ id }) => id)

test('both are one order in the archive, and the ledger stays whole', async () => {
  const { stage, created } = await ended()
  const { request, task } = await stage.frame(created)
  stage.clock.advance(dayMs + 10_000)
  expect(await archiveAll(stage)).toMatchObject({ orders: 1, tasks: 1, stay: {} })
  expect(await left(stage)).toEqual([])
  expect(archived(stage)).toMatchObject([
    {
      request: { id: created.requestId },
      tasks: [{ credits: 50, step: 'video' }],
      entries: [{ amount: -50 }],
      first_frame: {
        request: { id: request.id, first_frame_of: created.requestId, first_frame_credits: 10 },
        tasks: [{ id: task.id, step: 'first_frame' }],
        attempts: [{ state: 'accepted' }],
        entries: [],
      },
    },
  ])
  expect(await drift(stage)).toEqual([])
})

test('it stays while a callback about its first frame may still come', async () => {
  const { stage, created } = await ended({ publicUrl: 'https://gate.example' })
  // Only the frame's attempt still has a token.
  await stage.store.write(
    `UPDATE attempts SET callback_token_hash = NULL WHERE request_id = '${created.requestId}'`,
  )
  stage.clock.advance(2 * dayMs)
  expect(await archiveAll(stage)).toMatchObject({ orders: 0, stay: { callback: 1 } })
  stage.clock.advance(7 * dayMs)
  expect(await archiveAll(stage)).toMatchObject({ orders: 1 })
  expect(await left(stage)).toEqual([])
})

test('it stays while its first frame is still open, though the order itself has ended', async () => {
  const stage = await openStage()
  const created = await stage.ordered()
  await stage.dispatch()
  // As after a restore: the order was not posted from the copy, and its frame runs on.
  await holdQueued(stage.ctx.db, { config: stage.ctx.config, nowMs: stage.clock.now() })
  stage.clock.advance(1)
  await rescue(stage.ctx)
  expect(await stage.states(created)).toMatchObject({ order: 'failed', frame: 'running' })
  stage.clock.advance(2 * dayMs)
  expect(await archiveAll(stage)).toMatchObject({ orders: 0, stay: { open: 1 } })
})
