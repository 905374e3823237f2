// The operator's report of what was sold, what it cost and what leaked.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import type { Leak, Line } from '../../ledger/reports/lines.ts'
import { groups, reportOf } from '../../ledger/reports/report.ts'
import type { Report } from '../../ledger/reports/report.ts'
import { rangeOf, rangeQuery } from './dates.ts'
import type { Routes } from '../route.ts'
import { sample, whole } from '../v1/fields.ts'
import type { CsvTable } from './csv.ts'

const money = z.number().nullable()
const unknown = whole(0)

const leakAnswer = z.object({
  reason: z.string().meta({ examples: ['late_success'] }),
  works: whole(1),
  cost: money.meta({ description: 'Null: of some it is unknown.' }),
  unknown,
})

const figuresAnswer = {
  tasks: whole(120).meta({ description: 'Charged within the time.' }),
  succeeded: whole(112).meta({ description: 'Ended within the time.' }),
  failed: whole(8),
  charged: whole(1_800).meta({ description: 'Credits, in the time of the charge.' }),
  refunded: whole(120).meta({ description: 'Credits, in the time of the refund.' }),
  net: whole(1_680),
  value: money.meta({ description: 'What the net credits sell for. Null: unknown.', examples: [16.8] }),
  cost: money.meta({
    description: 'Of what succeeded, as fixed when it was ordered. Null: of some it is unknown.',
    examples: [11.2],
  }),
  unknown_costs: unknown.meta({ description: 'How many works of `cost` have an unknown one.' }),
  leakage: money.meta({ description: 'Cost of what was made and not sold.', examples: [0.2] }),
  unknown_leaks: unknown,
  leaks: z.array(leakAnswer).meta({ description: '`leakage` by its reason.' }),
  maybe_leaked: leakAnswer.meta({
    description: 'Refunded while it was unknown whether it was made. Not in `leakage`.',
  }),
  margin: money.meta({ description: '`value` less `cost` and `leakage`.', examples: [5.4] }),
}

const lineAnswer = z.object({
  group: z
    .string()
    .nullable()
    .meta({
      description: 'A date, or an id. Null: of orders that were archived before there were reports.',
      examples: ['2026-11-30'],
    }),
  name: z
    .string()
    .nullable()
    .meta({ description: 'Of an account or a key.', examples: [null] }),
  ...figuresAnswer,
})

const late = { reason: 'late_success', works: 2, cost: 0.2, unknown: 0 }
const lineExample = {
  tasks: 120,
  succeeded: 112,
  failed: 8,
  charged: 1_800,
  refunded: 120,
  net: 1_680,
  value: 16.8,
  cost: 11.2,
  unknown_costs: 0,
  leakage: 0.2,
  unknown_leaks: 0,
  leaks: [late],
  maybe_leaked: { reason: 'unanswered', works: 0, cost: 0, unknown: 0 },
  margin: 5.4,
}

const dateExample = '2026-11-30'

export const reportAnswer = z
  .object({
    from: z.string(),
    to: z.string(),
    group: z.enum(groups),
    currency: z.string().nullable().meta({ description: 'Null: not said, or not the same all the time.' }),
    time_zone: z.string().meta({ description: 'It decides where a day begins.' }),
    rows: z.array(lineAnswer),
    total: z.object(figuresAnswer),
  })
  .meta({
    id: 'Report',
    examples: [
      {
        from: dateExample,
        to: dateExample,
        group: 'model',
        currency: 'USD',
        time_zone: 'UTC',
        rows: [{ group: sample.modelId, name: null, ...lineExample }],
        total: lineExample,
      },
    ],
  })

export function addReportRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/report',
    operationId: 'getReport',
    tag: 'Operation',
    summary: 'Report',
    description:
      'Charges count when they are made, refunds when they are given, tasks and their cost when they end: what is over changes no more. ' +
      '`Accept: text/csv` asks for a table.',
    query: z.strictObject({
      ...rangeQuery,
      group: z.enum(groups).default('day').meta({ description: 'What a row is of. Left out: a day.' }),
    }),
    answer: reportAnswer,
    csv: ({ rows }) => csvOfLines(rows),
    async run({ query }) {
      const { reporting } = ctx.config
      const nowMs = ctx.clock.now()
      const range = rangeOf(query, { timeZone: reporting.timeZone, nowMs })
      return viewReport(await reportOf(ctx.db, { ...range, group: query.group }, { reporting, nowMs }))
    },
  })
}

export type ReportView = z.input<typeof reportAnswer>

export function viewReport({ timeZone, rows, total, ...report }: Report): ReportView {
  return {
    ...report,
    time_zone: timeZone,
    rows: rows.map((line) => ({ group: line.group, name: line.name, ...viewLine(line) })),
    total: viewLine(total),
  }
}

const viewLine = (line: Line) => ({
  tasks: line.tasks,
  succeeded: line.succeeded,
  failed: line.failed,
  charged: line.charged,
  refunded: line.refunded,
  net: line.net,
  value: line.value,
  cost: line.cost,
  unknown_costs: line.unknownCosts,
  leakage: line.leakage,
  unknown_leaks: line.unknownLeaks,
  leaks: line.leaks.map((leak): Leak => ({ ...leak })),
  maybe_leaked: { ...line.maybeLeaked },
  margin: line.margin,
})

const columns = [
  'group',
  'name',
  'tasks',
  'succeeded',
  'failed',
  'charged',
  'refunded',
  'net',
  'value',
  'cost',
  'unknown_costs',
  'leakage',
  'unknown_leaks',
  'margin',
] as const

/** Without the total, which a spreadsheet adds up by itself. */
export const csvOfLines = (rows: ReportView['rows']): CsvTable => ({
  head: columns,
  rows: rows.map((row) => columns.map((column) => row[column])),
})
