// The fields of a video request, and the create that they stand for.
import { z } from 'zod'
import type { Catalog } from '../../../../catalog/catalog.ts'
import type { Model } from '../../../../catalog/listing.ts'
import { orListZh, refused, show } from '../../../../catalog/refusal.ts'
import { listOf } from '../../../../config/wording.ts'
import { readInput } from '../../../wire/input.ts'
import { flag, given, noEffect, orderFields, wholeOrText } from '../field-kinds.ts'
import { imageInputs } from '../image-inputs.ts'
import { readSize, videoRatio, videoResolution } from '../sizes.ts'

export const videoFields = z.strictObject({
  ...orderFields,
  seconds: wholeOrText.optional().meta({ description: 'One that the model takes; nothing is rounded.' }),
  size: z.string().optional().meta({
    description:
      'Pixels such as 1280x720: 16:9 if it is not higher than wide, else 9:16; 720p, 1080p or 4k by the short side (up to 720, up to 1080, above).',
  }),
  input_reference: z.unknown().optional().meta({
    description: 'A picture to begin with: a file, or `{ "image_url": "…" }` in JSON.',
  }),
  generate_audio: flag.optional(),
  image: z.unknown().optional().meta({ description: 'As `input_reference`.' }),
  duration: wholeOrText.optional().meta({ description: 'As `seconds`.' }),
  width: wholeOrText.optional().meta({ description: 'With `height`, as `size`.' }),
  height: wholeOrText.optional(),
  n: wholeOrText.optional().meta({
    override: {
      anyOf: [
        { type: 'integer', const: 1 },
        { type: 'string', const: '1' },
      ],
    },
    description: '1: a video has an object of its own.',
  }),
  response_format: z.enum(['url']).optional().meta(noEffect),
})

export interface VideoWish {
  /** Of a create. */
  readonly body: Readonly<Record<string, unknown>>
  readonly names: Readonly<Record<string, string>>
}

/** Throws invalid_request that names the client's field. */
export function readVideoWish(catalog: Catalog, sent: unknown): VideoWish {
  const fields = readInput(videoFields, given(sent))
  const model = catalog.model(fields.model)
  if (model?.taskType === 'image') throw makesImages(fields.model)
  if (fields.n !== undefined && String(fields.n) !== '1') throw notOne(fields.n)
  const [secondsName, seconds] =
    fields.seconds === undefined ? ['duration', fields.duration] : ['seconds', fields.seconds]
  if (model && seconds !== undefined) checkSeconds(model, secondsName, seconds)
  const { width, height } = fields
  const size = readSize(fields.size ?? (width === undefined ? undefined : `${width}x${String(height)}`))
  const [imagesName, images] =
    fields.input_reference === undefined
      ? ['image', fields.image]
      : ['input_reference', fields.input_reference]
  const body = {
    model_id: fields.model,
    prompt: fields.prompt,
    // Empty text is refused where a first frame would be made in its place.
    image_urls: images === '' ? '' : imageInputs(imagesName, images),
    duration: seconds,
    aspect_ratio: fields.aspect_ratio ?? (size && videoRatio(size)),
    resolution: fields.resolution ?? (size && videoResolution(size)),
    generate_audio: fields.generate_audio,
    callback_url: fields.callback_url,
    max_credits: fields.max_credits,
  }
  return {
    body: given(body),
    names: {
      model_id: 'model',
      image_urls: imagesName,
      duration: secondsName,
      ...(fields.aspect_ratio === undefined && { aspect_ratio: 'size' }),
      ...(fields.resolution === undefined && { resolution: 'size' }),
    },
  }
}

/** A route may take fewer: that is checked by the create. */
function checkSeconds(model: Model, name: string, seconds: string | number): void {
  const allowed = (model.parameters['duration']?.values ?? []).map(String)
  if (allowed.length === 0 || allowed.includes(String(seconds).trim())) return
  throw refused(
    name,
    `must be ${listOf(allowed)} for ${model.id}, not ${show(seconds)}`,
    `对 ${model.id} 必须是 ${orListZh(allowed)},而不是 ${show(seconds)}`,
  )
}

const makesImages = (model: string) =>
  refused(
    'model',
    `${model} makes images: POST /v1/images/generations`,
    `${model} 生成图片,请使用 POST /v1/images/generations`,
  )

const notOne = (count: unknown) =>
  refused(
    'n',
    `must be 1, not ${show(count)}: order each video by itself`,
    `必须是 1,而不是 ${show(count)}:每个视频请单独下单`,
  )
