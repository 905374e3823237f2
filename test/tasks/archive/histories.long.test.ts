// Random histories in which orders are archived at any time, and archivings die at any turn: the ledger always adds up.
import { expect, test } from 'vitest'
import { Archiving } from '../../../src/tasks/archive/archive.ts'
import type { Created } from '../../../src/tasks/create/created.ts'
import { createCleaning } from '../../../src/tasks/rescue/cleanup.ts'
import { cancelTask } from '../../../src/tasks/queue/cancel.ts'
import { rescue } from '../../../src/tasks/rescue/rescue.ts'
import { create as createOnce, openDomainHarness } from '../../support/domain-harness.ts'
import { chanceOf } from '../../simulation/chance.ts'
import { archived, dayMs, dispatchAll, drift, pollAll, result } from './scene.ts'

const hourMs = 60 * 60_000
const stepsMax = 120
const seeds = [1, 2, 3]

test.each(seeds)('history %i', async (seed) => {
  const domain = await openDomainHarness()
  const chance = chanceOf(seed)
  const { ctx, clock } = domain
  const callers = [await domain.account(1_000_000), await domain.account(1_000_000)]
  const orders: { readonly created: Created; readonly accountId: string }[] = []
  let works = 0
  domain.submitted = (order) => {
    const { count } = order as { readonly count: number }
    const taskIds = Array.from({ length: count }, () => `work-${(works += 1)}`)
    return chance.pick([
      { kind: 'accepted', taskIds },
      { kind: 'accepted', taskIds: taskIds.slice(1) },
      { kind: 'refused', reason: 'No.', detail: 'no' },
      { kind: 'unknown', detail: 'no answer' },
      { kind: 'not_accepted', detail: 'busy' },
    ] as const)
  }
  domain.seen = () =>
    chance.pick([
      { kind: 'running' },
      { kind: 'succeeded', result },
      { kind: 'failed', reason: 'No.', detail: 'no' },
    ] as const)
  const create = async () => {
    const caller = chance.pick(callers)
    const body = { model_id: 'gpt-image-2', prompt: 'a heron', generate_count: chance.pick([1, 1, 2, 3]) }
    const key = chance.pick(['', `key ${orders.length}`])
    const { created } = await createOnce(ctx, caller, body, key || null)
    orders.push({ created, accountId: caller.accountId })
  }
  const cancel = async () => {
    const { created, accountId } = chance.pick(orders)
    await cancelTask(ctx, accountId, chance.pick(created.taskIds)).catch(() => null)
  }
  const archive = async () => {
    const archiving = new Archiving(ctx, { olderThanMs: chance.pick([hourMs, dayMs]), ordersOfFile: 5 })
    // Some die at some turn.
    for (let turns = chance.pick([1, 2, 3, 100]); turns > 0; turns -= 1) {
      if (!(await archiving.turn(chance.pick([1, 3, 50])))) break
    }
  }
  const forget = async () => {
    const { turn } = createCleaning(ctx)
    while (await turn());
  }
  await create()
  const steps = [create, create, create, cancel, archive, forget, archive]
  const waits = [() => clock.advance(100), () => clock.advance(hourMs), () => clock.advance(13 * hourMs)]
  const loops = [() => dispatchAll(domain), () => pollAll(domain), () => rescue(ctx)]
  for (let step = 0; step < stepsMax; step += 1) {
    await chance.pick<() => unknown>([...steps, ...waits, ...loops, ...loops])()
    if (step % 10 === 0) expect(await drift(domain)).toEqual([])
  }
  expect(await drift(domain)).toEqual([])

  // Each order stands in the store or in a file, whole, and each account has what its tasks left it.
  const { requests, tasks } = ctx.db.read.tables
  const inStore = new Set((await ctx.db.read.select().from(requests)).map(({ id }) => id))
  const inFiles = new Map(archived(domain).map((order) => [String(order.request['id']), order]))
  const rows = await ctx.db.read.select().from(tasks)
  const spent = new Map(callers.map(({ accountId }) => [accountId, 0]))
  for (const { created, accountId } of orders) {
    const left = rows.filter(({ requestId }) => requestId === created.requestId)
    const gone = inStore.has(created.requestId) ? [] : (inFiles.get(created.requestId)?.tasks ?? [])
    const all = [
      ...left.map(({ id, credits, creditsRefunded }) => ({ id, cost: credits - creditsRefunded })),
      ...gone.map((row) => ({
        id: row['id'],
        cost: Number(row['credits']) - Number(row['credits_refunded']),
      })),
    ]
    expect(all.map(({ id }) => id)).toEqual(created.taskIds)
    spent.set(
      accountId,
      all.reduce((sum, { cost }) => sum + cost, spent.get(accountId) ?? 0),
    )
  }
  for (const caller of callers) {
    expect(await domain.balance(caller)).toBe(1_000_000 - (spent.get(caller.accountId) ?? 0))
  }
  expect(inFiles.size).toBeGreaterThan(3)
})
