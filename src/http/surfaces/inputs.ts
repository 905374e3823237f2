// Reads the `input` of other makers' models: many names for the same few things, from which an order is made.
import type { Model } from '../../catalog/listing.ts'
import { GatewayError } from '../../errors.ts'
import { nearest } from '../../config/nearest.ts'
import { wrongShape } from '../wire/refusals.ts'
import type { FieldNames } from './named.ts'
import { ratioNear, resolutionOf, sizeIn } from './sizes.ts'

export interface ReadInput {
  /** Fields of a create. */
  readonly order: Readonly<Record<string, unknown>>
  /** As the caller called them. */
  readonly names: FieldNames
}

type Field =
  | 'prompt'
  | 'image_urls'
  | 'end_image_url'
  | 'aspect_ratio'
  | 'resolution'
  | 'duration'
  | 'generate_audio'
  | 'generate_count'
  | 'size'

/** Pictures come in this order, whatever the order in the body is: the first frame is the first. */
const namesOf: Readonly<Record<Field, readonly string[]>> = {
  prompt: ['prompt'],
  image_urls: [
    'image',
    'image_url',
    'first_frame_image',
    'first_frame_url',
    'first_frame',
    'start_image',
    'start_image_url',
    'input_image',
    'input_image_url',
    'image_prompt',
    'images',
    'image_urls',
    'image_input',
    'image_inputs',
    'input_images',
    'input_urls',
    'input_image_urls',
    'reference_image',
    'reference_images',
    'reference_image_url',
    'reference_image_urls',
    'subject_reference',
  ],
  end_image_url: [
    'end_image_url',
    'end_image',
    'last_frame',
    'last_frame_image',
    'last_frame_url',
    'last_image',
    'tail_image',
    'tail_image_url',
  ],
  aspect_ratio: ['aspect_ratio', 'aspectRatio', 'ratio'],
  resolution: ['resolution', 'image_resolution', 'video_resolution'],
  duration: ['duration', 'seconds', 'n_frames'],
  generate_audio: ['generate_audio', 'enable_audio', 'with_audio', 'sound'],
  generate_count: ['num_outputs', 'num_images', 'number_of_images', 'generate_count', 'n'],
  size: ['size', 'image_size'],
}

const fieldOf: ReadonlyMap<string, Field> = new Map(
  (Object.entries(namesOf) as [Field, readonly string[]][]).flatMap(([field, names]) =>
    names.map((name) => [name, field] as const),
  ),
)

/** `input_image_2` and the like: further pictures. */
const numberedImage = /^(?:image|image_url|input_image|reference_image)_([2-9])$/

/** Without effect on what is made here, or only on details that no caller can count on. */
const ignored: ReadonlySet<string> = new Set([
  'seed',
  'output_format',
  'output_quality',
  'output_compression',
  'quality',
  'moderation',
  'user',
  'user_id',
  'guidance',
  'guidance_scale',
  'cfg_scale',
  'num_inference_steps',
  'steps',
  'go_fast',
  'megapixels',
  'fps',
  'frames_per_second',
  'prompt_optimizer',
  'prompt_upsampling',
  'prompt_extend',
  'enhance_prompt',
  'enable_prompt_expansion',
  'enable_translation',
  'magic_prompt_option',
  'sizing_strategy',
  'motion_bucket_id',
  'cond_aug',
  'decoding_t',
  'camera_fixed',
  'person_generation',
  'safety_tolerance',
  'safety_filter_level',
  'enable_safety_checker',
  'disable_safety_checker',
  'nsfw_checker',
  'sync_mode',
  'remove_watermark',
  'platform',
  'metadata',
])

/** What says nothing may stand under any name. */
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  (Array.isArray(value) && value.length === 0)

