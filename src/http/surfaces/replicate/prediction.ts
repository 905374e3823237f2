// A prediction as Replicate's clients read it.
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Context } from '../../../context.ts'
import { expiryTime } from '../../../expiry.ts'
import { predictionOf } from '../../../tasks/forms/replicate.ts'
import type { WholeOrder } from '../../../tasks/read/orders.ts'
import { reasonsFor } from '../reasons.ts'
import { originOf } from '../origin.ts'

export const examplePrediction = {
  id: 'req_0mx2l3mzx00b7v1d9q4kf6hs2wme',
  model: 'nano-banana-2',
  version: 'hidden',
  input: { prompt: 'a heron at dawn', aspect_ratio: '16:9', resolution: '2K' },
  output: ['https://gateway.example/media/a.png'],
  data_removed: false,
  logs: '',
  error: null,
  status: 'succeeded',
  source: 'api',
  created_at: '2026-11-30T12:00:00.000Z',
  started_at: null,
  completed_at: '2026-11-30T12:01:00.000Z',
  metrics: { total_time: 60 },
  urls: {
    get: 'https://gateway.example/replicate/v1/predictions/req_0mx2l3mzx00b7v1d9q4kf6hs2wme',
    cancel: 'https://gateway.example/replicate/v1/predictions/req_0mx2l3mzx00b7v1d9q4kf6hs2wme/cancel',
  },
  webhook: null,
} as const

export const predictionAnswer = z
  .object({
    id: z.string(),
    model: z.string(),
    version: z.string().meta({ description: 'Always `hidden`: models have no versions here.' }),
    input: z.record(z.string(), z.unknown()).meta({ description: 'What was ordered, defaults filled in.' }),
    output: z
      .union([z.array(z.string()), z.string()])
      .nullable()
      .meta({ description: 'URLs: a list of images, or one video. Null until all have ended.' }),
    data_removed: z.boolean().meta({ description: 'The results were kept as long as promised.' }),
    logs: z.string(),
    error: z.string().nullable(),
    status: z.enum(['starting', 'processing', 'succeeded', 'failed', 'canceled']),
    source: z.literal('api'),
    created_at: z.string(),
    started_at: z.null(),
    completed_at: z.string().nullable(),
    metrics: z.object({ total_time: z.number().optional() }),
    urls: z.object({ get: z.string(), cancel: z.string() }),
    webhook: z.string().nullable(),
  })
  .meta({
    id: 'ReplicatePrediction',
    examples: [{ ...examplePrediction, output: [...examplePrediction.output] }],
  })

export type Prediction = z.infer<typeof predictionAnswer>

export function showPrediction(ctx: Context, request: FastifyRequest, order: WholeOrder): Prediction {
  const at = { nowMs: expiryTime(ctx), origin: originOf(ctx, request) }
  return predictionOf(reasonsFor(request, order), at)
}
