// Keevx's create and query endpoints: image_generate and image_to_video.
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../../context.ts'
import { GatewayError } from '../../../errors.ts'
import { expiryTime } from '../../../expiry.ts'
import { refused } from '../../../catalog/refusal.ts'
import { withoutInlineImages } from '../../../media/uploads/inline.ts'
import { keevxTask, operationOf } from '../../../tasks/forms/keevx.ts'
import { findTask, noSuchTask } from '../../../tasks/read/find.ts'
import { viewTask } from '../../../tasks/read/view.ts'
import { callerOf } from '../../auth.ts'
import { idempotencyHeaders, replayedHeaders } from '../../idempotency-key.ts'
import { inLanguageOf } from '../../wire/language.ts'
import { named } from '../named.ts'
import type { ClientMeans } from '../optional.ts'
import { createOrders } from '../orders/place.ts'
import type { Wish } from '../orders/place.ts'
import { imageBody, readImageBody, readVideoBody, videoBody } from './bodies.ts'
import type { KeevxOrder } from './bodies.ts'
import { catalogFor } from '../../../accounts/offer.ts'
import type { Catalog } from '../../../catalog/catalog.ts'

const taskId = 'task_0mx2l3mzx00b7v1d9q4kf6hs2wm'

const success = { code: z.literal(0), msg: z.literal('ok') }

const createdAnswer = z
  .object({
    ...success,
    data: z.object({ task_ids: z.array(z.string()).meta({ description: 'One for each output, in order.' }) }),
  })
  .meta({ id: 'KeevxCreated', examples: [{ code: 0, msg: 'ok', data: { task_ids: [taskId] } }] })

const taskFields = { task_id: z.string(), thumbnail_url: z.string(), error_message: z.string() }

const imageAnswer = z
  .object({
    ...success,
    data: z.object({
      ...taskFields,
      status: z.enum(['GENERATING', 'SUCCEEDED', 'FAILED']),
      image_url: z.string().meta({ description: 'Empty while there is none.' }),
    }),
  })
  .meta({
    id: 'KeevxImageTask',
    examples: [
      {
        code: 0,
        msg: 'ok',
        data: {
          task_id: taskId,
          status: 'SUCCEEDED',
          image_url: 'https://gateway.example/media/a.png',
          thumbnail_url: '',
          error_message: '',
        },
      },
    ],
  })

const videoAnswer = z
  .object({
    ...success,
    data: z.object({
      ...taskFields,
      status: z.enum(['PENDING', 'PROCESSING', 'SUCCEEDED', 'FAILED']),
      video_url: z.string().meta({ description: 'Empty while there is none.' }),
      duration: z.number().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
    }),
  })
  .meta({
    id: 'KeevxVideoTask',
    examples: [
      {
        code: 0,
        msg: 'ok',
        data: {
          task_id: taskId,
          status: 'SUCCEEDED',
          video_url: 'https://gateway.example/media/a.mp4',
          thumbnail_url: '',
          error_message: '',
          duration: 6,
          width: 1920,
          height: 1080,
        },
      },
    ],
  })

const endpoints = [
  { type: 'image', body: imageBody, read: readImageBody, answer: imageAnswer },
  { type: 'video', body: videoBody, read: readVideoBody, answer: videoAnswer },
] as const

export function addOrderRoutes(scope: FastifyInstance, ctx: Context, { routes }: ClientMeans): void {
  const orders = createOrders(scope, ctx)
  for (const { type, body, read, answer } of endpoints) {
    const url = `/keevx/v1/${operationOf[type]}`
    const what = type === 'image' ? 'Image' : 'Video'
    routes.add(scope, {
      method: 'POST',
      url,
      operationId: `createKeevx${what}`,
      tag: 'Keevx',
      summary: `Create ${what} Tasks`,
      description:
        'Charges the account and queues a task for each output. The model is the first of the catalogue that is made by this mode of Keevx.',
      documentedHeaders: idempotencyHeaders,
      documentedBody: () => body,
      answer: createdAnswer,
      documentedAnswerHeaders: replayedHeaders,
      async run({ request, reply }) {
        const placed = await orders.place({
          request,
          reply,
          ...wishOf(catalogFor(ctx, callerOf(request)), read(request.body)),
        })
        placed.answersNow()
        return { code: 0 as const, msg: 'ok' as const, data: { task_ids: [...placed.taskIds] } }
      },
    })
    routes.add(scope, {
      method: 'GET',
      url: `${url}/{task_id}`,
      operationId: `getKeevx${what}`,
      tag: 'Keevx',
      summary: `Query a ${what} Task`,
      params: z.strictObject({ task_id: z.string() }),
      answer: answer as z.ZodType,
      async run({ params, request }) {
        const task = await findTask(ctx.db.read, callerOf(request).accountId, params.task_id)
        if (task.taskType !== type) throw noSuchTask()
        return { code: 0, msg: 'ok', data: keevxTask(inLanguageOf(request, viewTask(task, expiryTime(ctx)))) }
      },
    })
  }
}

/** A tollgate that repeats an order has another `callback_url` for each attempt: it is not compared. */
function wishOf(catalog: Catalog, meant: KeevxOrder): Omit<Wish, 'request' | 'reply'> {
  const { callback_url: _, ...compared } = meant.order
  const comparedBody = { ...compared, operation: meant.operation, params: meant.params }
  const { names } = meant
  return { ...bodyOf(catalog, meant), fields: comparedBody, comparedBody, names, callbackForm: 'keevx' }
}

/** The order of the first model that really makes this mode of it; the refusal if there is none. */
function bodyOf(
  catalog: Catalog,
  { operation, params, order, names }: KeevxOrder,
): { readonly body: unknown; readonly refusal?: GatewayError } {
  let refusal: GatewayError | null = null
  for (const id of catalog.madeBy(operation, params)) {
    const body = { ...order, model_id: id }
    try {
      const { order: made, firstFrame } = catalog.parseOrder(withoutInlineImages(body))
      // Keevx makes no first frames: what leaves its image out is refused, as it is there.
      if (firstFrame) throw imageMissing()
      if (made.operation === operation && isDeepStrictEqual({ ...made.params }, { ...params }))
        return { body }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      refusal ??= named(error, names)
    }
  }
  return { body: order, refusal: refusal ?? notSold(params) }
}

const imageMissing = () =>
  refused('image_urls', 'this model needs an image, and none is given', '该模型需要图片,但未提供')

function notSold(params: KeevxOrder['params']): GatewayError {
  const [[name, value] = ['', '']] = Object.entries(params)
  return new GatewayError(
    'unknown_model',
    {
      en: `${name}: ${value} is not sold here with these parameters. Nothing was charged.`,
      zh: `${name}:此处不提供 ${value} 的该组参数。未扣除任何积分。`,
    },
    { field: name },
  )
}
