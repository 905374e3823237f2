// Downloads that hang take no more than a share of the places, by account and by host, so that others are fetched.
import { expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { claimKeeps } from '../../src/tasks/results/downloads.ts'
import { createResultQueue } from '../../src/tasks/results/queue.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'

/** Tasks of a new account whose results wait to be fetched from a host. */
async function waiting(domain: DomainHarness, count: number, host: string, dueAt = 1): Promise<string> {
  const caller = await domain.account(1_000_000)
  const created = await Promise.all(Array.from({ length: count / 4 }, () => domain.order(caller, 4)))
  const imageUrl = `https://${host}/a.png`
  await domain.ctx.db.transaction(async (tx) => {
    const { keeps, tasks } = tx.tables
    for (const taskId of created.flatMap(({ taskIds }) => taskIds)) {
      await tx.insert(keeps).values({ taskId, dueAt, triesMade: 0, waitsUntil: null, expiresAt: 9e15 })
    }
    const { eq } = await import('../../src/db/drizzle.ts')
    await tx.update(tasks).set({ imageUrl }).where(eq(tasks.accountId, caller.accountId))
  })
  return caller.accountId
}

async function accountsOf({ db }: Context, taskIds: readonly string[]): Promise<Record<string, number>> {
  const rows = await db.read.select().from(db.read.tables.tasks)
  const counts: Record<string, number> = {}
  for (const { id, accountId } of rows) {
    if (taskIds.includes(id)) counts[accountId] = (counts[accountId] ?? 0) + 1
  }
  return counts
}

const ids = (rows: readonly { taskId: string }[]) => rows.map(({ taskId }) => taskId)

test('one account whose downloads hang has half of all places, and the next account is fetched at once', async () => {
  const domain = await openDomainHarness()
  const queue = createResultQueue()
  const hog = await waiting(domain, 400, 'slow.example')
  const first = await claimKeeps(domain.ctx, 32, queue)
  expect(await accountsOf(domain.ctx, ids(first))).toEqual({ [hog]: 16 })
  const other = await waiting(domain, 4, 'slow.example', 2)
  expect(await accountsOf(domain.ctx, ids(await claimKeeps(domain.ctx, 16, queue)))).toEqual({ [other]: 4 })
})

test('a host that hangs for all accounts leaves places for results of other hosts', async () => {
  const domain = await openDomainHarness()
  const queue = createResultQueue()
  for (let account = 0; account < 6; account += 1) await waiting(domain, 16, 'slow.example')
  const other = await waiting(domain, 8, 'quick.example', 2)
  const claimed = await claimKeeps(domain.ctx, 32, queue)
  const counts = await accountsOf(domain.ctx, ids(claimed))
  expect(counts[other]).toBeGreaterThan(0)
  expect(claimed.length - (counts[other] ?? 0)).toBeLessThanOrEqual(22)
})

test('places are given back, and then the longest overdue go first again', async () => {
  const domain = await openDomainHarness()
  const queue = createResultQueue(4)
  const hog = await waiting(domain, 40, 'a.example')
  const first = await claimKeeps(domain.ctx, 4, queue)
  expect(first).toHaveLength(2)
  expect(await claimKeeps(domain.ctx, 4, queue)).toEqual([])
  for (const taskId of ids(first)) queue.release(taskId)
  expect(await accountsOf(domain.ctx, ids(await claimKeeps(domain.ctx, 4, queue)))).toEqual({ [hog]: 2 })
})

test('a newcomer behind thousands of one account is found within a few claims of bounded size', async () => {
  const domain = await openDomainHarness()
  const queue = createResultQueue(4)
  await waiting(domain, 1_200, 'a.example')
  const other = await waiting(domain, 4, 'b.example', 2)
  const found: string[] = []
  let claims = 0
  for (; claims < 4 && found.length < 3; claims += 1)
    found.push(...ids(await claimKeeps(domain.ctx, 4, queue)))
  expect(await accountsOf(domain.ctx, found)).toMatchObject({ [other]: expect.any(Number) })
  expect(claims).toBeLessThanOrEqual(4)
})
