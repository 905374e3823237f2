// GET /v1/models: what is sold, as OpenAI lists its models.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { slugOf } from '../../../config/brand.ts'
import type { Context } from '../../../context.ts'
import { GatewayError } from '../../../errors.ts'
import type { Routes } from '../../route.ts'
import { modelId, text, whole } from '../../v1/fields.ts'
import { catalogFor } from '../../../accounts/offer.ts'
import { callerOf } from '../../auth.ts'

const modelObject = z
  .object({
    id: modelId,
    object: z.literal('model'),
    created: whole(0).meta({ description: 'Always 0: when it was first sold is not kept.' }),
    owned_by: text('pixel-shop').meta({ description: 'The name of this gateway.' }),
  })
  .meta({ id: 'OpenAiModel' })

const modelsObject = z
  .object({ object: z.literal('list'), data: z.array(modelObject) })
  .meta({ id: 'OpenAiModelList' })

export function addModelRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/v1/models',
    operationId: 'listOpenAiModels',
    tag: 'OpenAI',
    summary: 'List Models',
    description: 'Each model, and each of its aliases as a model of its own.',
    answer: modelsObject,
    async run({ request }) {
      const ids = catalogFor(ctx, callerOf(request)).models.flatMap(({ id, aliases }) => [id, ...aliases])
      return { object: 'list' as const, data: ids.map(viewOf(ctx)) }
    },
  })
  routes.add(scope, {
    method: 'GET',
    url: '/v1/models/{model}',
    operationId: 'getOpenAiModel',
    tag: 'OpenAI',
    summary: 'Retrieve Model',
    params: z.strictObject({ model: modelId }),
    answer: modelObject,
    async run({ params: { model }, request }) {
      if (catalogFor(ctx, callerOf(request)).model(model) === null) throw noSuchModel(model)
      return viewOf(ctx)(model)
    },
  })
}

function viewOf(ctx: Context) {
  const owner = slugOf(ctx.catalog.offer.brand)
  return (id: string) => ({ id, object: 'model' as const, created: 0, owned_by: owner })
}

const noSuchModel = (model: string) =>
  new GatewayError(
    'unknown_model',
    {
      en: `No model is called "${model}". GET /v1/models lists them.`,
      zh: `没有名为“${model}”的模型。可用模型见 GET /v1/models。`,
    },
    { field: 'model' },
  )
