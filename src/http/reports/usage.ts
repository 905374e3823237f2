// The client endpoint for what the account has used.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { usageGroups, usageOf } from '../../ledger/reports/usage.ts'
import { callerOf } from '../auth.ts'
import { rangeOf, rangeQuery } from './dates.ts'
import { filterText } from '../paging.ts'
import type { Routes } from '../route.ts'
import { sample, whole } from '../v1/fields.ts'

const idMax = 64
const columns = [
  'group',
  'name',
  'model',
  'tasks',
  'succeeded',
  'failed',
  'charged',
  'refunded',
  'net',
] as const

const sums = {
  tasks: whole(12).meta({ description: 'Charged within the time.' }),
  succeeded: whole(11).meta({ description: 'Ended within the time.' }),
  failed: whole(1),
  charged: whole(180).meta({ description: 'Credits, in the time of the charge.' }),
  refunded: whole(15).meta({ description: 'Credits, in the time of the refund.' }),
  net: whole(165),
}

const example = { tasks: 12, succeeded: 11, failed: 1, charged: 180, refunded: 15, net: 165 }

const usageAnswer = z
  .object({
    from: z.string(),
    to: z.string(),
    group: z.enum(usageGroups),
    time_zone: z.string().meta({ description: 'It decides where a day begins.' }),
    rows: z.array(
      z.object({
        group: z.string().nullable().meta({ description: 'A date, or an id. Null: no longer known.' }),
        name: z.string().nullable().meta({ description: 'Of a key.' }),
        model: z.string().nullable().meta({ description: 'Only with `split`.' }),
        ...sums,
      }),
    ),
    total: z.object(sums),
  })
  .meta({
    id: 'Usage',
    examples: [
      {
        from: '2026-11-01',
        to: '2026-11-30',
        group: 'model',
        time_zone: 'UTC',
        rows: [{ group: sample.modelId, name: null, model: null, ...example }],
        total: example,
      },
    ],
  })

export function addUsageRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/usage',
    operationId: 'getUsage',
    tag: 'Credits',
    summary: 'Usage',
    description:
      'Credits by day, model or key. Charges count when they are made, refunds when they are given, as in the ledger.',
    query: z.strictObject({
      ...rangeQuery,
      group: z.enum(usageGroups).default('day').meta({ description: 'What a row is of. Left out: a day.' }),
      split: z.enum(['model']).optional().meta({ description: 'Divides each row by model as well.' }),
      model_id: filterText(idMax).min(1).optional().meta({ description: 'Only of this model.' }),
      key: filterText(idMax).min(1).optional().meta({ description: 'Only of this key (`key_…`).' }),
    }),
    answer: usageAnswer,
    csv: ({ rows }) => ({ head: columns, rows: rows.map((row) => columns.map((name) => row[name])) }),
    async run({ query: { group, split, model_id: modelId, key: keyId, ...asked }, request }) {
      const { timeZone } = ctx.config.reporting
      const range = rangeOf(asked, { timeZone, nowMs: ctx.clock.now() })
      const { accountId } = callerOf(request)
      const of = { accountId, group, split, modelId, keyId, ...range }
      const { rows, total } = await usageOf(ctx.db.read, of, timeZone)
      const { group: _group, name: _name, model: _model, ...inAll } = total
      return {
        ...range,
        group,
        time_zone: timeZone,
        rows: rows.map((row) => ({ ...row })),
        total: inAll,
      }
    },
  })
}
