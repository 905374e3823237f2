// Create, query and list tasks.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import type { Text } from '../../errors.ts'
import { createTasks } from '../../tasks/create.ts'
import { findTask, listTasks } from '../../tasks/find.ts'
import type { TaskStatus } from '../../tasks/state.ts'
import { viewTask } from '../../tasks/view.ts'
import { callerOf } from '../auth.ts'
import { languageOf } from '../language.ts'
import { pageOf, pageQuery, readCursor, wholeNumber } from '../paging.ts'
import type { Routes } from '../route.ts'
import { createdAnswer, taskAnswer, taskListAnswer } from './answers.ts'
import { createBody } from './create-body.ts'

export const taskCursor = /^task_[0-9a-z]{27}$/
const taskStatuses = { first: 1, last: 4 }
const modelIdMax = 64

export const taskFilterQuery = {
  ...pageQuery,
  status: wholeNumber(taskStatuses.first, taskStatuses.last)
    .optional()
    .meta({ description: 'A task_status.' }),
  model_id: z.string().max(modelIdMax).optional(),
}

export function addTaskRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/tasks/create',
    tag: 'Tasks',
    summary: 'Create Task',
    description:
      'Charges the account and queues one task for each output. It answers as soon as both are durably stored; failed tasks are refunded by themselves.',
    documentedBody: () => createBody(ctx.catalog.current),
    answer: createdAnswer,
    msg: submitted,
    async run({ request }) {
      refuseIdempotencyKey(request)
      const created = await createTasks(ctx, callerOf(request), request.body, request.id)
      const [task_id = ''] = created.taskIds
      return {
        task_id,
        request_id: created.requestId,
        credits: created.credits,
        task_ids: [...created.taskIds],
      }
    },
  })

  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/tasks/{task_id}',
    tag: 'Tasks',
    summary: 'Query Task',
    description: 'Poll until `task_status` is 3 (success) or 4 (failed).',
    params: z.strictObject({ task_id: z.string() }),
    answer: taskAnswer,
    run: async ({ params, request }) =>
      viewTask(await findTask(ctx.db.read, callerOf(request).accountId, params.task_id)),
  })

  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/tasks',
    tag: 'Tasks',
    summary: 'List Tasks',
    description: 'Newest first.',
    query: z.strictObject(taskFilterQuery),
    answer: taskListAnswer,
    async run({ query, request }) {
      const rows = await listTasks(ctx.db.read, {
        accountId: callerOf(request).accountId,
        status: (query.status ?? null) as TaskStatus | null,
        modelId: query.model_id ?? null,
        before: readCursor(query.cursor, taskCursor),
        limit: query.limit + 1,
      })
      return pageOf('tasks', rows.map(viewTask), query.limit, (task) => task.task_id)
    },
  })
}

/** Whoever sends the key counts on it when he sends again; passed over, it would cost him twice. */
function refuseIdempotencyKey(request: FastifyRequest): void {
  if (request.headers['idempotency-key'] === undefined) return
  throw new GatewayError(
    'invalid_request',
    {
      en: 'Idempotency-Key: not honoured by this version. Nothing was charged. Leave it out, and look at GET /api/v1/tasks before you send an order again.',
      zh: 'Idempotency-Key:当前版本不支持。未扣除任何积分。请去掉该请求头,重发前先查询 GET /api/v1/tasks。',
    },
    { field: 'Idempotency-Key' },
  )
}

/** The Open API's own words are the default in every language but one that was asked for by name. */
function submitted(request: FastifyRequest): Text {
  const zh = '提交成功,等待生成'
  const asked = languageOf(request.headers['accept-language'])
  return asked === 'en' ? { en: 'Submitted, waiting for generation', zh } : { en: zh, zh }
}
