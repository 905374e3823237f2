// The tools that order: generate_image and generate_video.
import { z } from 'zod'
import type { Catalog } from '../../../../catalog/catalog.ts'
import { createFields, fieldNames } from '../../../../catalog/fields.ts'
import type { Text } from '../../../../errors.ts'
import { GatewayError } from '../../../../errors.ts'
import { hashOfBody } from '../../../../tasks/create/body-hash.ts'
import { createTasks } from '../../../../tasks/create/create.ts'
import type { CreateResult } from '../../../../tasks/create/create.ts'
import { findTask } from '../../../../tasks/read/find.ts'
import type { TaskColumns } from '../../../../tasks/read/view.ts'
import type { TaskStatus } from '../../../../tasks/state.ts'
import { taskAnswer } from '../../../v1/answers.ts'
import { idempotencyHeaders } from '../../../idempotency-key.ts'
import { readInput } from '../../../wire/input.ts'
import type { Shown, ToolCall } from '../call.ts'
import { picturesOf } from './pictures.ts'
import { joined, linkTo, taskText, viewTasks } from './show.ts'
import { includeImage, spends, waitSeconds } from './tool.ts'
import type { Tool } from './tool.ts'
import { waitForAll } from './wait.ts'
import { catalogFor } from '../../../../accounts/offer.ts'

type Output = 'image' | 'video'

const ownArguments = {
  wait_seconds: waitSeconds,
  include_image: includeImage,
  idempotency_key: idempotencyHeaders.shape['Idempotency-Key'].meta({
    description:
      'A name of your own for this order: calling again with it never orders or charges twice, whatever happened to the answer. Without it, a repeated call is recognized for ten minutes.',
  }),
}
const own = z.object(ownArguments)

const ordered = z.object({
  request_id: z.string().meta({ description: 'Of this order; quote it when you ask for help.' }),
  credits: z.int().meta({ description: 'What the whole order was charged; failed tasks are given back.' }),
  repeated: z.boolean().meta({ description: 'An earlier call made this order; this one charged nothing.' }),
  tasks: z.array(taskAnswer).meta({ description: 'One for each output.' }),
})

export const generateImage = orderTool('image', {
  title: 'Generate an image',
  description:
    'Orders one or more pictures from a text, or from pictures and a text. It spends credits: quote tells how many. A picture takes from seconds to minutes; where it is not ready in time, go on with get_task.',
})

export const generateVideo = orderTool('video', {
  title: 'Generate a video',
  description:
    'Orders a video from a text or from pictures. It spends credits: quote tells how many. A video takes minutes; where it is not ready in time, go on with get_task.',
})

function orderTool(output: Output, words: Pick<Tool, 'title' | 'description'>): Tool {
  return {
    name: `generate_${output}`,
    ...words,
    annotations: spends,
    output: ordered,
    input(catalog) {
      const body = orderFields(catalog, output)
      return body && z.strictObject({ ...body, ...ownArguments })
    },
    run: (call, args) => order(call, output, args),
  }
}

const failedStatus: TaskStatus = 4
const ofSurfaceOnly = new Set(Object.keys(ownArguments))

async function order(
  call: ToolCall,
  output: Output,
  args: Readonly<Record<string, unknown>>,
): Promise<Shown> {
  const {
    wait_seconds: seconds,
    include_image: wantsImage,
    idempotency_key: key,
  } = readInput(
    own,
    Object.fromEntries(
      Object.entries(args).filter(([name, value]) => ofSurfaceOnly.has(name) && value !== null),
    ),
  )
  const body = Object.fromEntries(Object.entries(args).filter(([name]) => !ofSurfaceOnly.has(name)))
  requireOutput(catalogFor(call.ctx, call.caller), output, body)
  const { created, replayed } = await create(call, body, key)
  const { accountId } = call.caller
  const read = call.ctx.db.read
  const tasks = await Promise.all(created.taskIds.map((id) => findTask(read, accountId, id)))
  const views = await viewTasks(call, await waitIfPossible(call, tasks, seconds))
  const pictures = wantsImage ? await picturesOf(call, views) : []
  return {
    text: joined([headline({ created, replayed }), ...views.map(taskText)]),
    structured: { request_id: created.requestId, credits: created.credits, repeated: replayed, tasks: views },
    more: [...views.flatMap(linkTo), ...pictures],
    failed: views.every(({ task_status: status }) => status === failedStatus),
  }
}

