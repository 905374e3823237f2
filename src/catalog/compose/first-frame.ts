// Models with `compose: first_frame` take a text alone: an image is made of it first, and then the video of that.
import { isBlank } from '../../characters.ts'
import { ConfigError, type Locate } from '../../config/problems.ts'
import type { Models } from '../../config/config.ts'
import { listOf } from '../../config/wording.ts'
import type { Order } from '../../upstream/adapter.ts'
import { takesImages } from '../image-inputs.ts'
import { type Offer, valuesOf, type Way } from '../offer.ts'
import { creditsEach, creditsEachMax, creditsLimit, pricedParameters } from '../price.ts'
import { refused } from '../refusal.ts'
import { routeRequest } from '../routing.ts'

/** The image that a composed order begins with: one for all its outputs. */
export interface FirstFrame {
  readonly modelId: string
  readonly upstream: string
  readonly order: Order
  /** Our own cost in millionths; null: unknown. */
  readonly costEach: number | null
  /** Whole credits, once for the order. */
  readonly credits: number
}

/** Adds their composed ways to the models that have `compose`. Throws ConfigError with every problem. */
export function withFirstFrames(
  offers: readonly Offer[],
  models: NonNullable<Models>,
  locate: Locate,
): Offer[] {
  const problems: string[] = []
  const composed = offers.map((offer) => {
    const compose = models[offer.id]?.compose
    if (!compose) return offer
    const complain = (message: string) => {
      problems.push(`${locate(['models', offer.id, 'compose'])}: ${message}`)
      return offer
    }
    const firstFrame = frameModel(offers, compose.firstFrame)
    if (typeof firstFrame === 'string') return complain(firstFrame)
    const problem = whyNot(offer, firstFrame)
    if (problem !== null) return complain(problem)
    return { ...offer, firstFrame, ways: [...offer.ways, ...composedWays(offer)] }
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return composed
}

const takesText = (way: Way): boolean => takesImages(way, 0, false)

const makesFrames = ({ taskType, ways }: Offer): boolean => taskType === 'image' && ways.some(takesText)

/** The model that makes first frames, or why there is none. */
function frameModel(offers: readonly Offer[], named: string | null): Offer | string {
  const able = offers.filter(makesFrames)
  if (named === null) return able[0] ?? 'no model makes an image of a text; a first frame needs one'
  const offer = offers.find(({ id, config }) => id === named || config.aliases?.includes(named))
  const known = able.length === 0 ? '' : `; it can be ${listOf(able.map(({ id }) => id))}`
  if (!offer) return `there is no model ${named}${known}`
  if (offer.taskType !== 'image') return `${named} makes videos, but a first frame is an image${known}`
  return makesFrames(offer) ? offer : `${named} makes no image of a text alone${known}`
}

function whyNot(offer: Offer, firstFrame: Offer): string | null {
  if (offer.taskType === 'image') return 'this model makes images; first_frame is for models that make videos'
  const ways = composedWays(offer)
  if (ways.length === 0) return 'no route of this model makes a video of one image'
  if (ways.every((way) => isNeedless(way, offer.ways))) {
    return 'this model takes a text alone without it, with all the same values; leave it out'
  }
  const { price } = offer.config
  const longestSeconds = Math.max(1, ...ways.flatMap(({ shape }) => shape.durations))
  const most = creditsEachMax(price, longestSeconds) + creditsEachMax(firstFrame.config.price, 1)
  return most > creditsLimit ? `can come to more than ${creditsLimit} credits for one output` : null
}

/** Each way that takes one image takes a text in its place. */
function composedWays({ ways }: Offer): Way[] {
  return ways
    .filter((way) => takesImages(way, 1, false))
    .map(({ route, mode, shape }) => {
      return { route, mode, shape: { ...shape, name: 'text', images: { min: 0, max: 0 } }, isComposed: true }
    })
}

/** A way that takes a text by itself takes all that this one takes. */
function isNeedless(composed: Way, ways: readonly Way[]): boolean {
  return ways.some(
    (way) =>
      takesText(way) &&
      way.mode.countMax >= composed.mode.countMax &&
      pricedParameters.every((parameter) => {
        const values = valuesOf(way, parameter)
        return valuesOf(composed, parameter).every((value) => values.includes(value))
      }),
  )
}

/**
 * Text that is empty where a picture's URL belongs is a value that was lost, not a wish for a text to video. Elsewhere
 * it counts as left out; here it would be paid for. A field that is not there, null or `[]` says that there is no picture.
 */
export function refuseEmptyPicture(body: unknown): void {
  const value = (body as { readonly image_urls?: unknown }).image_urls
  if (typeof value !== 'string' || !isBlank(value)) return
  throw refused(
    'image_urls',
    'is empty; this model would make a first frame of the text, which costs more. Give the URL of a picture, or leave the field out',
    '为空;该模型会先根据文本生成首帧,费用更高。请提供图片 URL,或省略该字段',
  )
}

const takesValue = (way: Way, parameter: 'aspect_ratio' | 'resolution', wanted: string): boolean =>
  valuesOf(way, parameter).some((value) => value.toLowerCase() === wanted.toLowerCase())

type Shown = Pick<Order, 'prompt' | 'aspectRatio' | 'resolution'>

/** The first frame of a composed order: of the same prompt, in the shape of the video where the image model has it. */
export function firstFrameFor(firstFrame: Offer, { prompt, aspectRatio, resolution }: Shown): FirstFrame {
  const texts = firstFrame.ways.filter(takesText)
  const ifTaken = (parameter: 'aspect_ratio' | 'resolution', wanted: string, among: readonly Way[]) =>
    among.some((way) => takesValue(way, parameter, wanted)) ? wanted : null
  const shape = ifTaken('aspect_ratio', aspectRatio, texts)
  const shaped = texts.filter((way) => shape === null || takesValue(way, 'aspect_ratio', shape))
  const { upstream, order, costEach } = routeRequest(firstFrame, {
    prompt,
    imageUrls: [],
    endImageUrl: null,
    aspectRatio: shape,
    // Smaller videos lose nothing by the image model's usual size.
    resolution: resolution.toLowerCase() === '4k' ? ifTaken('resolution', '4K', shaped) : null,
    durationSeconds: null,
    generateAudio: null,
    count: 1,
    callbackUrl: null,
    maxCredits: null,
    quoteId: null,
  })
  const credits = creditsEach(firstFrame.config.price, order)
  return { modelId: firstFrame.id, upstream, order, costEach, credits }
}

/** The lowest and the highest price of a first frame, over all orders that need one. */
export function firstFrameCredits({ ways }: Offer, firstFrame: Offer): { min: number; max: number } {
  const prices = ways
    .filter(({ isComposed }) => isComposed)
    .flatMap(({ mode: { aspectRatios, resolutions } }) =>
      aspectRatios.flatMap((aspectRatio) =>
        resolutions.map(
          (resolution) => firstFrameFor(firstFrame, { prompt: '', aspectRatio, resolution }).credits,
        ),
      ),
    )
  return { min: Math.min(...prices), max: Math.max(...prices) }
}
