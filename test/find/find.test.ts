// An operator finds what a customer names, and it costs no more in a large store.
import { describe, expect, test } from 'vitest'
import { createKey } from '../../src/accounts/keys.ts'
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
      { type: 'task', id: taskId, label: 'gpt-image-2, running, 15 credits, customer' },
    ])
    expect(await types(taskId.slice(0, 20))).toContain(`task ${taskId}`)
    expect(await types(created.requestId)).toEqual([`request ${created.requestId}`])
    expect(await look(attempt?.id ?? '')).toEqual([
      { type: 'attempt', id: attempt?.id, label: `accepted, of ${created.requestId}` },
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
      { type: 'orphan', label: expect.stringContaining('work-7782') },
    ])
    expect(await look('work-9')).toEqual([])
  })

  test('an account by its id and a part of its name, and keys by all that may be known of them', async () => {
    const { harness, ann, types } = await open()
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
    expect(await types(made.secret)).toEqual([key])
    expect(await types(made.secret.slice(0, 7))).toEqual([key])
    expect(await types(`${made.secret.slice(0, 7)}…`)).toEqual([key])
    expect(await types('sk-zzzz')).toEqual([])
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
