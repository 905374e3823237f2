// The shape of kie's API of jobs, for programs that were written for it.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { balanceOf } from '../../../ledger/statement.ts'
import type { Context } from '../../../context.ts'
import { expiryTime } from '../../../expiry.ts'
import { kieTask } from '../../../tasks/forms/kie.ts'
import { findOrder } from '../../../tasks/read/orders.ts'
import { callerOf } from '../../auth.ts'
import { idempotencyHeaders, replayedHeaders } from '../../idempotency-key.ts'
import type { Routes } from '../../route.ts'
import { readInput } from '../../wire/input.ts'
import { lastPart, readMakersInput } from '../inputs.ts'
import type { ClientMeans, OptionalSurface } from '../optional.ts'
import { placeAnywhere } from '../place-anywhere.ts'
import { reasonsFor } from '../reasons.ts'
import { createOrders } from '../orders/place.ts'
import { kieDocs } from './docs.ts'
import { kieWire } from './wire.ts'
import { catalogFor } from '../../../accounts/offer.ts'

const tag = 'kie'
const exampleId = 'req_0mx2l3mzx00b7v1d9q4kf6hs2wme'

export const kieSurface: OptionalSurface = {
  name: 'kie',
  prefixes: ['/api/v1/jobs', '/api/v1/chat'],
  wire: kieWire,
  docs: kieDocs,
  addRoutes(scope, ctx, means) {
    addCreateRoute(scope, ctx, means)
    addReadRoutes(scope, ctx, means.routes)
  },
}

const taskBody = z
  .strictObject({
    model: z.string().meta({ description: 'A model, with or without its maker: the last part counts.' }),
    callBackUrl: z.string().nullish().meta({ description: 'Called once, with the task, when it has ended.' }),
    progressCallBackUrl: z.string().nullish().meta({ description: 'Without effect.' }),
    input: z.record(z.string(), z.unknown()).meta({
      description:
        'The parameters of the model, by any of the names that kie’s models have for them: prompt, image_urls, image_input, input_urls and others, aspect_ratio or image_size, resolution, duration (a number or a text), num_images, sound. Names that would change the result and are not understood are refused; seeds, formats and the like are ignored.',
    }),
  })
  .meta({
    id: 'KieTaskRequest',
    examples: [{ model: 'google/nano-banana-2', input: { prompt: 'a heron at dawn', image_input: [] } }],
  })

const createdAnswer = z
  .object({ taskId: z.string() })
  .meta({ id: 'KieCreated', examples: [{ taskId: exampleId }] })

function addCreateRoute(scope: FastifyInstance, ctx: Context, { routes, pictures }: ClientMeans): void {
  const orders = createOrders(scope, ctx)
  routes.add(scope, {
    method: 'POST',
    url: '/api/v1/jobs/createTask',
    operationId: 'createKieTask',
    tag,
    summary: 'Create a Task',
    description: 'Charges the account and queues the order. One task, whatever the number of its outputs.',
    documentedHeaders: idempotencyHeaders,
    documentedAnswerHeaders: replayedHeaders,
    documentedBody: () => taskBody,
    pictures: pictures.placedBy(placeAnywhere),
    answer: createdAnswer,
    async run({ request, reply }) {
      const body = readInput(taskBody, request.body ?? {})
      const modelId = lastPart(body.model)
      const catalog = catalogFor(ctx, callerOf(request))
      const { order, names } = readMakersInput(body.input, catalog.model(modelId))
      const placed = await orders.place({
        request,
        reply,
        body: { ...order, model_id: modelId, callback_url: body.callBackUrl },
        fields: body,
        names: { ...names, model_id: 'model', callback_url: 'callBackUrl' },
        comparedBody: { kie: body },
        callbackForm: 'kie',
      })
      placed.answersNow()
      return { taskId: placed.requestId }
    },
  })
}

const ms = z.int().nullable().meta({ description: 'Milliseconds.' })

const recordAnswer = z
  .object({
    taskId: z.string(),
    model: z.string(),
    state: z.enum(['waiting', 'queuing', 'generating', 'success', 'fail']),
    param: z.string().meta({ description: 'JSON in a text: what was ordered.' }),
    resultJson: z.string().meta({ description: 'JSON in a text, `{"resultUrls":[…]}`; empty until then.' }),
    failCode: z.string(),
    failMsg: z.string(),
    costTime: ms,
    completeTime: ms,
    createTime: ms,
    updateTime: ms,
    creditsConsumed: z.int(),
  })
  .meta({
    id: 'KieTask',
    examples: [
      {
        taskId: exampleId,
        model: 'nano-banana-2',
        state: 'success',
        param: '{"model":"nano-banana-2","input":{"prompt":"a heron at dawn"}}',
        resultJson: '{"resultUrls":["https://gateway.example/media/a.png"]}',
        failCode: '',
        failMsg: '',
        costTime: 60_000,
        completeTime: 1_796_040_060_000,
        createTime: 1_796_040_000_000,
        updateTime: 1_796_040_060_000,
        creditsConsumed: 10,
      },
    ],
  })

function addReadRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/jobs/recordInfo',
    operationId: 'getKieTask',
    tag,
    summary: 'Query a Task',
    query: z.strictObject({ taskId: z.string() }),
    answer: recordAnswer,
    async run({ request, query: { taskId } }) {
      const order = await findOrder(ctx.db.read, callerOf(request).accountId, taskId)
      return kieTask(reasonsFor(request, order), expiryTime(ctx))
    },
  })
  routes.add(scope, {
    method: 'GET',
    url: '/api/v1/chat/credit',
    operationId: 'getKieCredits',
    tag,
    summary: 'Credits',
    answer: z.int().meta({ description: 'What may still be spent.', examples: [1_000] }),
    run: async ({ request }) => (await balanceOf(ctx.db.read, callerOf(request).accountId)).balance,
  })
}
