// The bodies of Keevx's two create endpoints, and the orders of the tasks API that they mean.
import { z } from 'zod'
import { isBlank } from '../../../characters.ts'
import { GatewayError } from '../../../errors.ts'
import type { FieldNames } from '../named.ts'
import { readInput } from '../../wire/input.ts'
import { wrongShape } from '../../wire/refusals.ts'

export interface KeevxOrder {
  readonly operation: 'image_generate' | 'image_to_video'
  /** As a route of the catalogue names the mode. */
  readonly params: Readonly<Record<string, string>>
  /** A body of create without its model. */
  readonly order: Readonly<Record<string, unknown>>
  /** Keevx's names of the fields of `order`. */
  readonly names: FieldNames
}

const url = z.string().nullish()
const urls = z.array(z.string()).nullish()

export const imageBody = z
  .strictObject({
    prompt: z.string().meta({ description: 'At most 1000 characters.' }),
    reference_images: urls.meta({ description: 'At most 5; those beyond are left out, as Keevx does.' }),
    module: z.enum(['std', 'pro']).nullish().meta({ description: '`std` by default.' }),
    generate_count: z.int().nullish().meta({ description: '1 to 8, 1 by default; a task each.' }),
    image_quality: z.string().nullish().meta({ description: '1K, 2K or 4K; 2K by default.' }),
    image_ratio: z.string().nullish().meta({ description: 'One of ten; 9:16 by default.' }),
    callback_url: url,
  })
  .meta({
    id: 'KeevxImageOrder',
    examples: [
      { prompt: 'A serene mountain lake at sunset', module: 'std', image_quality: '2K', image_ratio: '16:9' },
    ],
  })

/** "Excess items are silently truncated to 5." */
const referencesMax = 5
/** Keevx's defaults, whatever those of the catalogue are. */
const imageDefaults = { module: 'std', quality: '2K', ratio: '9:16' } as const

export function readImageBody(given: unknown): KeevxOrder {
  const body = readInput(imageBody, given ?? {})
  refuseNoPrompt(body.prompt)
  return {
    operation: 'image_generate',
    params: { module: body.module ?? imageDefaults.module },
    order: {
      prompt: body.prompt,
      image_urls: body.reference_images?.slice(0, referencesMax),
      aspect_ratio: body.image_ratio ?? imageDefaults.ratio,
      resolution: body.image_quality ?? imageDefaults.quality,
      generate_count: body.generate_count,
      callback_url: body.callback_url,
    },
    names: { image_urls: 'reference_images', aspect_ratio: 'image_ratio', resolution: 'image_quality' },
  }
}

export const videoBody = z
  .strictObject({
    model: z.enum(['V', 'KL', 'S']),
    prompt: z.string().meta({ description: 'At most 1000 characters.' }),
    aspect_ratio: z.string().meta({ description: '16:9 or 9:16.' }),
    aspect_resolution: z.string().meta({ description: 'V: 720p, 1080p, 4k; KL: 720p, 1080p; S: 720p.' }),
    duration: z
      .int()
      .meta({ description: 'Seconds. V: 4, 6, 8, with several images 8; KL: 5, 10; S: 4, 8, 12.' }),
    image_url: url.meta({ description: 'The first frame, for V and S.' }),
    end_image_url: url.meta({ description: 'The last frame, for V.' }),
    reference_images: urls.meta({ description: 'For V 2 or 3, for KL 1 to 7.' }),
    generate_audio: z.boolean().nullish().meta({ description: 'V alone.' }),
    generate_count: z.int().nullish().meta({ description: '1 to 4, 1 by default; a task each.' }),
    callback_url: url,
  })
  .meta({
    id: 'KeevxVideoOrder',
    examples: [
      {
        model: 'V',
        prompt: 'Waves crashing on the beach at sunset',
        image_url: 'https://example.com/beach.jpg',
        aspect_ratio: '16:9',
        aspect_resolution: '1080p',
        duration: 6,
        generate_audio: true,
      },
    ],
  })

export function readVideoBody(given: unknown): KeevxOrder {
  const body = readInput(videoBody, given ?? {})
  refuseNoPrompt(body.prompt)
  const references = body.reference_images ?? []
  const first = body.image_url ?? ''
  refuseWrongPictures(body.model, { first, references })
  return {
    operation: 'image_to_video',
    params: { model: body.model },
    order: {
      prompt: body.prompt,
      image_urls: first === '' ? references : [first],
      end_image_url: body.end_image_url,
      aspect_ratio: body.aspect_ratio,
      resolution: body.aspect_resolution,
      duration: body.duration,
      generate_audio: body.generate_audio,
      generate_count: body.generate_count,
      callback_url: body.callback_url,
    },
    names: { resolution: 'aspect_resolution', image_urls: first === '' ? 'reference_images' : 'image_url' },
  }
}

interface Pictures {
  readonly first: string
  readonly references: readonly string[]
}

/** The catalogue has one list of pictures: which field they came in is only known here. */
function refuseWrongPictures(model: string, { first, references }: Pictures): void {
  if (first !== '' && references.length > 0) {
    throw refusal('reference_images', 'cannot be given together with image_url', '不能与 image_url 同时使用')
  }
  if (first !== '' && model === 'KL') {
    throw refusal(
      'image_url',
      'is not used by model KL; give reference_images',
      '模型 KL 不支持该字段,请使用 reference_images',
    )
  }
  if (references.length > 0 && model === 'S') {
    throw refusal(
      'reference_images',
      'is not used by model S; give image_url',
      '模型 S 不支持该字段,请使用 image_url',
    )
  }
  if (references.length === 1 && model === 'V') {
    throw refusal(
      'reference_images',
      'model V takes 2 or 3; give a single picture as image_url',
      '模型 V 需要 2 或 3 张;单张图片请使用 image_url',
    )
  }
}

function refuseNoPrompt(prompt: string): void {
  if (isBlank(prompt)) throw refusal('prompt', 'cannot be empty', '不能为空')
}

const refusal = (field: string, en: string, zh: string) =>
  new GatewayError(
    'invalid_request',
    { en: `${field} ${en}`, zh: `${field} ${zh}` },
    { field, detail: wrongShape },
  )
