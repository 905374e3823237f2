// An operator finds what a customer names, and it costs no more in a large store.
import { describe, expect, test } from 'vitest'
import { createKey } from '../../src/accounts/keys.ts'
import { makeCodes } from '../../src/credits/codes/codes.ts'
import { redeemCode } from '../../src/credits/codes/redeem.ts'
import { find } from '../../src/find/find.ts'
import { newId } from '../../src/ids.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { listTasks } from '../../src/tasks/read/find.ts'
import { create, openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

const image = (prompt: string) => ({ model_id: 'gpt-image-2', prompt })
const everywhere = ['keevx']

async function open() {
  const harness = await openDomainHarness()
  const ann = await harness.account(1_000)
  const look = async (text: string) => await find(harness.ctx.db.read, text, everywhere)
  const types = async (text: string) => (await look(text)).map(({ type, id }) => `${type} ${id}`)
  return { harness, ann, look, types }
}

async function post({ ctx, keevx }: DomainHarness): Promise<void> {
  for (const one of await claimSubmissions(ctx, keevx, 50))
    await submit(ctx, one, new AbortController().signal)
}

describe('finds', () => {
  test('a task, its request and its attempt by their ids and by the beginning of them', async () => {
    const { harness, ann, look, types } = await open()
    const { created } = await create(harness.ctx, ann, image('a heron'))
    const [taskId = ''] = created.taskIds
    await post(harness)
    const { attempts } = harness.ctx.db.read.tables
    const [attempt] = await harness.ctx.db.read.select().from(attempts)
    expect(await look(taskId)).toEqual([
      { type: 'task', id: taskId, label: 'gpt-image-2, running, 15 credits, customer', taskId },
    ])
    expect(await types(taskId.slice(0, 20))).toContain(`task ${taskId}`)
    expect(await types(created.requestId)).toEqual([`request ${created.requestId}`])
    expect(await look(attempt?.id ?? '')).toEqual([
      { type: 'attempt', id: attempt?.id, label: `accepted, of ${created.requestId}`, taskId },
    ])
    expect(await types(` ${taskId} `)).toEqual([`task ${taskId}`])
  })

  test('a task by what the upstream calls its work, and an orphan', async () => {
    const { harness, ann, look } = await open()
    harness.submitted = () => ({ kind: 'accepted', taskIds: ['work-7781', 'work-7782'] })
    const { created } = await create(harness.ctx, ann, image('a heron'))
    await post(harness)
    expect(await look('work-778')).toMatchObject([
      { type: 'task', id: created.taskIds[0] },
      { type: 'orphan', label: expect.stringContaining('work-7782'), taskId: created.taskIds[0] },
    ])
    expect(await look('work-9')).toEqual([])
  })

  test('an account by its id and a part of its name, and keys by all that may be known of them', async () => {
    const { harness, ann, types, look } = await open()
    const { ctx } = harness
    const made = await ctx.db.transaction(
      async (tx) =>
        await createKey(tx, {
          accountId: ann.accountId,
          name: 'shop',
          expiresAt: null,
          nowMs: harness.clock.now(),
        }),
    )
    const key = `key ${made.id}`
    expect(await types(ann.accountId)).toEqual([`account ${ann.accountId}`])
    expect(await types('USTOM')).toEqual([`account ${ann.accountId}`])
    expect(await types(made.id)).toEqual([key])
    expect(await look(made.id)).toMatchObject([{ label: `${made.prefix}, shop, of ${ann.accountId}` }])
    expect(await types(made.secret)).toEqual([key])
    expect(await types(made.secret.slice(0, 7))).toEqual([key])
    expect(await types(`${made.secret.slice(0, 7)}…`)).toEqual([key])
    expect(await types('sk-zzzz')).toEqual([])
  })

  test('a redemption code by itself, its id and its batch', async () => {
    const { harness, ann, look, types } = await open()
    const { batchId, codes } = await makeCodes(harness.ctx, {
      credits: 50,
      count: 2,
      expiresAt: null,
      note: null,
    })
    await redeemCode(harness.ctx, { accountId: ann.accountId, address: '192.0.2.1', code: codes[0] ?? '' })
    const all = await look(batchId)
    expect(all).toHaveLength(2)
    expect(all.map(({ label }) => label)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^tg-.*, 50 credits, not redeemed, of batch_/),
        expect.stringMatching(new RegExp(`^tg-.*, 50 credits, redeemed by ${ann.accountId}, of batch_`)),
      ]),
    )
    const [hit] = await look((codes[0] ?? '').toLowerCase())
    expect(hit?.label).toContain('redeemed by')
    expect(await types(hit?.id ?? '')).toEqual([`code ${hit?.id}`])
    expect(JSON.stringify(all)).not.toContain(codes[1])
  })

  test('orders by a piece of their prompt, newest first, whatever signs are in it', async () => {
    const { harness, ann, look } = await open()
    const first = await create(harness.ctx, ann, image('a "zen" garden, 100% calm_ \\ 苍鹭'))
    const second = await create(harness.ctx, ann, image(`${'far '.repeat(60)}ZEN${' away'.repeat(60)}`))
    const found = await look('zen')
    expect(found.map(({ id }) => id)).toEqual([second.created.requestId, first.created.requestId])
    expect(found[0]?.label).toMatch(/^….*far ZEN away.*…$/)
    for (const text of ['"zen"', '100%', 'calm_', '\\ 苍鹭', '苍鹭 ']) {
      expect((await look(text)).map(({ id }) => id)).toEqual([first.created.requestId])
    }
    for (const text of ['gpt-image', 'image_urls', 'heron%', '100_']) expect(await look(text)).toEqual([])
  })

  test('twenty at most, and nothing by a single sign', async () => {
    const { harness, ann, look } = await open()
    for (let order = 0; order < 30; order += 1) await create(harness.ctx, ann, image('a heron'))
    expect(await look('task_')).toHaveLength(20)
    expect(await look('heron')).toHaveLength(20)
    expect(await look('t')).toEqual([])
    expect(await look('   ')).toEqual([])
    expect(await look('%%%')).toEqual([])
  })
})