/** Throws invalid_request for a name that would change what is made, and is not understood. */
export function readMakersInput(input: Readonly<Record<string, unknown>>, model: Model | null): ReadInput {
  const given = Object.entries(input).filter(([, value]) => value !== undefined && value !== null)
  const images: [string, unknown][] = []
  /** A picture's name with an empty text: what that means depends on the model. */
  let emptied: string | null = null
  const single = new Map<Field, [name: string, value: unknown]>()
  for (const [name, value] of given) {
    const field = numberedImage.test(name) ? 'image_urls' : fieldOf.get(name)
    if (field === undefined) {
      if (!ignored.has(name) && !isNothing(value)) throw unknownName(name)
    } else if (field === 'image_urls') {
      if (!isNothing(value)) images.push([name, value])
      else if (value === '') emptied ??= name
    } else {
      const other = single.get(field)
      if (other && other[1] !== value) throw twice(other[0], name)
      single.set(field, [name, value])
    }
  }
  const size = single.get('size')
  single.delete('size')
  const names = Object.fromEntries([...single].map(([field, [name]]) => [field, `input.${name}`]))
  const order: Record<string, unknown> = {}
  for (const [field, [, value]] of single) {
    const read = plain[field]
    order[field] = read ? read(value) : value
  }
  // A picture without sound is no contradiction.
  if (model?.taskType === 'image' && order['generate_audio'] === false) delete order['generate_audio']
  const sorted = images.toSorted(([one], [other]) => placeOf(one) - placeOf(other))
  if (sorted.length > 0) {
    order['image_urls'] = sorted.flatMap(([, value]) => value)
    names['image_urls'] = `input.${sorted[0]?.[0]}`
  } else if (emptied !== null) {
    order['image_urls'] = ''
    names['image_urls'] = `input.${emptied}`
  }
  for (const [field, value] of Object.entries(fromSize(size, model))) {
    // Named by themselves, they win.
    if (order[field] !== undefined) continue
    order[field] = value
    names[field] = `input.${size?.[0]}`
  }
  return { order, names }
}

const placeOf = (name: string): number => {
  const place = namesOf.image_urls.indexOf(name)
  return place < 0 ? namesOf.image_urls.length + Number(numberedImage.exec(name)?.[1]) : place
}

/** As the picture is, or as the model likes: the default of the catalogue. */
const ratioOfImage: ReadonlySet<unknown> = new Set(['auto', 'adaptive', 'match_input_image', ''])

const plain: Partial<Record<Field, (value: unknown) => unknown>> = {
  aspect_ratio: (value) => (ratioOfImage.has(value) ? null : value),
  resolution: (value) => (value === '' || value === 'auto' ? null : value),
  // `5`, `"5"` and `"5s"`.
  duration: (value) => (typeof value === 'string' ? value.replace(/^(\d+)s$/, '$1') : value),
  end_image_url: (value) => (isOneOfOne(value) ? value[0] : value),
}

const isOneOfOne = (value: unknown): value is readonly [unknown] => Array.isArray(value) && value.length === 1

/** A ratio, a resolution, a preset such as `landscape_16_9`, or pixels. */
function fromSize(
  named: readonly [string, unknown] | undefined,
  model: Model | null,
): Record<string, unknown> {
  const [name, value] = named ?? []
  if (name === undefined || ratioOfImage.has(value)) return {}
  if (typeof value !== 'string') throw notASize(name)
  if (/^\d{1,2}:\d{1,2}$/.test(value)) return { aspect_ratio: value }
  if (/^(?:[124]k|\d{3,4}p)$/i.test(value)) return { resolution: value }
  const [, preset, width, height] = /^(square|landscape|portrait)(?:_hd|_(\d+)_(\d+))?$/.exec(value) ?? []
  if (preset === 'square') return { aspect_ratio: '1:1' }
  if (width !== undefined && height !== undefined) {
    const [short, long] = [Number(width), Number(height)].toSorted((a, b) => a - b)
    return { aspect_ratio: preset === 'landscape' ? `${long}:${short}` : `${short}:${long}` }
  }
  const size = sizeIn(value)
  if (!size) throw notASize(name)
  const ratios = (model?.parameters['aspect_ratio']?.values ?? []).map(String)
  return {
    aspect_ratio: ratioNear(size, ratios),
    resolution: resolutionOf(size, model?.taskType ?? 'image'),
  }
}

const notASize = (name: string) =>
  refused(
    `input.${name}`,
    'must be a size such as 1024x1024, or a ratio such as 1:1',
    '必须是尺寸(如 1024x1024)或比例(如 1:1)',
  )

const twice = (one: string, other: string) =>
  refused(
    `input.${other}`,
    `says something else than ${one}; give one of them`,
    `与 ${one} 不一致,请只写一个`,
  )

/** Longer names are cut when a message repeats them. */
const shownNameMax = 64

function unknownName(name: string): GatewayError {
  const shown = name.slice(0, shownNameMax).toWellFormed()
  const meant = nearest(shown, [...fieldOf.keys()])
  return refused(
    `input.${shown}`,
    `this is not understood here, and would change what is made${meant ? `; did you mean ${meant}?` : '; leave it out'}`,
    `此处不支持该参数${meant ? `,您是否想用 ${meant}?` : ',请去掉它'}`,
  )
}

const refused = (field: string, en: string, zh: string) =>
  new GatewayError(
    'invalid_request',
    { en: `${field}: ${en}.`, zh: `${field}:${zh}。` },
    { field, detail: wrongShape },
  )

/** A model by the last part of its name: `google/nano-banana-2`. */
export const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
