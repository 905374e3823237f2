// Operator endpoints that correct what ended tasks have cost.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { creditsMax } from '../../ledger/grant.ts'
import { refundByHand } from '../../tasks/corrections/refund.ts'
import type { Routes } from '../route.ts'
import { taskId } from '../v1/fields.ts'
import { oneLine } from '../wire/issue-words.ts'
import { refundAnswer } from './answers.ts'

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
    }),
    answer: refundAnswer,
    run: async ({ params, body }) =>
      await refundByHand(ctx, { taskId: params.id, credits: body.credits ?? null, reason: body.reason }),
  })
}
