// What customers wrote is removed so long after the end of their orders, and never while something needs it.
import { eq } from '../../src/db/drizzle.ts'
import { expect, test } from 'vitest'
import { find } from '../../src/find/find.ts'
import { insertUpload, markUploadKept, uploadsDue } from '../../src/media/uploads/rows.ts'
import { recordLateSuccess } from '../../src/tasks/callbacks/orphans.ts'
import { reconcile } from '../../src/tasks/corrections/reconcile.ts'
import { kieTask } from '../../src/tasks/forms/kie.ts'
import { predictionOf } from '../../src/tasks/forms/replicate.ts'
import { findOrder } from '../../src/tasks/read/orders.ts'
import { taskDetail } from '../../src/tasks/read/task-detail.ts'
import { createCleaning } from '../../src/tasks/rescue/cleanup.ts'
import { textsOf } from '../../src/tasks/texts/due.ts'
import { removeTexts } from '../../src/tasks/texts/remove.ts'
import { removeOldTexts } from '../../src/tasks/texts/retention.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import { shortLimitsYaml } from '../support/gateway.ts'
import { traces } from '../privacy/traces.ts'
import { openStage } from './first-frame-scene.ts'
import { archiveAll, archived, dayMs, dispatchAll, drift, pollAll, result } from './archive/scene.ts'

const yaml = `${shortLimitsYaml}privacy: { prompts: 2d }\n`
const words = ['heron', 'face.png', 'hook-of']
const bodyOf = (more: object = {}) => ({
  model_id: 'gpt-image-2',
  prompt: 'a shy heron',
  image_urls: ['https://example.com/face.png'],
  callback_url: 'https://example.com/hook-of-nora',
  ...more,
})

/** Until a step finds nothing; the deliveries of the orders are made. */
async function sweep({ ctx, store }: Pick<DomainHarness, 'ctx' | 'store'>): Promise<void> {
  await store.write(`UPDATE webhook_deliveries SET state = 'delivered', due_at = NULL`)
  while ((await removeOldTexts(ctx, 50)) > 0);
}

async function ended(domain: DomainHarness, caller: Awaited<ReturnType<DomainHarness['account']>>) {
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-1'] })
  domain.seen = () => ({ kind: 'succeeded', result })
  const { created } = await create(domain.ctx, caller, bodyOf(), 'key-1')
  await dispatchAll(domain)
  await pollAll(domain)
  return created
}

