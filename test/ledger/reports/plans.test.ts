// A report reads totals and rollups by index, and no task, request or entry, however many years there are.
import { afterAll, expect, test } from 'vitest'
import { sql } from '../../../src/db/drizzle.ts'
import { addFigures } from '../../../src/ledger/reports/figures.ts'
import { groups, reportOf } from '../../../src/ledger/reports/report.ts'
import { sealNext } from '../../../src/ledger/reports/seals.ts'
import { usageGroups, usageOf } from '../../../src/ledger/reports/usage.ts'
import { watchStatements } from '../../support/statements.ts'
import { openDatabase } from '../../support/test-store.ts'

const statements = watchStatements()
afterAll(() => statements.restore())

const reporting = { currency: 'USD', creditValue: 0.01, timeZone: 'Asia/Kolkata' }
const nowMs = Date.parse('2026-12-05T12:00:00Z')
const year = { from: '2025-12-01', to: '2026-11-30' }

test('a year is read by index, from totals where there are some', async () => {
  const { db, store } = await openDatabase()
  const first = Date.parse('2025-10-10T00:00:00Z') / 900_000
  const rows = Array.from({ length: 420 }, (_, day) =>
    sql.raw(
      `SELECT ${first + day * 96} AS quarter, 'acc_1' AS account_id, 'm' AS model_id, 'u' AS upstream, 'k' AS key_id, '' AS leak,
        1 AS works, 1 AS tasks, 1 AS succeeded, 0 AS failed, 15 AS charged, 0 AS refunded, 1 AS cost, 0 AS cost_unknown`,
    ),
  )
  await db.transaction(async (tx) => await addFigures(tx, 'rollups', sql.join(rows, sql` UNION ALL `)))
  while (await sealNext(db, nowMs));
  const asked = await statements.during(async () => {
    for (const group of groups) await reportOf(db, { ...year, group }, { reporting, nowMs })
    for (const group of usageGroups) {
      await usageOf(db.read, { accountId: 'acc_1', group, ...year }, reporting.timeZone)
    }
  })
  const reads = asked.filter((statement) => statement.includes('rollup'))
  // What is sealed, and each report and usage.
  expect(reads.length).toBeGreaterThanOrEqual(groups.length * 2 + usageGroups.length)
  for (const statement of reads) {
    const plan = await store.planOf(statement)
    expect(plan.length).toBeGreaterThan(0)
    for (const step of plan) {
      expect(step, statement).not.toMatch(/\b(?:tasks|requests|entries|orphans)/)
      if (step.includes('rollup')) expect(step, statement).toMatch(/SEARCH|Index/)
      expect(step, statement).not.toMatch(/SCAN (?:s|rollup\w*)\b|Seq Scan on rollup/)
    }
  }
  const whole = reads.filter((statement) => statement.includes('month_parts'))
  expect(whole).toHaveLength(groups.length - 1)
})
