// The ledger is audited slice by slice while it is written to: what changes in between is no drift, and drift is found.
import { describe, expect, test } from 'vitest'
import { grant, noNotes } from '../../src/ledger/grant.ts'
import { neverLate, verifyInSlices, verifyLedger } from '../../src/ledger/verify.ts'
import type { Drift } from '../../src/ledger/pass/findings.ts'
import type { Verification } from '../../src/ledger/pass/pass.ts'
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { storeAt } from '../../src/db/store-at.ts'
import { seed } from '../bench/growth/seed.ts'
import { watchStatements } from '../support/statements.ts'
import { openDomainHarness } from '../support/domain-harness.ts'
import type { DomainHarness } from '../support/domain-harness.ts'
import type { TestStore } from '../support/stores/dialect.ts'
import { fileOf } from '../support/stores/sqlite-file.ts'
import { openLog } from '../support/stores/sqlite-log.ts'

const never = new AbortController().signal
/** Several slices of each large table. */
const sliceRows = 25
const many = { tasks: 70, queued: 10, running: 8, accounts: 3, oldDeliveries: 0, nowMs: 1e12, spanMs: 1e9 }

async function openLarge(): Promise<DomainHarness> {
  const domain = await openDomainHarness()
  await seed(domain.store, many)
  return domain
}

async function inSlices(
  { databaseUrl }: TestStore,
  between: (slice: number) => Promise<void> | void = () => undefined,
): Promise<Verification & { readonly slices: number }> {
  const look = storeAt(databaseUrl).keepLookingAt()
  let slices = 0
  try {
    const rest = async () => await between((slices += 1))
    const found = await verifyInSlices(look, { nowMs: 1e12, late: neverLate, sliceRows, rest })
    return { ...found, slices: slices + 1 }
  } finally {
    look.close()
  }
}

/** The id of a row by its place in the table; a slice ends with the 25th. */
const nth = (table: string, place: number) =>
  `(SELECT id FROM ${table} ORDER BY id LIMIT 1 OFFSET ${place - 1})`

/** It adds all rows up at once; slices have one for each account in its place. */
const inOneStateOnly = 'reports hold what tasks and entries add up to'

const inOrder = (one: Drift, other: Drift) => (one.check + one.id < other.check + other.id ? -1 : 1)

test('finds in slices what it finds in one state, and counts the same, in a store that adds up', async () => {
  const { store } = await openLarge()
  const whole = await verifyLedger(storeAt(store.databaseUrl).lookAt(), 1e12, neverLate)
  const { slices, ...found } = await inSlices(store)
  expect(found).toEqual(whole)
  expect(whole).toMatchObject({ ok: true, accounts: 3 + 70, entries: 70 + 3 + 2 })
  // Twice requests, tasks and attempts, and the tasks by their work; the rest has a slice for each table.
  expect(slices).toBeGreaterThan(18)
})

describe('drift is found wherever it is:', () => {
  const trials: readonly [check: string, statement: string][] = [
    [
      'an account holds the sum of its entries',
      'UPDATE accounts SET balance = balance + 1 WHERE id = (SELECT max(id) FROM accounts)',
    ],
    [
      'every entry carries the balance that it led to',
      'UPDATE entries SET balance_after = balance_after + 1 WHERE id = (SELECT max(id) FROM entries)',
    ],
    [
      'every entry carries the balance that it led to',
      'UPDATE entries SET amount = amount - 1 WHERE id = 40',
    ],
    ['an account holds the sum of its entries', 'DELETE FROM entries WHERE id = 26'],
    [
      'a task is charged once, by its price, to its account',
      `UPDATE tasks SET credits = 16 WHERE id = ${nth('tasks', 25)}`,
    ],
    [
      'a task is charged once, by its price, to its account',
      `UPDATE tasks SET credits = 16 WHERE id = ${nth('tasks', 26)}`,
    ],
    ['an account counts its open tasks rightly', 'UPDATE accounts SET tasks_open = tasks_open - 1'],
    [
      'an account counts the price of its open tasks rightly',
      'UPDATE accounts SET credits_open = credits_open + 15',
    ],
    [
      'a request has a task',
      `UPDATE tasks SET request_id = (SELECT max(id) FROM requests) WHERE id = ${nth('tasks', 50)}`,
    ],
    ['a queue counts its orders rightly', 'UPDATE queues SET waiting = waiting + 1'],
    [
      'an upstream task belongs to one task',
      `DROP INDEX tasks_upstream; CREATE INDEX tasks_upstream ON tasks (upstream, upstream_task_id) WHERE upstream_task_id IS NOT NULL;
      UPDATE tasks SET upstream_task_id = (SELECT upstream_task_id FROM tasks WHERE id = ${nth('tasks', 3)})
        WHERE id = ${nth('tasks', 43)}`,
    ],
  ]
  test.each(trials)('%s (%s)', async (check, statement) => {
    const { store } = await openLarge()
    await store.spoil(statement, 'guards')
    const { ok, drift } = await inSlices(store)
    expect(ok).toBe(false)
    expect(drift.map((line) => line.check)).toContain(check)
    const whole = await verifyLedger(storeAt(store.databaseUrl).lookAt(), 1e12, neverLate)
    const slicedToo = whole.drift.filter((line) => line.check !== inOneStateOnly)
    expect(drift.toSorted(inOrder)).toEqual(slicedToo.toSorted(inOrder))
  })
})