test('prompt, pictures, URLs and what may quote them go; the task, its result and the ledger stay', async () => {
  const domain = await openDomainHarness({ yaml })
  const { ctx, clock } = domain
  const caller = await domain.account(1_000)
  const { requestId, taskIds } = await ended(domain, caller)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'a heron is not allowed' })
  const { created: refused } = await create(ctx, caller, bodyOf())
  await dispatchAll(domain)
  await ctx.db.transaction(async (tx) => {
    const row = { accountId: caller.accountId, contentType: 'image/png', bytes: 3, createdAt: clock.now() }
    for (const name of ['mine.png', 'other.png']) {
      await insertUpload(tx, { ...row, name, dueAt: clock.now() + 90 * dayMs })
      await markUploadKept(tx, name, clock.now() + 90 * dayMs)
    }
  })
  const { created: pictured } = await create(ctx, caller, {
    ...bodyOf(),
    image_urls: ['https://gate.example/media/mine.png'],
  })
  await dispatchAll(domain)
  const wordsLeft = async () => await traces(ctx.db.read, words)

  clock.advance(2 * dayMs - 1_000)
  await sweep(domain)
  expect((await wordsLeft()).length).toBeGreaterThan(5)

  // Its Idempotency-Key is kept for an hour more than a day; the cleanup forgets it first.
  const cleaning = createCleaning(ctx)
  clock.advance(2_000)
  while (await cleaning.turn());
  await sweep(domain)
  expect(await wordsLeft()).toEqual([])

  const [order] = [await findOrder(ctx.db.read, caller.accountId, requestId)]
  expect(order.request).toMatchObject({ callbackUrl: null, textRemovedAt: clock.now() })
  expect(order.request.order).toMatchObject({ prompt: null, imageUrls: [], count: 1, resolution: '2K' })
  expect(order.tasks).toMatchObject([{ state: 'succeeded', imageUrl: result.imageUrl, credits: 15 }])
  expect(await taskDetail(ctx.db.read, refused.taskIds[0] ?? '', clock.now())).toMatchObject({
    error_message: 'No.',
    error_detail: null,
    request: { order: { prompt: null }, callback_url: null, text_removed_at_ms: clock.now() },
    attempts: [{ state: 'refused', detail: null }],
    entries: [{ amount: -15 }, { amount: 15 }],
  })
  const shown = { nowMs: clock.now(), origin: 'https://gate.example' }
  const input = { prompt: null, text_removed: true, resolution: '2K' }
  expect(predictionOf(order, shown)).toMatchObject({ input, data_removed: true, webhook: null })
  expect(JSON.parse(kieTask(order, clock.now()).param)).toEqual({
    model: 'gpt-image-2',
    input: expect.objectContaining(input) as unknown,
  })
  expect(await find(ctx.db.read, 'shy heron', ['keevx'])).toEqual([])
  const due = await uploadsDue(ctx.db.read, { nowMs: clock.now(), limit: 9 })
  expect(due.map(({ name }) => name)).toEqual(['mine.png'])
  expect(await drift(domain)).toEqual([])
  expect([taskIds, pictured.taskIds].flat()).toHaveLength(2)
})

test('nothing goes while a task is open, a webhook waits or a repeated request is answered with it', async () => {
  const domain = await openDomainHarness({ yaml })
  const { ctx, clock, store } = domain
  const caller = await domain.account(1_000)
  const waiting = await ended(domain, caller)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-2'] })
  domain.seen = () => ({ kind: 'running' })
  const { created: open } = await create(ctx, caller, bodyOf({ callback_url: undefined }))
  await dispatchAll(domain)
  clock.advance(3 * dayMs)
  const ids = [waiting.requestId, open.requestId]
  const stays = async () => {
    const found = await textsOf(ctx.db.read, clock.now() - 2 * dayMs, ids)
    return ids.map((id) => found.find((order) => order.id === id)?.stays)
  }
  expect(await stays()).toEqual(['key', 'open'])
  await store.write(`DELETE FROM idempotency`)
  expect(await stays()).toEqual(['delivery', 'open'])
  while ((await removeOldTexts(ctx, 50)) > 0);
  expect(await ctx.db.read.select().from(ctx.db.read.tables.heldTexts)).toHaveLength(2)
  await expect(
    ctx.db.transaction(async (tx) => await removeTexts({ tx, nowMs: clock.now() }, [open.requestId])),
  ).rejects.toThrow('when all of it has ended')

  // An hour later what was delivered meanwhile goes, and what is still open stays.
  clock.advance(60 * 60_000)
  await sweep(domain)
  expect(await stays()).toEqual(['done', 'open'])
  domain.seen = () => ({ kind: 'succeeded', result })
  await pollAll(domain)
  clock.advance(60 * 60_000)
  await sweep(domain)
  expect(await stays()).toEqual(['done', 'recent'])
  clock.advance(2 * dayMs)
  await sweep(domain)
  expect(await stays()).toEqual(['done', 'done'])
  expect(await ctx.db.read.select().from(ctx.db.read.tables.heldTexts)).toEqual([])
})

