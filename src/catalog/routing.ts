// Finds the first way of a model that fits a request, and fills in the request's missing values.
import type { ModelDefaults, PricedParameter } from '../config/config.ts'
import type { Order } from '../upstream/adapter.ts'
import { costEach } from './cost/cost.ts'
import { takesImages } from './image-inputs.ts'
import { type Offer, valuesOf, type Way } from './offer.ts'
import { refused } from './refusal.ts'
import type { CreateRequest } from './request.ts'
import { violationOf, violations } from './explain-refusal.ts'

/** Throws GatewayError if no way accepts the request's values; missing values never exclude a way. */
export function routeRequest(
  offer: Offer,
  request: CreateRequest,
): { upstream: string; order: Order; costEach: number | null; isComposed: boolean } {
  if (offer.taskType === 'image') refuseVideoFields(request)
  const way = offer.ways.find((candidate) => takes(candidate, request))
  if (!way) throw violationOf(offer, request)
  const order = orderOf(offer, way, request)
  const { upstream } = way.route
  return { upstream, order, costEach: costEach(way.route, order), isComposed: way.isComposed === true }
}

/**
 * Another route for an order that cannot be posted where it was to go: the first whose upstream `isUsable` and
 * that takes the very same values, so that the order and its price stay as they are. Null if there is none.
 */
export function otherRoute(
  { ways }: Offer,
  order: Order,
  isUsable: (upstream: string) => boolean,
): { upstream: string; order: Order; costEach: number | null } | null {
  const asked = requestFor(order)
  const way = ways.find(
    (candidate) => !candidate.isComposed && isUsable(candidate.route.upstream) && takes(candidate, asked),
  )
  if (!way) return null
  const { upstream, operation, params } = way.route
  const generateAudio = way.shape.audio ? (order.generateAudio ?? false) : null
  const taken = { ...order, operation, params, generateAudio }
  return { upstream, order: taken, costEach: costEach(way.route, taken) }
}

/** What a client would ask for to get this order. */
const requestFor = (order: Order): CreateRequest => ({
  ...order,
  callbackUrl: null,
  maxCredits: null,
  quoteId: null,
})

function takes(way: Way, request: CreateRequest): boolean {
  return (
    takesImages(way, request.imageUrls.length, request.endImageUrl !== null) &&
    violations(way, request).length === 0
  )
}

function refuseVideoFields({ endImageUrl, durationSeconds, generateAudio }: CreateRequest) {
  if (endImageUrl !== null) {
    throw refused(
      'end_image_url',
      'this model makes images, which have no last frame',
      '该模型生成图片,没有尾帧',
    )
  }
  if (durationSeconds !== null) {
    throw refused('duration', 'this model makes images, which have no duration', '该模型生成图片,没有时长')
  }
  if (generateAudio !== null) {
    throw refused('generate_audio', 'this model makes images, which have no sound', '该模型生成图片,没有声音')
  }
}

function orderOf(offer: Offer, way: Way, request: CreateRequest): Order {
  const filled = fillDefaults(offer, way, {
    aspect_ratio: request.aspectRatio ?? undefined,
    resolution: request.resolution ?? undefined,
    duration: request.durationSeconds ?? undefined,
    generate_audio: request.generateAudio ?? undefined,
  })
  return {
    operation: way.route.operation,
    params: way.route.params,
    prompt: request.prompt,
    imageUrls: request.imageUrls,
    endImageUrl: request.endImageUrl,
    ...filled,
    count: request.count,
  }
}

export type Filled = Pick<Order, 'aspectRatio' | 'resolution' | 'durationSeconds' | 'generateAudio'>

/** The first value this way accepts of: the request's, the route's default, the model's, the upstream's. */
export function fillDefaults({ config }: Offer, way: Way, asked: ModelDefaults): Filled {
  const choices = [asked, way.route.defaults ?? {}, config.defaults]
  const chosen = (parameter: PricedParameter): string | undefined => {
    const allowed = valuesOf(way, parameter)
    for (const choice of choices) {
      const wanted = String(choice[parameter]).toLowerCase()
      const found = allowed.find((value) => value.toLowerCase() === wanted)
      if (found !== undefined) return found
    }
    return undefined
  }
  const { mode, shape } = way
  return {
    aspectRatio: chosen('aspect_ratio') ?? mode.defaults.aspectRatio,
    resolution: chosen('resolution') ?? mode.defaults.resolution,
    durationSeconds: shape.durations.length > 0 ? Number(chosen('duration') ?? shape.durations[0]) : null,
    generateAudio: shape.audio ? chosen('generate_audio') === 'true' : null,
  }
}
