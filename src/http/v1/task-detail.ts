// The client endpoint that tells all about one task.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { requireKey } from '../../accounts/keys.ts'
import type { Context } from '../../context.ts'
import { expiryTime } from '../../expiry.ts'
import { ownDetail, taskEvents } from '../../tasks/read/own-detail.ts'
import { viewWithSteps } from '../../tasks/read/view.ts'
import { listDeliveries } from '../../webhooks/deliveries.ts'
import { callerOf } from '../auth.ts'
import type { Routes } from '../route.ts'
import { secondsOf, viewDelivery, viewEntry } from '../views.ts'
import { inLanguageOf } from '../wire/language.ts'
import { entryAnswer, inputAnswer, taskAnswer } from './answers.ts'
import { deliveryAnswer } from './webhooks/answers.ts'
import { sample, seconds, taskParams, text } from './fields.ts'

const detailAnswer = z
  .object({
    task: taskAnswer,
    input: inputAnswer,
    key: z.object({ id: text(sample.keyId), name: text('shop') }).meta({ description: 'That ordered it.' }),
    timeline: z
      .array(z.object({ event: z.enum(taskEvents), at: seconds }))
      .meta({ description: 'In the order of time. `submitted`: it was given to production.' }),
    entries: z.array(entryAnswer).meta({ description: 'Its charge, and what came back.' }),
    deliveries: z.array(deliveryAnswer).meta({ description: 'Its webhooks.' }),
  })
  .meta({ id: 'TaskDetail' })

/** One for each type of event. */
const deliveriesMax = 10

export function addTaskDetailRoute(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/tasks/{task_id}/details',
    operationId: 'getTaskDetail',
    tag: 'Tasks',
    summary: 'Task in Detail',
    description: 'With what was ordered, when what happened, its entries in the ledger and its webhooks.',
    params: taskParams,
    answer: detailAnswer,
    async run({ params: { task_id: taskId }, request }) {
      const { read } = ctx.db
      const { accountId } = callerOf(request)
      const { task, input, keyId, timeline, entries } = await ownDetail(read, accountId, taskId)
      const of = { accountId, taskId, state: null, before: null, limit: deliveriesMax }
      return {
        task: inLanguageOf(request, await viewWithSteps(read, task, expiryTime(ctx))),
        input,
        key: { id: keyId, name: (await requireKey(read, keyId)).name },
        timeline: timeline.map(({ event, atMs }) => ({ event, at: secondsOf(atMs) })),
        entries: entries.map(viewEntry),
        deliveries: (await listDeliveries(read, of)).map(viewDelivery),
      }
    },
  })
}
