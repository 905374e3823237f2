// Creates a prediction of Replicate's API: an order of the tasks API.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../../context.ts'
import { GatewayError } from '../../../errors.ts'
import { findOrder } from '../../../tasks/read/orders.ts'
import { hasEnded } from '../../../tasks/state.ts'
import type { Patience } from '../../v1/wait.ts'
import { readInput } from '../../wire/input.ts'
import { lastPart, readMakersInput } from '../inputs.ts'
import type { Orders } from '../orders/place.ts'
import { waitForOrder } from '../wait-for-order.ts'
import { showPrediction } from './prediction.ts'
import type { Prediction } from './prediction.ts'
import { catalogFor } from '../../../accounts/offer.ts'
import { callerOf } from '../../auth.ts'
import type { Catalog } from '../../../catalog/catalog.ts'

const events = z.enum(['start', 'output', 'logs', 'completed'])

const input = z.record(z.string(), z.unknown()).meta({
  description:
    'The parameters of the model, by any of the names that Replicate’s models have for them: prompt, image (one or several, under many names), aspect_ratio, resolution or size, duration, num_outputs, generate_audio. Names that would change the result and are not understood are refused; seeds, formats and the like are ignored.',
})

export const predictionBody = z
  .strictObject({
    input,
    model: z.string().optional().meta({ description: '`owner/name`: the last part counts.' }),
    version: z
      .string()
      .optional()
      .meta({ description: 'Instead of `model`: a model, or an alias that is called as the version is.' }),
    webhook: z
      .string()
      .nullish()
      .meta({ description: 'Called once, with the prediction, when it has ended.' }),
    webhook_events_filter: z
      .array(events)
      .nullish()
      .meta({ description: 'Without `completed` in it, the webhook is not called.' }),
    stream: z.boolean().nullish().meta({ description: 'Without effect.' }),
  })
  .meta({
    id: 'ReplicatePredictionRequest',
    examples: [{ model: 'google/nano-banana-2', input: { prompt: 'a heron at dawn', aspect_ratio: '16:9' } }],
  })

export interface Creating {
  readonly patience: Patience
  readonly orders: Orders
}

/** A minute is the most that proxies before us wait for. */
const waitSecondsMax = 55

/** `model`: from the path, where it stands there. */
export async function createPrediction(
  ctx: Context,
  { patience, orders }: Creating,
  { reply, model }: { readonly reply: FastifyReply; readonly model: string | null },
): Promise<Prediction> {
  const { request } = reply
  const body = readInput(predictionBody, request.body ?? {})
  const catalog = catalogFor(ctx, callerOf(request))
  const modelId = lastPart(model ?? modelIn(catalog, body))
  const { order: wanted, names } = readMakersInput(body.input, catalog.model(modelId))
  const isTold = body.webhook_events_filter?.includes('completed') ?? true
  const placed = await orders.place({
    request,
    reply,
    body: { ...wanted, model_id: modelId, callback_url: isTold ? body.webhook : null },
    fields: { modelId, body },
    names: { ...names, model_id: 'model', callback_url: 'webhook' },
    comparedBody: { replicate: modelId, ...body },
    callbackForm: 'replicate',
  })
  const found = await findOrder(ctx.db.read, placed.accountId, placed.requestId)
  const waitSeconds = waitOf(request)
  const order =
    waitSeconds === 0 ? found : await waitForOrder(ctx, patience, { order: found, waitSeconds, reply })
  const prediction = showPrediction(ctx, request, order)
  placed.answersNow()
  if (order.tasks.every(hasEnded)) return prediction
  if (waitSeconds > 0) reply.code(202)
  // The JavaScript client takes an answer after `Prefer: wait` that does not say `starting` for the end.
  return { ...prediction, status: 'starting' }
}

type Body = z.infer<typeof predictionBody>

/** Clients send the version of `owner/name:version` alone: it names a model here if an alias of one is called so. */
function modelIn(catalog: Catalog, { model, version = '' }: Body): string {
  const name = model ?? version.split(':')[0] ?? ''
  if (model !== undefined || catalog.model(lastPart(name)) !== null) return name
  throw new GatewayError(
    'unknown_model',
    {
      en: 'version: models have no versions here. Name the model without one: owner/name, or POST /replicate/v1/models/{owner}/{name}/predictions. Nothing was charged.',
      zh: 'version:此处的模型没有版本。请只写模型名称 owner/name,或使用 POST /replicate/v1/models/{owner}/{name}/predictions。未扣除任何积分。',
    },
    { field: 'version' },
  )
}

/** `Prefer: wait`, `Prefer: wait=10`; 0: not at all. */
function waitOf({ headers }: FastifyRequest): number {
  const [, isAsked, seconds] = /(?:^|[,;\s])(wait)(?:=(\d{1,6}))?/.exec(String(headers['prefer'] ?? '')) ?? []
  if (isAsked === undefined) return 0
  return Math.min(waitSecondsMax, Number(seconds ?? waitSecondsMax))
}
