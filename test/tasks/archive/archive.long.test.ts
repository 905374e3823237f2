// Ended orders are written out and taken away; the ledger stays whole, and what is still of use stays.
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { listEntries } from '../../../src/ledger/statement.ts'
import { insertWriting, markKept } from '../../../src/media/rows.ts'
import { archiveFolder, Archiving } from '../../../src/tasks/archive/archive.ts'
import { createCleaning } from '../../../src/tasks/rescue/cleanup.ts'
import { findTask, listTasks } from '../../../src/tasks/read/find.ts'
import { taskDetail } from '../../../src/tasks/read/task-detail.ts'
import { recordLateSuccess } from '../../../src/tasks/callbacks/orphans.ts'
import { stats } from '../../../src/tasks/read/stats.ts'
import { shortLimitsYaml } from '../../support/gateway.ts'
import type { DomainHarness } from '../../support/domain-harness.ts'
import { openWebhookHarness } from '../../webhooks/webhook-harness.ts'
import { archiveAll, archived, dayMs, dispatchAll, drift, openScene, pollAll, result } from './scene.ts'
import { create } from '../../support/domain-harness.ts'

const entriesOf = async ({ ctx }: DomainHarness, accountId: string) =>
  await listEntries(ctx.db.read, { accountId, before: null, limit: 100 })

test('an order that ended long ago is written out whole and leaves the store; its entries, the balance and the totals stay', async () => {
  const { domain, caller, failed, succeeded, running, left } = await openScene()
  const { read } = domain.ctx.db
  const [entries, totals, balance] = [
    await entriesOf(domain, caller.accountId),
    await stats(read),
    await domain.balance(caller),
  ]
  domain.clock.advance(dayMs + 1_000)
  expect(await archiveAll(domain)).toMatchObject({ orders: 2, tasks: 3, stay: { open: 1 } })

  expect(await left()).toEqual([running.requestId])
  expect(archived(domain)).toMatchObject([
    {
      format: 'tollgate-order-1',
      request: { id: failed.requestId, account_id: caller.accountId, state: 'failed' },
      tasks: [{ id: failed.taskIds[0], state: 'failed', credits: 15, credits_refunded: 15 }],
      attempts: [{ state: 'refused' }],
      entries: [
        { kind: 'charge', amount: -15 },
        { kind: 'refund', amount: 15 },
      ],
    },
    {
      request: { id: succeeded.requestId },
      tasks: [
        { id: succeeded.taskIds[0], image_url: result.imageUrl },
        { id: succeeded.taskIds[1], upstream_task_id: 'i2is-2' },
      ],
      entries: [{ amount: -15 }, { amount: -15 }],
    },
  ])
  expect(await entriesOf(domain, caller.accountId)).toEqual(entries)
  expect(await stats(read)).toEqual(totals)
  expect(await domain.balance(caller)).toBe(balance)
  expect(await drift(domain)).toEqual([])
  await expect(findTask(read, caller.accountId, failed.taskIds[0] ?? '')).rejects.toMatchObject({
    type: 'not_found',
    message: expect.not.stringContaining('archive'),
  })
  await expect(taskDetail(read, failed.taskIds[0] ?? '', 0)).rejects.toThrow('was archived')
  const page = await listTasks(read, {
    accountId: caller.accountId,
    status: null,
    modelId: null,
    before: null,
    limit: 9,
  })
  expect(page.rows.map(({ id }) => id)).toEqual(running.taskIds)
  expect(await archiveAll(domain)).toMatchObject({ files: [], orders: 0 })
})

test('what ended later than that stays, and so do the other tasks of its order', async () => {
  const { domain, running, left } = await openScene()
  domain.clock.advance(dayMs)
  await pollAll(domain)
  domain.clock.advance(60_000)
  expect(await archiveAll(domain)).toMatchObject({ orders: 2, stay: { recent: 1 } })
  expect(await left()).toEqual([running.requestId])
  domain.clock.advance(dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 1, stay: {} })
  expect(await drift(domain)).toEqual([])
})

test('an order stays while its Idempotency-Key answers with it', async () => {
  const { domain, caller } = await openScene()
  const body = { model_id: 'gpt-image-2', prompt: 'a heron' }
  const once = async () => await create(domain.ctx, caller, body, 'a key')
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  const { created } = await once()
  await dispatchAll(domain)
  domain.clock.advance(23 * 60 * 60_000)
  expect(await archiveAll(domain, 1_000)).toMatchObject({ stay: { key: 1 } })
  expect(await once()).toMatchObject({ created, replayed: true })
  domain.clock.advance(3 * 60 * 60_000)
  const { turn } = createCleaning(domain.ctx)
  while (await turn());
  expect(await archiveAll(domain, 1_000)).toMatchObject({ orders: 1 })
  expect(await drift(domain)).toEqual([])
})

