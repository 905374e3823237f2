// `tollgate report` and `tollgate report rebuild`: what was sold, what it cost, and whether that is what the entries say.
import type { Context } from '../../context.ts'
import { rangeOf } from '../../http/reports/dates.ts'
import { csvOfLines, viewReport } from '../../http/reports/report.ts'
import { csvOf } from '../../http/reports/csv.ts'
import { rebuildRollups } from '../../ledger/reports/rebuild.ts'
import { reportOf } from '../../ledger/reports/report.ts'
import type { Group, Report } from '../../ledger/reports/report.ts'
import { exitCodes, print, say } from '../output/exit.ts'
import type { OutputOptions } from '../output/exit.ts'
import { table } from '../output/table.ts'
import { withStore } from '../with-store.ts'

interface ReportOptions extends OutputOptions {
  readonly from?: string
  readonly to?: string
  readonly group: Group
  readonly csv?: boolean
}

export async function report(options: ReportOptions): Promise<void> {
  const found = await withStore(async (ctx) => await reportFor(ctx, options))
  const shown = viewReport(found)
  if (options.csv) {
    process.stdout.write(csvOf(csvOfLines(shown.rows)))
    return
  }
  if (!options.json) say(`From ${found.from} to ${found.to}, days of ${found.timeZone}.${whyUnknown(found)}`)
  const line = ({ group, name, ...row }: (typeof shown.rows)[number]) => [
    group === null ? '(archived)' : group,
    ...(options.group === 'account' || options.group === 'key' ? [name] : []),
    ...figuresOf(row),
  ]
  const head = [
    options.group,
    ...(options.group === 'account' || options.group === 'key' ? ['name'] : []),
    'tasks',
    'succeeded',
    'failed',
    'charged',
    'refunded',
    'net',
    ...['value', 'cost', 'leakage', 'margin'].map((name) =>
      found.currency === null ? name : `${name} ${found.currency}`,
    ),
  ]
  const total = { group: 'total', name: null, ...shown.total }
  print(options, shown, table(head, [...shown.rows, total].map(line)))
}

async function reportFor(
  { db, config: { reporting }, clock }: Context,
  options: ReportOptions,
): Promise<Report> {
  const nowMs = clock.now()
  const range = rangeOf(options, { timeZone: reporting.timeZone, nowMs })
  return await reportOf(db, { ...range, group: options.group }, { reporting, nowMs })
}

type Figures = ReturnType<typeof viewReport>['total']

const figuresOf = (row: Figures): (string | number | null)[] => [
  row.tasks,
  row.succeeded,
  row.failed,
  row.charged,
  row.refunded,
  row.net,
  row.value,
  unknownAs(row.cost, row.unknown_costs),
  unknownAs(row.leakage, row.unknown_leaks),
  row.margin,
]

const unknownAs = (amount: number | null, unknown: number): string | number | null =>
  amount === null && unknown > 0 ? `unknown of ${unknown}` : amount

function whyUnknown({ total }: Report): string {
  const reasons = [
    ...(total.value === null ? ['reporting.credit_value does not say what a credit sells for'] : []),
    ...(total.cost === null
      ? [`the cost of ${total.unknownCosts} works is unknown: their routes named none`]
      : []),
  ]
  return reasons.length === 0 ? '' : ` No margin: ${reasons.join('; ')}.`
}

export async function rebuild(options: OutputOptions): Promise<void> {
  const { equal, rollups, totals } = await withStore(async ({ db }) => await rebuildRollups(db))
  const words = equal
    ? 'equal: reports hold what tasks and entries add up to'
    : `corrected: ${rollups} rollups and ${totals} totals of past days or months differed; now reports hold what tasks and entries add up to`
  print(options, { equal, rollups, totals }, [words])
  if (!equal) process.exitCode = exitCodes.failed
}
