// A model as clients see it: its parameters with their allowed values, the combinations, and the price.
import type { PriceFactors, PricedParameter, PriceRule } from '../config/config.ts'
import { listOf } from '../config/wording.ts'
import type { Text } from '../errors.ts'
import { imageInputsText, groupsOf, union } from './image-inputs.ts'
import { firstFrameCredits } from './compose/first-frame.ts'
import { type Offer, valuesOf, type Way } from './offer.ts'
import { type Factor, factorsOf } from './price.ts'
import { orListZh } from './refusal.ts'
import { fillDefaults } from './routing.ts'
import { promptLengthMax } from './values.ts'

export interface Model {
  readonly id: string
  readonly name: string
  /** Other ids that an order may name. */
  readonly aliases: readonly string[]
  readonly capability: string
  readonly taskType: 'image' | 'video'
  /** The field of a finished task that holds the result. */
  readonly output: 'image_url' | 'video_url'
  readonly parameters: Readonly<Record<string, Parameter>>
  /** Allowed combinations, in the order in which they are tried; a request must fit one of them. */
  readonly combinations: readonly Combination[]
  readonly price: Price
  /** Left out unless some combination needs one. */
  readonly firstFrame?: FirstFrameOffer
}

/** How a model that needs an image takes a text alone. */
export interface FirstFrameOffer {
  /** The model that makes it. */
  readonly modelId: string
  /** Credits, once for each order: the lowest and the highest price. */
  readonly credits: { readonly min: number; readonly max: number }
}

export interface Parameter {
  readonly required: boolean
  readonly type: 'string' | 'integer' | 'boolean' | 'array'
  readonly default?: string | number | boolean
  readonly values?: readonly (string | number | boolean)[]
  /** For a number its value, for a text its length, for a list its number of entries. */
  readonly min?: number
  readonly max?: number
  readonly note?: Text
}

export interface Combination {
  readonly images: { readonly min: number; readonly max: number }
  /** Whether end_image_url is required or forbidden. */
  readonly end_image_url: boolean
  readonly aspect_ratio: readonly string[]
  readonly resolution: readonly string[]
  /** Empty if the output has none. */
  readonly duration: readonly number[]
  readonly generate_audio: boolean
  readonly generate_count_max: number
  /** A first frame is made of the prompt, and the video of that; left out otherwise. */
  readonly first_frame?: true
}

/** The price rule of the catalogue, and the same as text. */
export interface Price {
  readonly credits?: number
  readonly per_second?: number
  readonly times: PriceFactors
  /** The factor of the account's plan, which is in `text` too. */
  readonly plan_times?: number
  readonly text: Text
}

export function describeModel(offer: Offer): Model {
  const { id, config, taskType, ways } = offer
  const firstFrame = offer.firstFrame && {
    modelId: offer.firstFrame.id,
    credits: firstFrameCredits(offer, offer.firstFrame),
  }
  return {
    id,
    name: config.name,
    aliases: config.aliases ?? [],
    capability: config.capability ?? capabilityOf(offer),
    taskType,
    output: taskType === 'image' ? 'image_url' : 'video_url',
    parameters: parametersOf(offer),
    combinations: ways.map(combinationOf),
    price: priceOf(config.price, taskType, firstFrame),
    ...(firstFrame && { firstFrame }),
  }
}

/** `text / image to video`: the inputs and the output of the routes. */
function capabilityOf({ taskType, ways }: Offer): string {
  const takesText = ways.some(({ shape }) => shape.images.min === 0 && !shape.endImage)
  const takesImages = ways.some(({ shape }) => shape.images.max > 0 || shape.endImage)
  const given = [...(takesText ? ['text'] : []), ...(takesImages ? ['image'] : [])]
  return `${given.join(' / ')} to ${taskType}`
}

function parametersOf(offer: Offer): Record<string, Parameter> {
  const { taskType, ways } = offer
  const counts = ways.map(({ mode }) => mode.countMax)
  const takesEnd = ways.some(({ shape }) => shape.endImage)
  return {
    model_id: { required: true, type: 'string', values: [offer.id, ...(offer.config.aliases ?? [])] },
    prompt: { required: true, type: 'string', min: 1, max: promptLengthMax },
    image_urls: imagesParameter(ways),
    ...(takesEnd && { end_image_url: endImageParameter(ways) }),
    aspect_ratio: choiceParameter(offer, 'aspect_ratio'),
    resolution: choiceParameter(offer, 'resolution'),
    ...(taskType === 'video' && { duration: durationParameter(offer) }),
    ...(ways.some(({ shape }) => shape.audio) && { generate_audio: audioParameter(offer) }),
    generate_count: { required: false, type: 'integer', default: 1, min: 1, max: Math.max(...counts) },
    callback_url: { required: false, type: 'string' },
  }
}

function imagesParameter(ways: readonly Way[]): Parameter {
  const min = Math.min(...ways.map(({ shape }) => shape.images.min))
  const max = Math.max(...ways.map(({ shape }) => shape.images.max))
  return { required: min > 0, type: 'array', min, max }
}