test('an order stays for a week while Keevx may call back for it', async () => {
  const { domain, left } = await openScene({ publicUrl: 'https://gateway.example' })
  domain.clock.advance(6 * dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 0, stay: { callback: 2 } })
  domain.clock.advance(dayMs + 1_000)
  expect(await archiveAll(domain)).toMatchObject({ orders: 2 })
  expect(await left()).toHaveLength(1)
  const told = JSON.stringify(archived(domain))
  for (const url of domain.callbackUrls) expect(told).not.toContain(url?.split('/').at(-1))
  expect(told).not.toContain('callback_token_hash')
})

test('an order stays while a file of its result is kept', async () => {
  const { domain, succeeded, left } = await openScene()
  const row = {
    name: 'a.png',
    taskId: succeeded.taskIds[1] ?? '',
    part: 'result',
    store: 'disk',
    bytes: 1,
  } as const
  const [createdAt, dueAt] = [domain.clock.now(), domain.clock.now() + 30 * dayMs]
  await domain.ctx.db.transaction(async (tx) => {
    await insertWriting(tx, { ...row, contentType: 'image/png', createdAt, dueAt })
    await markKept(tx, row.name, dueAt)
  })
  domain.clock.advance(2 * dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 1, stay: { file: 1 } })
  expect(await left()).toContain(succeeded.requestId)
})

test('an order stays while its webhook is under way, and its log goes with it once it is not', async () => {
  const harness = await openWebhookHarness({ schedule: '[1000h]' })
  const { domain } = harness
  await harness.order('http://127.0.0.1:9/hook')
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  await dispatchAll(domain)
  await harness.turn()
  domain.clock.advance(2 * dayMs)
  expect(await archiveAll(domain)).toMatchObject({ orders: 0, stay: { delivery: 1 } })
  for (let tries = 0; tries < 3; tries += 1) {
    domain.clock.advance(2_000 * 60 * 60_000)
    await harness.turn()
  }
  expect(await harness.log()).toMatchObject([{ state: 'failed' }])
  expect(await archiveAll(domain)).toMatchObject({ orders: 1 })
  expect(await harness.log()).toEqual([])
  expect(archived(domain)).toMatchObject([{ deliveries: [{ state: 'failed', type: 'task.failed' }] }])
  expect(await drift(domain)).toEqual([])
})

test('what is recorded of an order after it was written is not removed with it', async () => {
  const { domain, failed, left } = await openScene()
  domain.clock.advance(2 * dayMs)
  const archiving = new Archiving(domain.ctx, { olderThanMs: dayMs })
  await archiving.turn(50)
  const [task] = await domain.tasks(failed)
  if (!task) throw new Error('it is written, and not removed yet')
  await domain.ctx.db.transaction((tx) =>
    recordLateSuccess({ tx, nowMs: 1 }, { ...task, upstreamTaskId: 'late' }),
  )
  while (await archiving.turn(50));
  expect(archiving.result()).toMatchObject({ orders: 1, stay: { recent: 1 } })
  expect(await left()).toContain(failed.requestId)
  expect(await archiveAll(domain)).toMatchObject({ orders: 1 })
  const lines = archived(domain).filter(({ request }) => request['id'] === failed.requestId)
  expect(new Set(lines.map(({ orphans }) => orphans.length))).toEqual(new Set([0, 1]))
  expect((await stats(domain.ctx.db.read)).orphans).toEqual({ late_success: 1 })
  expect(await drift(domain)).toEqual([])
})

test.each([
  ['a task that vanished', (id: string) => `DELETE FROM tasks WHERE id = '${id}'`],
  ['a closing that says less', () => 'UPDATE closings SET charged = charged - 15'],
  ['a closing that counts one more', () => 'UPDATE closings SET refunds = refunds + 1'],
  ['a closing that is gone', () => 'DELETE FROM closings'],
  ['a closing of nothing', () => 'INSERT INTO closings SELECT 1024, id, 1, 15, 0, 0 FROM accounts'],
])('the audit finds %s', async (_what, damage) => {
  const { domain, running } = await openScene()
  domain.clock.advance(2 * dayMs)
  await archiveAll(domain)
  expect(await drift(domain)).toEqual([])
  await domain.store.spoil(damage(running.taskIds[0] ?? ''), 'guards')
  expect((await drift(domain)).map(({ check }) => check)).toContain(
    damage('').startsWith('DELETE FROM closings')
      ? 'what a row names is there'
      : 'a closing is what the entries of archived tasks add up to',
  )
})

