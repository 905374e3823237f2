// A report says the same whether its days are sealed or not, in every time zone; and what is over changes no more.
import { expect, test } from 'vitest'
import type { ReportingConfig } from '../../../src/config/config.ts'
import { sql } from '../../../src/db/drizzle.ts'
import type { Database } from '../../../src/db/database.ts'
import { daysBetween } from '../../../src/ledger/reports/days.ts'
import { addFigures } from '../../../src/ledger/reports/figures.ts'
import { groups, reportOf } from '../../../src/ledger/reports/report.ts'
import type { Group } from '../../../src/ledger/reports/report.ts'
import { brokenSeals, sealNext, sealsBetween } from '../../../src/ledger/reports/seals.ts'
import { noteTerms } from '../../../src/ledger/reports/terms.ts'
import { usageOf } from '../../../src/ledger/reports/usage.ts'
import { openDatabase } from '../../support/test-store.ts'

const quarterMs = 15 * 60_000
const at = (time: string): number => Math.floor(Date.parse(time) / quarterMs)
/** Two summer times end within it, and two months. */
const first = at('2026-09-20T00:00:00Z')
const last = at('2026-11-20T00:00:00Z')
const now = Date.parse('2026-11-18T13:00:00Z')

interface Made {
  readonly quarter: number
  readonly account: string
  readonly model: string
  readonly upstream: string
  readonly key: string
  readonly leak: string
  readonly credits: number
  readonly cost: number
}

/** The same numbers each time. */
function* numbers(): Generator<number, never> {
  for (let state = 12_345; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    yield Math.floor(state / 65_536)
  }
}

function rowsOf(count: number): Made[] {
  const random = numbers()
  const pick = (max: number): number => random.next().value % max
  return Array.from({ length: count }, () => {
    const account = pick(3)
    return {
      quarter: first + pick(last - first),
      account: `acc_${account}`,
      model: `model-${pick(2)}`,
      upstream: `site-${pick(2)}`,
      key: `key_${account}_${pick(2)}`,
      leak: pick(5) === 0 ? 'late_success' : '',
      credits: pick(100),
      cost: pick(1_000_000),
    }
  })
}

async function store(db: Database, rows: readonly Made[]): Promise<void> {
  const values = rows.map(({ quarter, account, model, upstream, key, leak, credits, cost }) => {
    const sold = leak === '' ? 1 : 0
    return sql.raw(`SELECT ${quarter} AS quarter, '${account}' AS account_id, '${model}' AS model_id, '${upstream}' AS upstream,
      '${key}' AS key_id, '${leak}' AS leak, 1 AS works, ${sold} AS tasks, ${sold} AS succeeded, 0 AS failed,
      ${sold * credits} AS charged, 0 AS refunded, ${cost} AS cost, 0 AS cost_unknown`)
  })
  await db.transaction(async (tx) => {
    for (let from = 0; from < values.length; from += 100) {
      await addFigures(tx, 'rollups', sql.join(values.slice(from, from + 100), sql` UNION ALL `))
    }
  })
}

const zones = ['UTC', 'Asia/Shanghai', 'Asia/Kolkata', 'Europe/Berlin', 'America/New_York']
const ranges = [
  { from: '2026-09-01', to: '2026-11-18' },
  { from: '2026-10-01', to: '2026-10-31' },
  { from: '2026-10-25', to: '2026-11-01' },
  { from: '2026-11-18', to: '2026-11-18' },
]
const settings = (timeZone: string): ReportingConfig => ({ currency: 'USD', creditValue: 0.01, timeZone })

/** Charged, cost and leakage by group, added up by hand. */
function expected(
  rows: readonly Made[],
  asked: (typeof ranges)[number] & { group: Group },
  timeZone: string,
) {
  const lines: Record<string, number[]> = {}
  for (const { date, start, stop } of daysBetween(timeZone, asked)) {
    for (const row of rows.filter(({ quarter }) => quarter >= start && quarter < stop)) {
      const name = asked.group === 'day' ? date : row[asked.group]
      const line = (lines[name] ??= [0, 0, 0])
      const [charged = 0, cost = 0, leakage = 0] = line
      const isSold = row.leak === ''
      lines[name] = isSold
        ? [charged + row.credits, cost + row.cost, leakage]
        : [charged, cost, leakage + row.cost]
    }
  }
  return lines
}

async function expectRight(db: Database, rows: readonly Made[]): Promise<void> {
  for (const timeZone of zones) {
    for (const range of ranges) {
      for (const group of groups) {
        const report = await reportOf(db, { ...range, group }, { reporting: settings(timeZone), nowMs: now })
        const shown = Object.fromEntries(
          report.rows.map((line) => [
            line.group,
            [line.charged, Math.round((line.cost ?? 0) * 1e6), Math.round((line.leakage ?? 0) * 1e6)],
          ]),
        )
        expect(shown, `${group} ${range.from} ${range.to} ${timeZone}`).toEqual(
          expected(rows, { ...range, group }, timeZone),
        )
        expect(report.total.charged).toBe(report.rows.reduce((sum, { charged }) => sum + charged, 0))
      }
    }
  }
}