test('a picture that an open order names stays, and goes with the last order that names it', async () => {
  const domain = await openDomainHarness({ yaml })
  const { ctx, clock } = domain
  const caller = await domain.account(1_000)
  const picture = { image_urls: ['https://gate.example/media/shared.png'], callback_url: undefined }
  await ctx.db.transaction(async (tx) => {
    const row = { accountId: caller.accountId, contentType: 'image/png', bytes: 3, createdAt: clock.now() }
    await insertUpload(tx, { ...row, name: 'shared.png', dueAt: clock.now() + 90 * dayMs })
    await markUploadKept(tx, 'shared.png', clock.now() + 90 * dayMs)
  })
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  await create(ctx, caller, bodyOf(picture))
  await dispatchAll(domain)
  clock.advance(3 * dayMs)
  domain.submitted = () => ({ kind: 'accepted', taskIds: ['i2is-2'] })
  domain.seen = () => ({ kind: 'succeeded', result })
  await create(ctx, caller, bodyOf(picture))
  await dispatchAll(domain)
  const due = async () => (await uploadsDue(ctx.db.read, { nowMs: clock.now(), limit: 9 })).length
  await sweep(domain)
  expect(await due()).toBe(0)
  await pollAll(domain)
  clock.advance(3 * dayMs)
  await sweep(domain)
  expect(await due()).toBe(1)
})

test('late work is charged and delivered after its texts are gone', async () => {
  const domain = await openDomainHarness({ yaml })
  const { ctx, clock } = domain
  const caller = await domain.account(1_000)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  const { created } = await create(ctx, caller, bodyOf({ callback_url: undefined }))
  await dispatchAll(domain)
  clock.advance(3 * dayMs)
  await sweep(domain)
  const [task] = await domain.tasks(created)
  if (!task) throw new Error('there is no task')
  domain.seen = () => ({ kind: 'succeeded', result })
  const id = await ctx.db.transaction(async (tx) => {
    const made = { ...task, upstreamTaskId: 'i2is-late' }
    await recordLateSuccess({ tx, nowMs: clock.now() }, made)
    const [orphan] = await tx.select().from(tx.tables.orphans)
    return orphan?.id ?? ''
  })
  await reconcile(ctx, { id, decision: 'charge', reason: 'wanted' })
  expect(await domain.tasks(created)).toMatchObject([{ state: 'succeeded', imageUrl: result.imageUrl }])
  expect(await drift(domain)).toEqual([])
})

test('a first frame loses its texts with its order', async () => {
  const stage = await openStage(1_000, { yaml })
  const created = await stage.ordered()
  await stage.dispatch()
  await stage.poll()
  await stage.dispatch()
  await stage.poll()
  stage.clock.advance(3 * dayMs)
  await sweep(stage)
  const { requests } = stage.ctx.db.read.tables
  const rows = await stage.ctx.db.read.select().from(requests)
  expect(rows).toHaveLength(2)
  for (const row of rows) {
    expect(row).toMatchObject({ order: { prompt: null }, firstFrameUrl: null, callbackUrl: null })
  }
  const [order] = await stage.ctx.db.read.select().from(requests).where(eq(requests.id, created.requestId))
  expect(order?.textRemovedAt).toBe(stage.clock.now())
})

test('a file of the archive holds no texts, and none of an order whose texts may still be looked at', async () => {
  const domain = await openDomainHarness({ yaml })
  const caller = await domain.account(1_000)
  await ended(domain, caller)
  await domain.store.write(`DELETE FROM idempotency`)
  await domain.store.write(`UPDATE webhook_deliveries SET state = 'delivered', due_at = NULL`)
  domain.clock.advance(dayMs + 10_000)
  expect(await archiveAll(domain)).toMatchObject({ orders: 0 })
  domain.clock.advance(dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 1 })
  const [order] = archived(domain)
  expect(order).toMatchObject({
    request: { callback_url: null, text_removed_at: domain.clock.now() },
    tasks: [{ image_url: result.imageUrl }],
    entries: [{ amount: -15 }],
    deliveries: [{ url: null, body: null }],
  })
  expect(words.filter((word) => JSON.stringify(order).includes(word))).toEqual([])
})