/**
 * It is paid for: where waiting is not possible, as when too many wait, the tasks are returned as they were found. A
 * refusal would say that nothing was charged, and have the client order again.
 */
async function waitIfPossible(
  call: ToolCall,
  tasks: readonly TaskColumns[],
  seconds: number,
): Promise<readonly TaskColumns[]> {
  try {
    return await waitForAll(call, tasks, seconds)
  } catch (error) {
    call.request.log.warn({ req: call.request.id, err: error }, 'an order is answered without waiting')
    return tasks
  }
}

async function create(call: ToolCall, body: object, key: string | undefined): Promise<CreateResult> {
  const { ctx, caller, request, reply, repeats } = call
  const orderAs = async (idempotencyKey: string) =>
    await createTasks(ctx, { caller, body, requestId: request.id, idempotencyKey })
  if (key !== undefined) return await orderAs(key)
  const { accountId, keyId } = caller
  const { id, params } = request.body as { readonly id: string | number; readonly params: object }
  const [orderHash, messageHash] = await Promise.all([hashOfBody(body), hashOfBody({ id, params })])
  return await repeats.once(
    { accountId, keyId, order: short(orderHash), message: short(messageHash), id: String(id), reply },
    orderAs,
  )
}

/** 128 bits. */
const short = (hash: string): string => hash.slice(0, 32)

/** A video costs more than a picture: a model of the other kind is refused before anything is ordered. */
function requireOutput(catalog: Catalog, output: Output, { model_id: name }: Record<string, unknown>): void {
  const model = typeof name === 'string' ? catalog.model(name) : null
  if (!model || model.taskType === output) return
  const { id, taskType } = model
  throw new GatewayError(
    'invalid_request',
    {
      en: `model_id: ${id} makes ${taskType}s. Nothing was ordered or charged. Call generate_${taskType}, or name a model that makes ${output}s: ${modelsOf(catalog, output).join(', ')}.`,
      zh: `model_id:${id} 用于生成${words[taskType]}。未创建任务,也未扣除积分。请调用 generate_${taskType},或选择用于生成${words[output]}的模型:${modelsOf(catalog, output).join('、')}。`,
    },
    { field: 'model_id' },
  )
}

const words: Readonly<Record<Output, string>> = { image: '图片', video: '视频' }

const modelsOf = ({ models }: Catalog, output: Output): string[] =>
  models.filter(({ taskType }) => taskType === output).map(({ id }) => id)

/** The fields of a create that the models of this kind take; null if none is sold. */
export function orderFields({ models }: Catalog, output?: Output): z.ZodRawShape | null {
  const sold = models.filter(({ taskType }) => output === undefined || taskType === output)
  if (sold.length === 0) return null
  const always = new Set(['max_credits', 'quote_id'])
  const taken = new Set(sold.flatMap(({ parameters }) => Object.keys(parameters)))
  const names = fieldNames.filter((name) => taken.has(name) || always.has(name))
  return Object.fromEntries(names.map((name) => [name, createFields[name].documented(sold)])) as z.ZodRawShape
}

const headline = ({ created, replayed }: CreateResult): Text => {
  const { requestId, credits, taskIds } = created
  return replayed
    ? {
        en: `This repeats an earlier call: it is the order ${requestId} of that call, and nothing was charged again. To order the same once more, name another idempotency_key.`,
        zh: `此次调用与之前的调用重复:返回的是原订单 ${requestId},未重复扣费。如需再次下单,请换一个 idempotency_key。`,
      }
    : {
        en: `Ordered ${taskIds.length === 1 ? '1 task' : `${taskIds.length} tasks`} for ${credits} credits (${requestId}).`,
        zh: `已提交 ${taskIds.length} 个任务,共 ${credits} 积分(${requestId})。`,
      }
}