const sealAll = async (db: Database): Promise<number> => {
  for (let sealed = 0; ; sealed += 1) if (!(await sealNext(db, now))) return sealed
}

test('days and months that are sealed say what their rollups say, also after one of them has changed', async () => {
  const { db } = await openDatabase()
  const rows = rowsOf(400)
  await store(db, rows)
  await expectRight(db, rows)
  // From the first of September to November 17, and September and October.
  expect(await sealAll(db)).toBe(78 + 2)
  expect(await sealAll(db)).toBe(0)
  await expectRight(db, rows)
  expect(await db.snapshot(brokenSeals)).toEqual([])
})

test('a month is not sealed while one of its days has lost its seal', async () => {
  const { db } = await openDatabase()
  await store(db, rowsOf(20))
  for (let days = 0; days < 78; days += 1) expect(await sealNext(db, now)).toBe(true)
  const transaction: Database['transaction'] = async (work, options) => {
    await db.transaction(async (tx) => void (await tx.delete(tx.tables.rollupSeals)))
    return await db.transaction(work, options)
  }
  expect(await sealNext({ read: db.read, transaction }, now)).toBe(true)
  expect(await sealsBetween(db.read, 0, 1e9)).toEqual([])
})

test('totals that are not those of their rollups are found', async () => {
  const { db, store: outside } = await openDatabase()
  await store(db, rowsOf(50))
  await sealAll(db)
  await outside.spoil(
    `INSERT INTO rollups (quarter, account_id, model_id, upstream, key_id, leak, works, tasks, succeeded, failed, charged, refunded, cost, cost_unknown)
      VALUES (${first + 5}, 'acc_9', 'm', 's', 'k', '', 0, 1, 0, 0, 7, 0, 0, 0)`,
    'guards',
  )
  expect(await db.snapshot(brokenSeals)).toEqual([{ span: 'day', start: first }])
})

test('what a credit sold for, and in which currency, stays for what was before a change', async () => {
  const { db } = await openDatabase()
  const sale = { account: 'acc_1', model: 'm', upstream: 's', key: 'k', leak: '', cost: 1_000_000 }
  await store(db, [{ ...sale, quarter: at('2026-11-01T12:00:00Z'), credits: 100 }])
  const asked = { from: '2026-11-01', to: '2026-11-18', group: 'day' as const }
  const report = async (reporting: ReportingConfig) => await reportOf(db, asked, { reporting, nowMs: now })
  const note = async (reporting: ReportingConfig, time: string) =>
    await noteTerms(db, { reporting, nowMs: Date.parse(time) })
  const old = settings('UTC')
  const dearer = { ...old, creditValue: 0.02 }
  await note({ currency: null, creditValue: null, timeZone: 'UTC' }, '2026-11-01T00:00:00Z')
  await note(old, '2026-11-02T00:00:00Z')
  expect((await report(old)).total).toMatchObject({ value: 1, cost: 1, margin: 0 })
  await note(dearer, '2026-11-10T12:05:00Z')
  await note(dearer, '2026-11-11T00:00:00Z')
  await store(db, [{ ...sale, quarter: at('2026-11-10T12:00:00Z'), credits: 50 }])
  const changed = await report(dearer)
  expect(changed.rows).toMatchObject([
    { group: '2026-11-01', value: 1, margin: 0 },
    { group: '2026-11-10', value: 1, margin: 0 },
  ])
  expect(changed).toMatchObject({ currency: 'USD', total: { value: 2, cost: 2 } })
  // Amounts in two currencies cannot be added.
  await note({ ...dearer, currency: 'CNY' }, '2026-11-15T00:00:00Z')
  await store(db, [{ ...sale, quarter: at('2026-11-16T12:00:00Z'), credits: 10 }])
  const mixed = await report({ ...dearer, currency: 'CNY' })
  expect(mixed).toMatchObject({
    currency: null,
    total: { charged: 160, value: null, cost: null, margin: null },
  })
})

test('an account sees its own usage alone, by the days of the reports', async () => {
  const { db } = await openDatabase()
  const rows = rowsOf(200)
  await store(db, rows)
  const range = { from: '2026-10-24', to: '2026-10-26' }
  for (const group of ['day', 'model', 'key'] as const) {
    const { rows: lines, total } = await usageOf(
      db.read,
      { accountId: 'acc_1', group, ...range },
      'Europe/Berlin',
    )
    const own = rows.filter(({ account, leak }) => account === 'acc_1' && leak === '')
    const sums = expected(own, { ...range, group }, 'Europe/Berlin')
    expect(Object.fromEntries(lines.map((line) => [line.group, line.charged]))).toEqual(
      Object.fromEntries(Object.entries(sums).map(([name, [charged]]) => [name, charged])),
    )
    expect(total.net).toBe(lines.reduce((sum, { net }) => sum + net, 0))
  }
})
