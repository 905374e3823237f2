// POST /v1/images/generations and /v1/images/edits: pictures from a text, and from pictures.
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { refused } from '../../../../catalog/refusal.ts'
import type { Context } from '../../../../context.ts'
import { idempotencyHeaders } from '../../../idempotency-key.ts'
import type { ClientMeans } from '../../optional.ts'
import { readFields } from '../form.ts'
import { placeAnywhere } from '../../place-anywhere.ts'
import type { Orders } from '../../orders/place.ts'
import type { CompletedEvent } from './answer.ts'
import { deliverImages } from './deliver.ts'
import { imageFields, readImageWish } from './fields.ts'
import type { ImageWish } from './fields.ts'
import { catalogFor } from '../../../../accounts/offer.ts'
import { callerOf } from '../../../auth.ts'

const tokens = z.int().meta({ description: 'Tokens are not counted.', examples: [0] })

const imagesAnswer = z
  .object({
    created: z.int().meta({ description: 'Unix seconds.', examples: [1_798_761_600] }),
    data: z.array(
      z.object({
        b64_json: z
          .string()
          .optional()
          .meta({ examples: ['iVBORw0KGgo='] }),
        url: z.string().optional(),
      }),
    ),
    output_format: z
      .string()
      .optional()
      .meta({ description: 'Of the pictures in `data`.', examples: ['png'] }),
    size: z.string().meta({ examples: ['1024x1024'] }),
    quality: z.string().meta({ examples: ['auto'] }),
    background: z.string().meta({ examples: ['opaque'] }),
    usage: z.object({
      input_tokens: tokens,
      input_tokens_details: z.object({ image_tokens: tokens, text_tokens: tokens }),
      output_tokens: tokens,
      total_tokens: tokens,
    }),
  })
  .meta({ id: 'OpenAiImages' })

const picture = { model: 'gpt-image-2', prompt: 'a serene zen garden at sunrise', size: '1024x1024' }
const edit = { ...picture, prompt: 'the same garden in snow', image: 'https://example.com/garden.png' }

const patienceText =
  'It is answered when the pictures are made, which takes minutes. A request whose connection breaks can be sent again: the same request takes up what was ordered and is not charged twice. With `stream`, one event for each picture.'

interface ImageRoutes extends ClientMeans {
  readonly orders: Orders
  readonly waitForMs: number
}

export function addImageRoutes(scope: FastifyInstance, ctx: Context, means: ImageRoutes): void {
  const pictures = means.pictures.placedBy(placeAnywhere)
  const { routes, orders } = means
  const addRoute = (what: {
    readonly url: string
    readonly operationId: string
    readonly summary: string
    readonly bodyType: 'application/json' | 'multipart/form-data'
    readonly event: CompletedEvent['type']
    readonly fields: z.ZodType
    readonly example: object
    readonly check?: (wish: ImageWish) => void
  }) =>
    routes.add(scope, {
      method: 'POST',
      url: what.url,
      operationId: what.operationId,
      tag: 'OpenAI',
      summary: what.summary,
      description: patienceText,
      documentedHeaders: idempotencyHeaders,
      bodyType: what.bodyType,
      documentedBody: () => what.fields,
      bodyExamples: () => ({ picture: { summary: 'A picture', value: what.example } }),
      pictures,
      answer: imagesAnswer,
      async run({ request, reply }) {
        const form = await readFields(ctx, request, pictures)
        try {
          const wish = readImageWish(catalogFor(ctx, callerOf(request)), form.fields)
          what.check?.(wish)
          const { body, names } = wish
          const order = await orders.place({ request, reply, body, names, fields: form.fields })
          await form.discard()
          return await deliverImages(ctx, means, { request, reply, order, wish, event: what.event })
        } finally {
          await form.discard()
        }
      },
    })
  addRoute({
    url: '/v1/images/generations',
    operationId: 'createOpenAiImages',
    summary: 'Create Images',
    bodyType: 'application/json',
    event: 'image_generation.completed',
    fields: imageFields.omit({ mask: true }),
    example: picture,
  })
  addRoute({
    url: '/v1/images/edits',
    operationId: 'editOpenAiImages',
    summary: 'Edit Images',
    bodyType: 'multipart/form-data',
    event: 'image_edit.completed',
    fields: editFields,
    example: edit,
    check({ body }) {
      if ((body['image_urls'] as unknown[]).length === 0) throw noImage()
    },
  })
}

/** As it is documented: `images` instead of `image` is taken too. */
const editFields = imageFields.omit({ mask: true }).extend({ image: imageFields.shape.image.nonoptional() })

const noImage = () =>
  refused(
    'image',
    'is required: one picture or several. POST /v1/images/generations takes a text alone',
    '为必填项:一张或多张图片。仅用文字生成请使用 POST /v1/images/generations',
  )
