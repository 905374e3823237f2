// Operator endpoints that correct what ended tasks have cost.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../../context.ts'
import { creditsMax } from '../../../ledger/grant.ts'
import { listItems } from '../../../tasks/corrections/items.ts'
import { decide, refundTask } from '../../../operators/credits.ts'
import { actorOf } from '../../auth.ts'
import { listOf, pageQuery, readCursor } from '../../paging.ts'
import type { Routes } from '../../route.ts'
import { markReplayed, replayedHeaders } from '../../idempotency-key.ts'
import { taskId, text } from '../../v1/fields.ts'
import { viewDecided, viewItem } from '../../views.ts'
import { oneLine } from '../../wire/issue-words.ts'
import { idempotencyKeyField } from './fields.ts'
import { decidedAnswer, decisionWord, itemListAnswer, refundAnswer } from './answers.ts'

const itemCursor = /^orph_[0-9a-z]{27}$/
const reason = oneLine(z.string().trim().min(1).max(500))

export function addCorrectionRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'POST',
    url: '/admin/v1/tasks/{id}/refund',
    operationId: 'refundTask',
    tag: 'Tasks',
    summary: 'Refund by Hand',
    description:
      'Gives back up to what an ended task cost, net of what came back already; in parts, if you like. Also of an archived order, whose entries stay. A task that has not ended is refused: its credits come back by themselves if it fails.',
    params: z.strictObject({ id: taskId }),
    body: z.strictObject({
      credits: z
        .int()
        .min(1)
        .max(creditsMax)
        .optional()
        .meta({
          description: 'Left out: all that it still cost.',
          examples: [5],
        }),
      reason: reason.meta({
        description: 'For the operator alone.',
        examples: ['The picture came out black'],
      }),
      idempotency_key: idempotencyKeyField,
    }),
    answer: refundAnswer,
    documentedAnswerHeaders: replayedHeaders,
    async run({ params, body, request, reply }) {
      const asked = {
        taskId: params.id,
        credits: body.credits ?? null,
        reason: body.reason,
        idempotencyKey: body.idempotency_key ?? null,
      }
      const { refunded, balance, replayed } = await refundTask(ctx, actorOf(request), asked)
      if (replayed) markReplayed(reply)
      return { refunded, balance }
    },
  })

  addReconcileRoutes(scope, ctx, routes)
}

function addReconcileRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/reconcile',
    operationId: 'listReconcileItems',
    tag: 'Reconcile',
    summary: 'List What Was Made and Not Sold',
    description:
      'Newest first, each piece of work with its evidence, for as long as its order is in the store. Left out, `status` is `open`: what waits for a decision.',
    query: z.strictObject({
      ...pageQuery(itemCursor),
      status: z.enum(['open', 'decided', 'all']).default('open'),
    }),
    answer: itemListAnswer,
    async run({ query }) {
      const { status, limit } = query
      const before = readCursor(query.cursor, itemCursor)
      return listOf('items', await listItems(ctx.db.read, { status, before, limit }), viewItem)
    },
  })

  routes.add(scope, {
    method: 'POST',
    url: '/admin/v1/reconcile/{id}',
    operationId: 'reconcile',
    tag: 'Reconcile',
    summary: 'Decide One',
    description:
      'Once each. `charge` takes the credits again and delivers the result, which the upstream is asked for now: the task then shows as succeeded, and its webhook `task.succeeded` is sent. Where there is no result to deliver nothing is charged. `keep_refund` and `write_off` charge nobody.',
    params: z.strictObject({ id: text('orph_0mx2l3n0q00m5w8c3s6d1z9h4k7p') }),
    body: z.strictObject({
      decision: decisionWord,
      reason: reason.meta({ description: 'For the operator alone.', examples: ['asked the customer'] }),
    }),
    answer: decidedAnswer,
    run: async ({ params, body, request }) =>
      viewDecided(params.id, await decide(ctx, actorOf(request), { id: params.id, ...body })),
  })
}
