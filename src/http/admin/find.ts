// Operator endpoint: finds whatever the operator has at hand.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { upstreamNames } from '../../config/upstreams.ts'
import type { Context } from '../../context.ts'
import { find, textLengthMin } from '../../find/find.ts'
import { filterText } from '../paging.ts'
import type { Routes } from '../route.ts'
import { sample, text } from '../v1/fields.ts'

const textLengthMax = 200

const findAnswer = z
  .object({
    results: z.array(
      z.object({
        type: z.enum(['account', 'key', 'task', 'request', 'attempt', 'delivery', 'orphan', 'code']).meta({
          examples: ['task'],
        }),
        id: text(sample.taskId),
        label: text('gpt-image-2, succeeded, 15 credits, Atelier Nord').meta({
          description: 'For people: other people’s text may be in it.',
        }),
        task_id: text(sample.taskId).nullable().meta({
          description: 'The task that it is or belongs to; of an order its first. Null: none.',
        }),
      }),
    ),
  })
  .meta({ id: 'Found' })

export function addFindRoute(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/find',
    operationId: 'find',
    tag: 'Operation',
    summary: 'Find',
    description:
      'By an id or the beginning of one (account, key, task, request, attempt, webhook, the upstream’s own id), a whole key or redemption code, a part of an account’s name, or a piece of a prompt of the newest 5 000 orders. What is exactly it comes first; 20 at most.',
    query: z.strictObject({
      q: filterText(textLengthMax)
        .min(textLengthMin)
        .meta({ examples: ['task_0m3k'] }),
    }),
    answer: findAnswer,
    async run({ query }) {
      const found = await find(ctx.db.read, query.q, upstreamNames(ctx.config))
      return { results: found.map(({ taskId, ...hit }) => ({ ...hit, task_id: taskId })) }
    },
  })
}
