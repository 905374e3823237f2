// Explains why no way of a model fits a request: the parameter, the reason, and allowed values.
import { listOf } from '../config/wording.ts'
import type { Text } from '../errors.ts'
import {
  type ImageInputs,
  imageInputsText,
  countText,
  groupsOf,
  imageRanges,
  takesImages,
  union,
} from './image-inputs.ts'
import { type Offer, valuesOf, type Way } from './offer.ts'
import { orListZh, refused, show } from './refusal.ts'
import type { CreateRequest } from './request.ts'

const choosable = ['aspect_ratio', 'resolution', 'duration', 'generate_audio', 'generate_count'] as const
type Parameter = (typeof choosable)[number]

/** The parameters in the request that this way does not accept, in the order of the fields. */
export function violations(way: Way, request: CreateRequest): Parameter[] {
  return choosable.filter((parameter) => {
    const asked = askedOf(request, parameter)
    return asked !== null && !takesValue(way, parameter, asked)
  })
}

function takesValue(way: Way, parameter: Parameter, asked: string): boolean {
  return allowedBy(way, parameter).some((value) => value.toLowerCase() === asked.toLowerCase())
}

function allowedBy(way: Way, parameter: Parameter): readonly string[] {
  if (parameter !== 'generate_count') return valuesOf(way, parameter)
  return Array.from({ length: way.mode.countMax }, (_, index) => String(index + 1))
}

function askedOf(request: CreateRequest, parameter: Parameter): string | null {
  const asked = {
    aspect_ratio: request.aspectRatio,
    resolution: request.resolution,
    duration: request.durationSeconds,
    generate_audio: request.generateAudio,
    generate_count: request.count,
  }[parameter]
  return asked === null ? null : String(asked)
}

/** The most helpful error for a request that no route of the model accepts. */
export function violationOf(offer: Offer, request: CreateRequest) {
  const images = request.imageUrls.length
  const fitting = offer.ways.filter((way) => takesImages(way, images, request.endImageUrl !== null))
  if (fitting.length === 0) return imagesViolation(offer, request)
  const hopeless = choosable.find((parameter) =>
    fitting.every((way) => violations(way, request).includes(parameter)),
  )
  return hopeless === undefined ? conflict(fitting, request) : valueViolation(offer, hopeless, request)
}

function imagesViolation({ ways }: Offer, { imageUrls, endImageUrl }: CreateRequest) {
  const given = imageUrls.length
  const ranges = imageRanges(ways, endImageUrl !== null)
  const en = listOf(ranges.map((range) => countText(range).en))
  const zh = ranges.map((range) => countText(range).zh).join('或')
  if (endImageUrl === null) {
    if (ranges.length === 0)
      return refused('end_image_url', 'this model needs a last frame', '该模型需要尾帧')
    return refused(
      'image_urls',
      `this model takes ${en}; ${given} given`,
      `该模型支持${zh}图片,当前为 ${given} 张`,
    )
  }
  if (ranges.length === 0)
    return refused('end_image_url', 'this model takes no last frame', '该模型不支持尾帧')
  return refused(
    'image_urls',
    `end_image_url goes with ${en} in image_urls, the first frame; ${given} given`,
    `使用 end_image_url 时,image_urls 须有${zh}图片(首帧),当前为 ${given} 张`,
  )
}

/** No way that accepts the images accepts this value, whatever else the request contains. */
function valueViolation({ ways }: Offer, parameter: Parameter, request: CreateRequest) {
  const images = request.imageUrls.length
  const endImage = request.endImageUrl !== null
  const groups = groupsOf(ways, (way) => allowedBy(way, parameter))
  const group = groups.find(({ imageInputs: { min, max, endImage: end } }) => {
    return end === endImage && images >= min && images <= max
  })
  const when = groups.every(({ values }) => values.join() === group?.values.join())
    ? null
    : group?.imageInputs
  const { en, zh } = reasonText(parameter, {
    asked: askedOf(request, parameter) ?? '',
    values: group?.values ?? [],
    when: when ?? null,
  })
  return refused(parameter, en, zh)
}

interface RefusedValue {
  readonly asked: string
  /** The allowed values. */
  readonly values: readonly string[]
  /** The images with which these are the allowed values; null if they are the same with all. */
  readonly when: ImageInputs | null
}

function reasonText(parameter: Parameter, { asked, values, when }: RefusedValue): Text {
  const place = when ? imageInputsText(when) : { en: '', zh: '' }
  const [whenEn, whenZh] = when ? [`${place.en} `, `${place.zh},`] : ['', '']
  const [en, zh] = [listOf(values), orListZh(values)]
  switch (parameter) {
    case 'duration': {
      const [isEn, isZh] = values.length === 1 ? ['is always', '固定为'] : ['can be', '可以是']
      return {
        en: `${whenEn}a video ${isEn} ${en} seconds; ${asked} given`,
        zh: `${whenZh}视频时长${isZh} ${zh} 秒,当前为 ${asked} 秒`,
      }
    }
    case 'generate_audio':
      return {
        en: `${whenEn}this model makes no sound; send false or leave it out`,
        zh: `${whenZh}该模型不生成声音,请设为 false 或不传`,
      }
    case 'generate_count':
      return {
        en: `${whenEn}it must be from 1 to ${values.at(-1)}; ${asked} given`,
        zh: `${whenZh}取值范围为 1 到 ${values.at(-1)},当前为 ${asked}`,
      }
    default:
      return {
        en: `${whenEn}it must be ${en}, not ${show(asked)}`,
        zh: `${whenZh}可选值为 ${zh},而不是 ${show(asked)}`,
      }
  }
}

/** Each value is possible, but not all of them at once. */
function conflict(fitting: readonly Way[], request: CreateRequest) {
  const broken = fitting.map((way) => violations(way, request))
  const fewest = broken.toSorted((a, b) => a.length - b.length)[0] ?? []
  const parameter = fewest[0] ?? 'generate_count'
  const mending = fitting.filter((way) => violations(way, request).every((other) => other === parameter))
  const would = union(mending.map((way) => allowedBy(way, parameter)))
  const rest = choosable.flatMap((other) => {
    const isSaid = other !== parameter && other !== 'generate_count' && askedOf(request, other) !== null
    return isSaid ? [`${other} ${askedOf(request, other)}`] : []
  })
  const asked = askedOf(request, parameter)
  const { en, zh } = countText({ min: request.imageUrls.length, max: request.imageUrls.length })
  const hintEn = would.length > 0 ? `; with them it must be ${listOf(would)}` : ''
  const hintZh = would.length > 0 ? `;此时可选值为 ${orListZh(would)}` : ''
  return refused(
    parameter,
    `${asked} does not go together with the rest of the request (${[en, ...rest].join(', ')})${hintEn}`,
    `${asked} 不能与请求中的其他参数同时使用(${[`${zh.trim()}图片`, ...rest].join(',')})${hintZh}`,
  )
}
