// The tools that read: models, prices, tasks and credits.
import { z } from 'zod'
import type { Model } from '../../../../catalog/listing.ts'
import type { Text } from '../../../../errors.ts'
import { balanceOf } from '../../../../ledger/statement.ts'
import { quoteOrder } from '../../../../tasks/create/quote.ts'
import { findTask, listTasks } from '../../../../tasks/read/find.ts'
import type { TaskStatus } from '../../../../tasks/state.ts'
import { creditsAnswer, quoteAnswer, taskAnswer, taskListAnswer } from '../../../v1/answers.ts'
import { modelListAnswer } from '../../../v1/model-answers.ts'
import { readCursor } from '../../../paging.ts'
import { taskCursor } from '../../../v1/tasks.ts'
import { viewModel, viewQuote } from '../../../views.ts'
import { readInput } from '../../../wire/input.ts'
import { serializerOf } from '../../../wire/response-serializer.ts'
import { orderFields } from './order.ts'
import { picturesOf } from './pictures.ts'
import { joined, linkTo, taskText, viewTasks } from './show.ts'
import { includeImage, limit, readsOnly, status, waitSeconds } from './tool.ts'
import type { Tool } from './tool.ts'
import { waitForAll } from './wait.ts'
import { catalogFor } from '../../../../accounts/offer.ts'

const nothing = z.strictObject({})
const keepModels = serializerOf(modelListAnswer)

export const listModels: Tool = {
  name: 'list_models',
  title: 'List models',
  description:
    'Every model on sale, with the parameters it takes, the values they may have, what goes with what, and its price.',
  annotations: readsOnly,
  input: () => nothing,
  output: modelListAnswer,
  async run({ ctx, caller }, args) {
    readInput(nothing, args)
    const { models } = catalogFor(ctx, caller)
    return {
      text: joined(models.map(modelText)),
      structured: keepModels({ models: models.map(viewModel) as never }),
    }
  },
}

const modelText = ({ id, taskType, capability, price }: Model): Text => ({
  en: `${id} (generate_${taskType}): ${capability}; ${price.text.en}`,
  zh: `${id}(generate_${taskType}):${capability};${price.text.zh}`,
})

export const quote: Tool = {
  name: 'quote',
  title: 'Quote a price',
  description:
    'What an order would cost. Takes the arguments of generate_image or generate_video; nothing is ordered or charged. An order that names quote_id pays no more than this.',
  annotations: readsOnly,
  input(catalog) {
    const body = orderFields(catalog)
    return body && z.strictObject(body)
  },
  output: quoteAnswer,
  async run({ ctx, caller }, args) {
    const quoted = await quoteOrder(ctx, caller, args)
    const { credits, firstFrame } = quoted
    const [frameEn, frameZh] = firstFrame
      ? [
          `, ${firstFrame.credits} of them for a first frame, because no image is given`,
          `,其中 ${firstFrame.credits} 积分用于生成首帧(未提供图片)`,
        ]
      : ['', '']
    return {
      text: {
        en: `${credits} credits for all outputs${frameEn}. Nothing was ordered or charged.`,
        zh: `全部输出共 ${credits} 积分${frameZh}。未创建任务,也未扣除积分。`,
      },
      structured: viewQuote(quoted),
    }
  },
}

const oneTask = z.strictObject({
  task_id: z.string().meta({ description: 'Of generate_image, generate_video or list_tasks.' }),
  wait_seconds: waitSeconds,
  include_image: includeImage,
})

export const getTask: Tool = {
  name: 'get_task',
  title: 'Get a task',
  description:
    'How a task stands, and its result once it has succeeded. It waits for the end of the task: call it again until task_status is 3 (success) or 4 (failed).',
  annotations: readsOnly,
  input: () => oneTask,
  output: taskAnswer,
  async run(call, args) {
    const { task_id: id, wait_seconds: seconds, include_image: wantsImage } = readInput(oneTask, args)
    const task = await findTask(call.ctx.db.read, call.caller.accountId, id)
    const views = await viewTasks(call, await waitForAll(call, [task], seconds))
    const pictures = wantsImage ? await picturesOf(call, views) : []
    return {
      text: joined(views.map(taskText)),
      structured: views[0] ?? {},
      more: [...views.flatMap(linkTo), ...pictures],
    }
  },
}

const page = z.strictObject({
  limit,
  cursor: z.string().optional().meta({ description: 'The next_cursor of the page before.' }),
  status,
  model_id: z.string().optional(),
})

export const listTasksTool: Tool = {
  name: 'list_tasks',
  title: 'List tasks',
  description: 'The tasks of the account, newest first: also those of calls whose answer was lost.',
  annotations: readsOnly,
  input: () => page,
  output: taskListAnswer,
  async run(call, args) {
    const { limit: wanted, cursor, status: withStatus, model_id: modelId } = readInput(page, args)
    const found = await listTasks(call.ctx.db.read, {
      accountId: call.caller.accountId,
      status: (withStatus ?? null) as TaskStatus | null,
      modelId: modelId ?? null,
      before: readCursor(cursor, taskCursor),
      limit: wanted,
    })
    const views = await viewTasks(call, found.rows)
    return {
      text: views.length === 0 ? { en: 'No tasks.', zh: '没有任务。' } : joined(views.map(taskText)),
      structured: { tasks: views, next_cursor: found.next },
    }
  },
}

export const getCredits: Tool = {
  name: 'get_credits',
  title: 'Get the credits',
  description: 'What the account may still spend, and what its unfinished tasks were charged.',
  annotations: readsOnly,
  input: () => nothing,
  output: creditsAnswer,
  async run({ ctx, caller }, args) {
    readInput(nothing, args)
    const { balance, inFlight } = await balanceOf(ctx.db.read, caller.accountId)
    return {
      text: {
        en: `${balance} credits; ${inFlight} more are charged for tasks that have not ended.`,
        zh: `余额 ${balance} 积分;未结束的任务已扣 ${inFlight} 积分。`,
      },
      structured: { balance, in_flight: inFlight },
    }
  },
}
