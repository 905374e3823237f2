// The fields of an image request, and the create that they stand for.
import { z } from 'zod'
import type { Catalog } from '../../../../catalog/catalog.ts'
import { refused } from '../../../../catalog/refusal.ts'
import { says } from '../../../wire/issue-words.ts'
import { readInput } from '../../../wire/input.ts'
import { flag, given, noEffect, orderFields, unusedText, wholeOrText } from '../field-kinds.ts'
import { imageInputs } from '../image-inputs.ts'
import { imageResolution, nearestRatio, readSize } from '../sizes.ts'

export const imageFields = z.strictObject({
  ...orderFields,
  n: wholeOrText.optional().meta({ description: 'How many pictures.' }),
  size: z.string().optional().meta({
    description:
      '`auto`, or pixels such as 1536x1024: the nearest aspect ratio of the model is taken, and 1K, 2K or 4K by the long side (up to 1280, up to 2560, above).',
  }),
  response_format: z.enum(['b64_json', 'url']).optional(),
  output_format: z
    .enum(['png'])
    .optional()
    .meta({ description: 'Pictures come as the model makes them; `output_format` of the answer says how.' }),
  stream: flag.optional(),
  image: z.unknown().optional().meta({ description: 'One file or several, or URLs and data: URIs in JSON.' }),
  images: z.unknown().optional().meta({ description: 'In JSON: `[{ "image_url": "…" }]`.' }),
  mask: z.unknown().optional().meta({ description: 'Refused: no model takes one.' }),
  background: z.enum(['auto', 'opaque']).optional().meta(noEffect),
  quality: unusedText.meta(noEffect),
  style: unusedText.meta(noEffect),
  moderation: unusedText.meta(noEffect),
  input_fidelity: unusedText.meta(noEffect),
  output_compression: wholeOrText.optional().meta(noEffect),
  partial_images: wholeOrText
    .refine((value) => Number(value) <= 3, says('must be 0 to 3', '必须是 0 到 3'))
    .optional()
    .meta({ description: 'No partial pictures are sent.' }),
})

export interface ImageWish {
  /** Of a create. */
  readonly body: Readonly<Record<string, unknown>>
  readonly names: Readonly<Record<string, string>>
  readonly isStream: boolean
  readonly format: 'b64_json' | 'url'
  /** As it was asked for, for the answer. */
  readonly size: string | undefined
  readonly quality: string | undefined
}

/** Throws invalid_request that names the client's field. */
export function readImageWish(catalog: Catalog, sent: unknown): ImageWish {
  const fields = readInput(imageFields, given(sent))
  if (fields.mask !== undefined) throw noMask()
  const model = catalog.model(fields.model)
  if (model?.taskType === 'video') throw makesVideos(fields.model)
  const size = readSize(fields.size)
  const ratios = (model?.parameters['aspect_ratio']?.values ?? []).map(String)
  const aspectRatio = fields.aspect_ratio ?? (size && nearestRatio(size, ratios))
  const resolution = fields.resolution ?? (size && imageResolution(size))
  const images = [...imageInputs('image', fields.image), ...imageInputs('images', fields.images)]
  const body = {
    model_id: fields.model,
    prompt: fields.prompt,
    image_urls: images,
    generate_count: fields.n,
    aspect_ratio: aspectRatio,
    resolution,
    callback_url: fields.callback_url,
    max_credits: fields.max_credits,
  }
  return {
    body: given(body),
    names: {
      model_id: 'model',
      generate_count: 'n',
      image_urls: fields.images === undefined ? 'image' : 'images',
      ...(fields.aspect_ratio === undefined && { aspect_ratio: 'size' }),
      ...(fields.resolution === undefined && { resolution: 'size' }),
    },
    isStream: fields.stream ?? false,
    format: fields.response_format ?? 'b64_json',
    size: fields.size,
    quality: fields.quality,
  }
}

const noMask = () =>
  refused(
    'mask',
    'no model here takes a mask. Nothing was charged. Say in the prompt what is to change, and leave the mask out',
    '没有模型支持遮罩。未扣除任何积分。请在提示词中说明需要修改的内容,并去掉 mask',
  )

const makesVideos = (model: string) =>
  refused('model', `${model} makes videos: POST /v1/videos`, `${model} 生成视频,请使用 POST /v1/videos`)
