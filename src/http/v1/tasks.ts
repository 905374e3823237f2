// Create, query, cancel and list tasks.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import type { Text } from '../../errors.ts'
import { expiryTime } from '../../expiry.ts'
import { createTasks } from '../../tasks/create/create.ts'
import type { Created } from '../../tasks/create/created.ts'
import { withInputs } from '../../tasks/read/inputs.ts'
import { findTask, findTaskAndRights, listTasks, noSuchTask } from '../../tasks/read/find.ts'
import { cancelTask } from '../../tasks/queue/cancel.ts'
import type { TaskStatus } from '../../tasks/state.ts'
import type { TaskColumns } from '../../tasks/read/view.ts'
import { showTask, showTasks } from '../../tasks/read/view.ts'
import { callerOf } from '../auth.ts'
import { inLanguageOf, languageOf } from '../wire/language.ts'
import { takeReadAhead } from '../wire/read-ahead.ts'
import { filteredPages, filterText, pageQuery, readCursor, wholeNumber } from '../paging.ts'
import type { Routes } from '../route.ts'
import { spanOf, spanQuery } from '../reports/dates.ts'
import type { PictureBodies } from '../bodies/picture-body.ts'
import { cancelledAnswer, createdAnswer, taskAnswer, taskListAnswer } from './answers.ts'
import { createBody, createExamples } from './create-body.ts'
import { asTaskStatus, taskParams } from './fields.ts'
import { idempotencyHeaders, idempotencyKeyOf, markReplayed, replayedHeaders } from '../idempotency-key.ts'
import { waitForEnd, waitQuery } from './wait.ts'
import type { Patience } from './wait.ts'

export const taskCursor = /^task_[0-9a-z]{27}$/
const taskStatuses = { first: 1, last: 4 }
/** As the SDKs of the Open API read it beside the ids of a create. */
const queued: TaskStatus = 1
const statusWords = {
  en: 'must be 1 (queued), 2 (running), 3 (success) or 4 (failed)',
  zh: '必须是 1(排队中)、2(生成中)、3(成功)或 4(失败)',
}
const modelIdMax = 64

export const taskFilterQuery = {
  ...pageQuery(taskCursor),
  status: wholeNumber(taskStatuses.first, taskStatuses.last, statusWords)
    .optional()
    .meta({ description: 'Only tasks that show this `task_status`.', override: asTaskStatus }),
  model_id: filterText(modelIdMax).optional().meta({ description: 'Only tasks of this model.' }),
}

const accountIdMax = 64
const searchedMax = 200

/** What the account's own list can be narrowed by besides. */
const ownFilterQuery = {
  ...taskFilterQuery,
  ...spanQuery,
  key: filterText(accountIdMax)
    .min(1)
    .optional()
    .meta({ description: 'Only tasks ordered with this key (`key_…`).' }),
  text: filterText(searchedMax)
    .min(1)
    .optional()
    .meta({ description: 'Only tasks whose prompt holds this.', examples: ['zen garden'] }),
  include: z.enum(['input']).optional().meta({ description: '`input`: with what was ordered.' }),
}

export interface TaskRoutes {
  readonly routes: Routes
  readonly patience: Patience
  readonly pictures: PictureBodies
}

