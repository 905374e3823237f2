// What a start reads before it listens is bounded by what was in hand; what grows with the running tasks comes after, in turns.
import { expect, test } from 'vitest'
import { eq } from '../../src/db/drizzle.ts'
import { bringPollsCloser, releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import { seed } from '../bench/growth/seed.ts'
import { watchStatements } from '../support/statements.ts'
import { openDomainHarness } from '../support/domain-harness.ts'

const hourMs = 3_600_000

async function openSeeded(running: number) {
  const domain = await openDomainHarness()
  const nowMs = domain.clock.now()
  await seed(domain.store, {
    tasks: running + 20,
    queued: 10,
    running,
    accounts: 2,
    oldDeliveries: 5,
    nowMs,
    spanMs: hourMs,
  })
  return { domain, nowMs }
}

test('a start asks for leases alone, each by an index that holds nothing else', async () => {
  const statements = watchStatements()
  try {
    const { domain } = await openSeeded(30)
    const asked = await statements.during(() => releaseLeases(domain.ctx))
    const steps = (await Promise.all(asked.map((statement) => domain.store.planOf(statement)))).flat()
    const ofClaims = steps.filter((step) => !/SUBQUERY|SEARCH (?:instances|attempts)/.test(step))
    expect(ofClaims.toSorted()).toEqual([
      'SEARCH keeps USING COVERING INDEX keeps_held (holder>?)',
      'SEARCH keeps USING INDEX keeps_waiting (waits_until>?)',
      'SEARCH poll_claims USING COVERING INDEX poll_claims_once (lease_ends_at>?)',
      'SEARCH poll_claims USING COVERING INDEX poll_claims_once (lease_ends_at>?)',
      'SEARCH polls USING COVERING INDEX polls_due (due_at=?)',
      'SEARCH requests USING INDEX requests_due (state=?)',
      'SEARCH webhook_deliveries USING INDEX webhook_deliveries_claimed (account_id>?)',
    ])
    // Of each claim only its own attempts and its holder are asked for.
    expect(steps.filter((step) => /\b(?:instances|attempts)\b/.test(step)).join()).not.toContain('SCAN')
  } finally {
    statements.restore()
  }
})

test('polls of thousands of running tasks come closer a part at a time, all of them, and others write in between', async () => {
  const { domain, nowMs } = await openSeeded(1_700)
  const { ctx } = domain
  const changed: number[] = []
  const db = {
    ...ctx.db,
    transaction: (async (work, options) => {
      const closer = async () => {
        const { polls } = ctx.db.read.tables
        return (await ctx.db.read.select({ dueAt: polls.dueAt }).from(polls)).filter(
          ({ dueAt }) => dueAt < nowMs + hourMs,
        ).length
      }
      const before = await closer()
      const result = await ctx.db.transaction(work, options)
      changed.push((await closer()) - before)
      return result
    }) as typeof ctx.db.transaction,
  }
  // Spread, as they are where they were not all written at once.
  await ctx.db.transaction(async (tx) => {
    const { polls } = tx.tables
    const rows = await tx.select({ taskId: polls.taskId }).from(polls)
    for (const [at, { taskId }] of rows.entries())
      await tx
        .update(polls)
        .set({ dueAt: nowMs + hourMs + at })
        .where(eq(polls.taskId, taskId))
  })
  let turns = 0
  await bringPollsCloser({ ...ctx, db }, { onTurn: () => (turns += 1), signal: new AbortController().signal })
  expect(Math.max(...changed)).toBe(500)
  expect(changed.reduce((sum, count) => sum + count, 0)).toBe(1_700)
  expect(turns).toBeGreaterThanOrEqual(changed.length)
})

test('a stop does not wait for it', async () => {
  const { domain } = await openSeeded(1_700)
  const stopping = new AbortController()
  let turns = 0
  await bringPollsCloser(domain.ctx, {
    onTurn() {
      turns += 1
      stopping.abort()
    },
    signal: stopping.signal,
  })
  expect(turns).toBe(1)
})