function endImageParameter(ways: readonly Way[]): Parameter {
  return {
    required: ways.every(({ shape }) => shape.endImage),
    type: 'string',
    note: {
      en: 'the last frame; image_urls then holds the first frame alone',
      zh: '尾帧;此时 image_urls 只能包含首帧',
    },
  }
}

function choiceParameter(offer: Offer, parameter: 'aspect_ratio' | 'resolution'): Parameter {
  const field = parameter === 'resolution' ? 'resolution' : 'aspectRatio'
  return {
    required: false,
    type: 'string',
    ...defaultOf(filledOf(offer)?.[field]),
    values: union(offer.ways.map((way) => valuesOf(way, parameter))),
    ...noteOf(offer.ways, parameter),
  }
}

function durationParameter(offer: Offer): Parameter {
  return {
    required: false,
    type: 'integer',
    ...defaultOf(filledOf(offer)?.durationSeconds),
    values: union(offer.ways.map((way) => valuesOf(way, 'duration'))).map(Number),
    ...noteOf(offer.ways, 'duration'),
  }
}

function audioParameter(offer: Offer): Parameter {
  return {
    required: false,
    type: 'boolean',
    ...defaultOf(filledOf(offer)?.generateAudio),
    values: [true, false],
    ...noteOf(offer.ways, 'generate_audio'),
  }
}

/** The values for a request without parameters, from the way that is tried first. */
function filledOf(offer: Offer) {
  const first = offer.ways[0]
  return first && fillDefaults(offer, first, {})
}

function defaultOf<T extends string | number | boolean>(value: T | null | undefined): { default?: T } {
  return value === null || value === undefined ? {} : { default: value }
}

/** Which values are allowed for which number of images, if that differs. */
function noteOf(ways: readonly Way[], parameter: PricedParameter): { note?: Text } {
  const groups = groupsOf(ways, (way) => valuesOf(way, parameter))
  const isSame = groups.every(({ values }) => values.join() === groups[0]?.values.join())
  if (isSame) return {}
  const lines = groups.map(({ imageInputs, values }) => {
    const { en, zh } = imageInputsText(imageInputs)
    return { en: `${en} ${listOf(values)}`, zh: `${zh} ${orListZh(values)}` }
  })
  return { note: { en: lines.map(({ en }) => en).join('; '), zh: lines.map(({ zh }) => zh).join(';') } }
}

function combinationOf({ mode, shape, isComposed }: Way): Combination {
  return {
    images: shape.images,
    end_image_url: shape.endImage,
    aspect_ratio: mode.aspectRatios,
    resolution: mode.resolutions,
    duration: shape.durations,
    generate_audio: shape.audio,
    generate_count_max: mode.countMax,
    ...(isComposed && { first_frame: isComposed }),
  }
}

function priceOf(
  rule: PriceRule,
  taskType: 'image' | 'video',
  firstFrame: FirstFrameOffer | undefined,
): Price {
  const isImage = taskType === 'image'
  const base: Text =
    'credits' in rule
      ? {
          en: `${creditsText(rule.credits)} ${isImage ? 'an image' : 'a video'}`,
          zh: `每${isImage ? '张图片' : '个视频'} ${rule.credits} 积分`,
        }
      : { en: `${creditsText(rule.perSecond)} a second`, zh: `每秒 ${rule.perSecond} 积分` }
  const factors = [
    ...factorsOf(rule.times).map(factorText),
    ...(rule.planTimes === undefined ? [] : [planText(rule.planTimes)]),
    ...(firstFrame ? [firstFrameText(firstFrame)] : []),
  ]
  const text: Text = {
    en: [base.en, ...factors.map(({ en }) => en)].join('; '),
    zh: [base.zh, ...factors.map(({ zh }) => zh)].join(';'),
  }
  const amount = 'credits' in rule ? { credits: rule.credits } : { per_second: rule.perSecond }
  const plan = rule.planTimes === undefined ? {} : { plan_times: rule.planTimes }
  return { ...amount, times: rule.times, ...plan, text }
}

const planText = (times: number): Text => ({ en: `×${times} for this account`, zh: `本账户 ×${times}` })

function firstFrameText({ credits: { min, max } }: FirstFrameOffer): Text {
  const [en, zh] =
    min === max ? [creditsText(max), `${max}`] : [`${min} to ${creditsText(max)}`, `${min} 到 ${max}`]
  return {
    en: `without images ${en} more for each order, for the first frame that is made`,
    zh: `没有图片时每单另加 ${zh} 积分,用于生成首帧`,
  }
}

function creditsText(credits: number): string {
  return `${credits} ${credits === 1 ? 'credit' : 'credits'}`
}

function factorText({ parameter, value, factor }: Factor): Text {
  if (parameter === 'generate_audio') {
    const hasSound = value.toLowerCase() === 'true'
    return {
      en: `×${factor} ${hasSound ? 'with' : 'without'} sound`,
      zh: `${hasSound ? '有声' : '无声'} ×${factor}`,
    }
  }
  const unit = parameter === 'duration' ? ' s' : ''
  return { en: `×${factor} at ${value}${unit}`, zh: `${value}${unit} ×${factor}` }
}