test('creates, submits, failures, grants and new accounts between any two slices are no drift', async () => {
  const domain = await openLarge()
  const caller = await domain.account(10_000)
  const { ctx } = domain
  let tick = 0
  const found = await inSlices(domain.store, async () => {
    tick += 1
    domain.clock.advance(1)
    const order = await domain.order(caller, 2)
    await domain.order(caller)
    const upstreamId = `i2is-${tick}`
    domain.submitted = () =>
      tick % 2 === 0
        ? { kind: 'accepted', taskIds: [upstreamId] }
        : { kind: 'refused', reason: 'No.', detail: 'a test' }
    for (const submission of await claimSubmissions(ctx, domain.keevx, 1))
      await submit(ctx, submission, never)
    const nowMs = domain.clock.now()
    const given = { accountId: caller.accountId, amount: tick, notes: noNotes, idempotencyKey: null, nowMs }
    await ctx.db.transaction((tx) => grant(tx, given))
    if (tick % 5 === 0) await domain.account(tick)
    expect(order.taskIds).toHaveLength(2)
  })
  expect(found.drift).toEqual([])
  // The entries that were written after the last slice of them are added up with the accounts.
  expect(found.entries).toBeGreaterThan(70 + 3 * 15)
})

test('what is damaged behind the slice that was read is found by the next pass, and not before', async () => {
  const { store } = await openLarge()
  let isDamaged = false
  const first = await inSlices(store, async (slice) => {
    if (slice < 5 || isDamaged) return
    isDamaged = true
    const other = `UPDATE requests SET account_id = (SELECT max(id) FROM accounts) WHERE id = ${nth('requests', 1)}`
    await store.spoil(other, 'guards')
  })
  expect(isDamaged).toBe(true)
  const next = await inSlices(store)
  expect(next.ok).toBe(false)
  expect(next.drift.length).toBeGreaterThanOrEqual(first.drift.length)
})

test('the log of the store is cut back between slices, and grows without end behind one long look', async () => {
  const domain = await openLarge()
  const { write, logBytes, empty } = openLog(fileOf(domain.store.databaseUrl))
  // Their readers would hold it as well.
  await domain.ctx.db.close()
  empty()
  write()
  write()
  const small = logBytes()
  const { slices } = await inSlices(domain.store, write)
  expect(slices).toBeGreaterThan(18)
  expect(logBytes()).toBeLessThan(3 * small)
  await storeAt(domain.store.databaseUrl)
    .lookAt()
    .snapshot(async (read) => {
      await read.select().from(read.tables.accounts)
      for (let at = 0; at < slices; at += 1) write()
    })
  expect(logBytes()).toBeGreaterThan(5 * small)
})

test('a slice is read by an index from its beginning to its end, and reads nothing else that grows', async () => {
  const { store } = await openLarge()
  const statements = watchStatements()
  try {
    const asked = new Set(await statements.during(() => inSlices(store)))
    expect(asked.size).toBeGreaterThan(50)
    // The queue is read as a whole, by the indexes that hold what is queued and nothing else.
    const small =
      /^SCAN (q|f|o|w|halves|\(subquery-\d+\))( |$)|^SCAN requests USING (COVERING )?INDEX requests_(ready|paused)/
    for (const statement of asked) {
      const steps = await store.planOf(statement)
      const scans = steps.filter((step) => step.startsWith('SCAN ') && !small.test(step))
      // The first slice of a table has no beginning, and the last no end.
      const isOpen = /WHERE 1 = 1|OFFSET/.test(statement)
      if (!isOpen) expect(scans, statement).toEqual([])
    }
  } finally {
    statements.restore()
  }
})