test('a file is for the gateway’s own user alone, and is cut in several where there is much', async () => {
  const { domain, caller } = await openScene()
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  for (let order = 0; order < 20; order += 1) await domain.order(caller)
  await dispatchAll(domain)
  await dispatchAll(domain)
  domain.clock.advance(2 * dayMs)
  const { files, orders } = await archiveAll(domain, dayMs, 10)
  expect(orders).toBe(22)
  expect(files).toHaveLength(2)
  expect(new Set(archived(domain).map(({ request }) => request['id'])).size).toBe(22)
  for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(archiveFolder(domain.ctx)).mode & 0o777).toBe(0o700)
  expect(await drift(domain)).toEqual([])
})

test('nothing is removed before its file is whole, and what a dead process left half-written is thrown away a day later', async () => {
  const { domain, left } = await openScene()
  const folder = archiveFolder(domain.ctx)
  domain.clock.advance(2 * dayMs)
  mkdirSync(folder)
  for (const [name, hours] of [
    ['old', 25],
    ['new', 1],
  ] as const) {
    writeFileSync(join(folder, `${name}.jsonl.gz.unfinished`), '')
    const time = domain.clock.now() / 1_000 - hours * 3_600
    utimesSync(join(folder, `${name}.jsonl.gz.unfinished`), time, time)
  }
  const archiving = new Archiving(domain.ctx, { olderThanMs: dayMs })
  await archiving.turn(2)
  expect(await left()).toHaveLength(3)
  expect(readdirSync(folder).filter((name) => name.endsWith('.gz'))).toEqual([])
  expect(readdirSync(folder).some((name) => name.startsWith('old'))).toBe(false)
  expect(readdirSync(folder).some((name) => name.startsWith('new'))).toBe(true)
  // It died here; another one finds the same orders.
  expect(await archiveAll(domain)).toMatchObject({ orders: 2 })
  expect(archived(domain)).toHaveLength(2)
})

test('where the file cannot be written nothing is removed, and the loop tries again in ten minutes', async () => {
  const { domain, left } = await openScene({ yaml: `${shortLimitsYaml}retention: { tasks: 1d }` })
  domain.clock.advance(2 * dayMs)
  // As a folder that is no folder.
  writeFileSync(archiveFolder(domain.ctx), '')
  const error = vi.fn<(error: unknown) => void>()
  const { turn } = createCleaning(domain.ctx)
  const round = async () => {
    for (let kind = 0; kind < 10; kind += 1) await turn().catch(error)
  }
  await round()
  expect(error).toHaveBeenCalledTimes(1)
  expect(await left()).toHaveLength(3)
  await round()
  expect(error).toHaveBeenCalledTimes(1)
  domain.clock.advance(10 * 60_000)
  await round()
  expect(error).toHaveBeenCalledTimes(2)
})

test('by retention.tasks the loop archives once a day, and without it never', async () => {
  const kept = await openScene()
  kept.domain.clock.advance(1_000 * dayMs)
  const idle = createCleaning(kept.domain.ctx)
  while (await idle.turn());
  expect(await kept.left()).toHaveLength(3)

  const { domain, caller, left } = await openScene({ yaml: `${shortLimitsYaml}retention: { tasks: 90d }` })
  const { turn } = createCleaning(domain.ctx)
  const forget = async () => {
    while (await turn());
    return (await left()).length
  }
  domain.clock.advance(89 * dayMs)
  expect(await forget()).toBe(3)
  domain.submitted = () => ({ kind: 'refused', reason: 'No.', detail: 'no' })
  await domain.order(caller)
  await dispatchAll(domain)
  domain.clock.advance(dayMs + 1_000)
  expect(await forget()).toBe(2)
  domain.clock.advance(90 * dayMs)
  expect(await forget()).toBe(1)
  expect(await drift(domain)).toEqual([])
})

test('while the clock is not believed nothing is archived by it', async () => {
  const { domain, left } = await openScene({ yaml: `${shortLimitsYaml}retention: { tasks: 90d }` })
  const { turn } = createCleaning(domain.ctx)
  domain.clock.setWall(365 * dayMs)
  while (await turn());
  expect(await left()).toHaveLength(3)
  // Believed by then, but nothing has been waited for yet.
  for (let minute = 0; minute < 15; minute += 1) {
    domain.clock.advance(60_000)
    domain.ctx.clock.now()
  }
  expect(domain.ctx.clock.now()).toBe(domain.clock.now())
  const next = createCleaning(domain.ctx)
  while (await next.turn());
  expect(await left()).toHaveLength(3)
})
