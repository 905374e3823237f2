// Operator endpoints: the model catalogue, its prices, and what a reload of the file changes.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { ConfigError } from '../../config/problems.ts'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { previewReload, reloadModels } from '../../operators/catalog.ts'
import { priceOf } from '../../operators/price.ts'
import { actorOf } from '../auth.ts'
import { filterText } from '../paging.ts'
import type { Routes } from '../route.ts'
import { viewModel } from '../views.ts'
import { modelListAnswer } from '../v1/model-answers.ts'
import { modelsExample } from '../v1/offer.ts'
import { sample } from '../v1/fields.ts'
import { previewAnswer, reloadAnswer } from './answers.ts'

const idMax = 64
const parameterMax = 32
/** Nobody asks for it: where a picture is given, and none has to be made, is what a price depends on. */
const somePicture = 'https://example.com/picture.png'

const parameter = () => filterText(parameterMax).min(1).optional()

const priceQuery = z.strictObject({
  model_id: filterText(idMax).min(1),
  aspect_ratio: parameter(),
  resolution: parameter(),
  duration: parameter(),
  generate_audio: z.enum(['true', 'false']).optional(),
  generate_count: parameter(),
  image: z.enum(['true', 'false']).optional().meta({ description: '`true`: with a picture.' }),
  account: filterText(idMax).min(1).optional().meta({ description: 'As this account sees it.' }),
  plan: filterText(idMax).min(1).optional().meta({ description: 'On this plan; without `account`.' }),
})

const money = z.number().nullable()

const priceAnswer = z
  .object({
    plan: z.string().nullable(),
    outputs: z.int(),
    credits_each: z.int(),
    first_frame_credits: z.int().nullable(),
    credits: z.int().meta({ description: 'Of all outputs, with the first frame.' }),
    usual_credits: z.int().meta({ description: 'Without a plan.' }),
    currency: z.string().nullable(),
    cost: money.meta({ description: 'Null: a route names no cost.' }),
    value: money.meta({ description: 'Null: `reporting.credit_value` is not set.' }),
    margin: money,
  })
  .meta({ id: 'SimulatedPrice' })

const previewExample = {
  models: [
    {
      model_id: sample.modelId,
      change: 'changed' as const,
      before: { en: '15 credits an image', zh: '每张图片 15 积分' },
      after: { en: '12 credits an image', zh: '每张图片 12 积分' },
    },
  ],
  sections: ['plans'],
  file: '/srv/tollgate/tollgate.yaml',
  ignored: [],
  problems: [],
}

const viewModels = (ctx: Context) => ctx.catalog.current.models.map(viewModel) as never

/** Millionths are exact; their differences as decimals are not. */
const roundedMoney = (amount: number): number => Math.round(amount * 1_000_000) / 1_000_000

export function addCatalogRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/models',
    operationId: 'listModels',
    tag: 'Models',
    summary: 'List Models',
    answer: modelListAnswer,
    answerExample: () => modelsExample(ctx.catalog.current),
    run: async () => ({ models: viewModels(ctx) }),
  })

  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/price',
    operationId: 'simulatePrice',
    tag: 'Models',
    summary: 'Simulate Price',
    description:
      'What an order would cost a customer, by the function that charges, beside what it costs you. Nothing is ordered. Parameters are those of create.',
    query: priceQuery,
    answer: priceAnswer,
    answerExample: () => ({
      plan: 'vip',
      outputs: 2,
      credits_each: 24,
      first_frame_credits: null,
      credits: 48,
      usual_credits: 60,
      currency: 'USD',
      cost: 0.18,
      value: 0.48,
      margin: 0.3,
    }),
    run: async ({ query: { account, plan, image, generate_audio: audio, ...order } }) => {
      const pictures = image === 'true' ? { image_urls: [somePicture] } : {}
      const price = await priceOf(ctx, {
        order: {
          ...order,
          ...pictures,
          ...(audio && { generate_audio: audio === 'true' }),
          prompt: 'price',
        },
        accountId: account ?? null,
        plan: plan ?? null,
      })
      return {
        plan: price.plan,
        outputs: price.outputs,
        credits_each: price.creditsEach,
        first_frame_credits: price.frameCredits,
        credits: price.credits,
        usual_credits: price.usualCredits,
        currency: ctx.config.reporting.currency,
        cost: price.cost,
        value: price.value,
        margin: price.cost === null || price.value === null ? null : roundedMoney(price.value - price.cost),
      }
    },
  })
}

export function addReloadRoutes(scope: FastifyInstance, ctx: Context, routes: Routes): void {
  routes.add(scope, {
    method: 'GET',
    url: '/admin/v1/models/reload',
    operationId: 'previewReload',
    tag: 'Models',
    summary: 'Preview Reload',
    description:
      'What a reload would change, read from tollgate.yaml as it is now; nothing is changed, and no site is asked what it sells. It is refused where the reload would be.',
    answer: previewAnswer,
    answerExample: () => previewExample,
    async run() {
      try {
        const { models: changed, sections, file, ignored, problems } = await previewReload(ctx)
        return {
          models: changed.map(({ modelId, ...change }) => ({ model_id: modelId, ...change })),
          sections: [...sections],
          file,
          ignored: [...ignored],
          problems: [...problems],
        }
      } catch (error) {
        if (error instanceof ConfigError) throw badFile(error)
        throw error
      }
    },
  })

  routes.add(scope, {
    method: 'POST',
    url: '/admin/v1/models/reload',
    operationId: 'reloadModels',
    tag: 'Models',
    summary: 'Reload Models',
    description:
      'Reads tollgate.yaml again. Its models take effect; `ignored` names the other settings that changed, which wait ' +
      'for the next start. When the models are wrong, or the file names an upstream or a key no more that open tasks ' +
      'name, the old catalogue stays and the answer says why.',
    query: z.strictObject({
      orphan: z.enum(['true', 'false']).optional().meta({
        description:
          '`true`: go ahead even if open tasks name an upstream or a key that is no longer configured.',
      }),
    }),
    answer: reloadAnswer,
    answerExample: () => ({
      ...modelsExample(ctx.catalog.current),
      file: '/srv/tollgate/tollgate.yaml',
      ignored: [],
      problems: [],
    }),
    async run({ query, request }) {
      try {
        const wanted = { orphan: query.orphan === 'true' }
        const { file, ignored, problems } = await reloadModels(ctx, actorOf(request), wanted)
        return { models: viewModels(ctx), file, ignored: [...ignored], problems: [...problems] }
      } catch (error) {
        if (error instanceof ConfigError) throw badFile(error)
        throw error
      }
    },
  })
}

const badFile = (error: ConfigError) =>
  new GatewayError('invalid_request', {
    en: `The catalogue was not changed. ${error.problems.join(' ')}`,
    zh: `目录未更改。${error.problems.join(' ')}`,
  })