describe('the list of tasks', () => {
  test('filters by the dates on which they were made', async () => {
    const { harness, ann } = await open()
    const { ctx, clock } = harness
    const dayMs = 24 * 60 * 60_000
    const made: string[] = []
    for (let day = 0; day < 3; day += 1) {
      made.push((await create(ctx, ann, image('a heron'))).created.taskIds[0] ?? '')
      clock.advance(dayMs)
    }
    const startMs = clock.now() - 3 * dayMs
    const filter = { accountId: null, status: null, modelId: null, before: null, limit: 10 }
    const ids = async (span: object) =>
      (await listTasks(ctx.db.read, { ...filter, ...span })).rows.map(({ id }) => id)
    expect(await ids({ sinceMs: startMs + dayMs - 3_600_000 })).toEqual([made[2], made[1]])
    expect(await ids({ untilMs: startMs + dayMs + 3_600_000 })).toEqual([made[1], made[0]])
    expect(
      await ids({
        sinceMs: startMs + dayMs - 3_600_000,
        untilMs: startMs + 2 * dayMs - 3_600_000,
        status: 1,
      }),
    ).toEqual([made[1]])
    expect(await ids({ untilMs: startMs + dayMs + 3_600_000, before: made[1] })).toEqual([made[0]])
  })

  test('filters by key, prompt and reason of failure', async () => {
    const { harness, ann } = await open()
    const { ctx } = harness
    const other = { ...ann, keyId: newId('key', harness.clock.now()) }
    const heron = (await create(ctx, ann, image('a Heron, "image_urls"'))).created.taskIds[0]
    const garden = (await create(ctx, other, image('a garden'))).created.taskIds[0]
    harness.submitted = () => ({ kind: 'refused', reason: 'The prompt was refused.', detail: 'code 4031_x' })
    await post(harness)
    const ids = async (filter: object) =>
      (
        await listTasks(ctx.db.read, {
          accountId: null,
          status: null,
          modelId: null,
          before: null,
          limit: 10,
          ...filter,
        })
      ).rows.map(({ id }) => id)
    expect(await ids({ keyId: other.keyId })).toEqual([garden])
    expect(await ids({ text: 'HERON' })).toEqual([heron])
    // It stands in every order, but in one prompt.
    expect(await ids({ text: 'image_urls' })).toEqual([heron])
    expect(await ids({ error: 'prompt was REFUSED' })).toEqual([garden, heron])
    expect(await ids({ error: '4031_x' })).toEqual([garden, heron])
    expect(await ids({ error: '4031%' })).toEqual([])
    expect(await ids({ text: 'garden', keyId: ann.keyId })).toEqual([])
  })
})