export function addTaskRoutes(
  scope: FastifyInstance,
  ctx: Context,
  { routes, patience, pictures }: TaskRoutes,
): void {
  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/tasks/create',
    operationId: 'createTask',
    tag: 'Tasks',
    summary: 'Create Task',
    description:
      'Charges the account and queues one task for each output. It answers as soon as both are durably stored; failed tasks are refunded by themselves. With an `Idempotency-Key` it can be repeated safely.',
    documentedHeaders: idempotencyHeaders,
    pictures,
    documentedBody: () => createBody(ctx.catalog.current),
    bodyExamples: () => createExamples(ctx.catalog.current),
    answer: createdAnswer,
    documentedAnswerHeaders: replayedHeaders,
    msg: submitted,
    flat: { task_status: queued },
    async run({ request, reply }) {
      const caller = callerOf(request)
      const { body, id: requestId } = request
      const idempotencyKey = idempotencyKeyOf(request)
      const { created, replayed } = await createTasks(ctx, { caller, body, requestId, idempotencyKey })
      if (replayed) {
        markReplayed(reply)
        request.log.info({ req: request.id, request: created.requestId }, 'answered as before, by its key')
      }
      return viewCreated(created)
    },
  })

  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/tasks/{task_id}',
    operationId: 'getTask',
    tag: 'Tasks',
    summary: 'Query Task',
    description:
      'Poll until `task_status` is 3 (success) or 4 (failed), or wait for it: `?wait=30` answers when the task has ended, or after 30 seconds with what it is then, and counts as one request. What the key may see is settled when the wait begins.',
    params: taskParams,
    query: z.strictObject(waitQuery),
    answer: taskAnswer,
    flat: {},
    readAhead(request, accountId) {
      const { task_id: id } = request.params as { task_id: string }
      return taskCursor.test(id) ? findTaskAndRights(ctx.db.read, { accountId, id }) : null
    },
    async run({ params, query: { wait = 0 }, request, reply }) {
      const task = await taskOf(ctx, request, params.task_id)
      const found = wait === 0 ? task : await waitForEnd(ctx, patience, { task, waitSeconds: wait, reply })
      return inLanguageOf(request, await showTask(ctx.db.read, found, expiryTime(ctx)))
    },
  })

  addCancelRoute(scope, ctx, routes)
  addListRoute(scope, ctx, routes)
}

async function taskOf({ db }: Context, request: FastifyRequest, id: string): Promise<TaskColumns> {
  const { accountId } = callerOf(request)
  const ahead = takeReadAhead<TaskColumns | null>(request, accountId)
  if (!ahead) return await findTask(db.read, accountId, id)
  const task = await ahead
  if (!task) throw noSuchTask()
  return task
}

function addListRoute(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/tasks',
    operationId: 'listTasks',
    tag: 'Tasks',
    summary: 'List Tasks',
    description: `Newest first. ${filteredPages}`,
    query: z.strictObject(ownFilterQuery),
    answer: taskListAnswer,
    async run({ query, request }) {
      const page = await listTasks(ctx.db.read, {
        accountId: callerOf(request).accountId,
        status: (query.status ?? null) as TaskStatus | null,
        modelId: query.model_id ?? null,
        ...spanOf(query, ctx.config.reporting.timeZone),
        keyId: query.key,
        text: query.text,
        before: readCursor(query.cursor, taskCursor),
        limit: query.limit,
      })
      const shown = await showTasks(ctx.db.read, page.rows, expiryTime(ctx))
      const tasks = query.include === undefined ? shown : await withInputs(ctx.db.read, shown)
      return { tasks: tasks.map((task) => inLanguageOf(request, task)), next_cursor: page.next }
    },
  })
}

function addCancelRoute(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'DELETE',
    url: '/api/v1/tasks/{task_id}',
    operationId: 'cancelTask',
    tag: 'Tasks',
    summary: 'Cancel Task',
    description:
      'Cancels a task that still waits in our queue and gives its credits back: it has failed then, and its webhook says so. The other tasks of its request stay. What was ordered already, or perhaps was, is `too_late` to cancel; so is an order whose first frame was, and the first output of one that waits for its first frame while others wait with it: the price of the frame is in that output. Cancelling again answers the same.',
    params: taskParams,
    answer: cancelledAnswer,
    async run({ params, request }) {
      const { taskId, creditsRefunded } = await cancelTask(ctx, callerOf(request).accountId, params.task_id)
      return { task_id: taskId, cancelled: true as const, credits_refunded: creditsRefunded }
    },
  })
}

const viewCreated = ({ requestId, taskIds, credits, steps }: Created) => ({
  task_id: taskIds[0] ?? '',
  request_id: requestId,
  credits,
  task_ids: [...taskIds],
  ...(steps && { steps: [...steps] }),
})

/** The Open API's Chinese text is the default; English only if Accept-Language asks for it. */
function submitted(request: FastifyRequest): Text {
  const zh = '提交成功,等待生成'
  const asked = languageOf(request.headers['accept-language'])
  return asked === 'en' ? { en: 'Submitted, waiting for generation', zh } : { en: zh, zh }
}
