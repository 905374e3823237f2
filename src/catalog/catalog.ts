// The catalogue: its models, and how a client's request becomes one priced order.
import { isDeepStrictEqual } from 'node:util'
import type { CatalogName, Models, Plans, RouteConfig } from '../config/config.ts'
import { type Locate, pathText } from '../config/problems.ts'
import { nearest } from '../config/nearest.ts'
import { GatewayError } from '../errors.ts'
import { createUrlCheck } from '../net/url.ts'
import type { Order } from '../upstream/adapter.ts'
import { builtinModels } from './builtin.ts'
import type { UrlChecks } from './fields.ts'
import { type FirstFrame, firstFrameFor, refuseEmptyPicture, withFirstFrames } from './compose/first-frame.ts'
import { costEach } from './cost/cost.ts'
import { type Loss, lossesOf } from './cost/losses.ts'
import { describeModel, type Model } from './listing.ts'
import { type ModeOf, type Offer, offersOf } from './offer.ts'
import { offersFor, plansOf, type Viewer, viewOf } from './plans/plans.ts'
import { creditsEach, creditsEachMin } from './price.ts'
import { plainBody, readFields, readModelId, readRequest } from './request.ts'
import { otherRoute, routeRequest } from './routing.ts'

export interface Catalog {
  /** In the order of the file, as GET /models shows them. */
  readonly models: readonly Model[]
  /** By its id or an alias. */
  model(name: string): Model | null
  /**
   * The ids of the models that can be made by this operation with exactly these parameters, in the order of the
   * file; those that are made by nothing else come first.
   */
  madeBy(operation: string, params: Order['params']): readonly string[]
  /** The upstreams used by its routes, in the order of the models. */
  readonly upstreams: readonly string[]
  /** The lowest price in credits of an order with images. Null if no model accepts any. */
  readonly cheapestWithImages: number | null
  /**
   * Checks a body of create against the model and its routes, and prices it.
   * Throws GatewayError `invalid_request` or `unknown_model`, with the field at fault.
   */
  parseOrder(body: unknown): PricedOrder
  /**
   * Where else the same order of this model can be posted, at the same price; null: nowhere, or the model is
   * not sold any more.
   */
  otherRoute(
    modelId: string,
    order: Order,
    isUsable: (upstream: string) => boolean,
  ): Pick<PricedOrder, 'upstream' | 'order' | 'costEach'> | null
  /** What an output costs us now on the route that an order takes; undefined: the route is not in the file any more. */
  costNow(modelId: string, upstream: string, order: Order): number | null | undefined
  /** Where a model sells for less than its route costs, if a credit sells for so much. */
  losses(creditValue: number): readonly Loss[]
}

/** All models at their usual prices, and what each caller sees of them. */
export interface WholeCatalog extends Catalog {
  /** The names of the plans that accounts may be on. */
  readonly plans: readonly string[]
  /** What exists for a viewer, at its prices; null: its plan is not there. */
  seenBy(viewer: Viewer): Catalog | null
}

export interface PricedOrder {
  readonly modelId: string
  readonly taskType: 'image' | 'video'
  readonly upstream: string
  readonly order: Order
  /** Made before the order is posted, which then has it as its image; null: the order needs none. */
  readonly firstFrame: FirstFrame | null
  /** Our own cost per output in millionths, without the first frame; null: unknown. */
  readonly costEach: number | null
  /** Whole credits per output, without the first frame. */
  readonly creditsEach: number
  /** Whole credits for all outputs of the order, with its first frame. */
  readonly creditsTotal: number
  readonly callbackUrl: string | null
  /** The client's limit in credits for all outputs; null: no limit. */
  readonly maxCredits: number | null
  /** The quote with the price promised to the client. */
  readonly quoteId: string | null
}

export interface CatalogOptions {
  /** Gives the position of a problem: `locateIn(config.configFile)`. */
  readonly locate?: Locate
  /** The URLs a create may contain; by default public ones. */
  readonly urls?: UrlChecks
  readonly plans?: Plans
  /** Which built-in catalogue is sold where no models are given. */
  readonly builtin?: CatalogName
}

const publicUrl = createUrlCheck({ allowHosts: [] })
const publicUrls: UrlChecks = { image: publicUrl, callback: publicUrl }

/** Null models: the built-in catalogue. Throws ConfigError listing every model and plan that cannot be sold. */
export function buildCatalog(models: Models, modeOf: ModeOf, options: CatalogOptions = {}): WholeCatalog {
  const { locate = pathText, urls = publicUrls } = options
  const sold = models ?? builtinModels(options.builtin ?? 'open-api')
  const offers = withFirstFrames(offersOf(sold, modeOf, locate), sold, locate)
  const plans = plansOf(options.plans ?? {}, offers, locate)
  const whole = catalogOf(offers, urls)
  const views = new Map<string, Catalog>()
  const seen = new WeakMap<Viewer, Catalog>()
  const viewFor = (viewer: Viewer): Catalog | null => {
    const view = viewOf(viewer)
    if (view === null) return whole
    const plan = viewer.plan === null ? null : plans.get(viewer.plan)
    if (plan === undefined) return null
    const catalog = views.get(view) ?? catalogOf(offersFor(offers, plan, viewer), urls)
    if (views.size >= viewsMax) views.clear()
    views.set(view, catalog)
    return catalog
  }
  return {
    ...whole,
    plans: [...plans.keys()],
    seenBy(viewer) {
      const catalog = seen.get(viewer) ?? viewFor(viewer)
      if (catalog) seen.set(viewer, catalog)
      return catalog
    },
  }
}

/** Keys may each have models of their own; beyond, they are put together anew. */
const viewsMax = 1_000

function catalogOf(offers: readonly Offer[], urls: UrlChecks): Catalog {
  const listing = new Map(offers.map((offer) => [offer, describeModel(offer)]))
  const byName = new Map(offers.flatMap((offer) => namesOf(offer).map((name) => [name, offer] as const)))
  return {
    models: [...listing.values()],
    model(name) {
      const offer = byName.get(name)
      return (offer && listing.get(offer)) ?? null
    },
    madeBy: (operation, params) => madeBy(offers, operation, params),
    upstreams: [...new Set(offers.flatMap(({ config }) => config.routes.map(({ upstream }) => upstream)))],
    cheapestWithImages: cheapestWithImages(offers),
    parseOrder: (body) => parseOrder(byName, urls, body),
    otherRoute(modelId, order, isUsable) {
      const offer = byName.get(modelId)
      return offer ? otherRoute(offer, order, isUsable) : null
    },
    costNow(modelId, upstream, order) {
      const route = byName.get(modelId)?.config.routes.find((each) => leadsTo(each, upstream, order))
      return route && costEach(route, order)
    },
    losses: (creditValue) => lossesOf(offers, creditValue),
  }
}

function madeBy(offers: readonly Offer[], operation: string, params: Order['params']): string[] {
  const isMeant = (route: RouteConfig) => isMadeBy(route, { operation, params })
  const able = offers.filter(({ config }) => config.routes.some(isMeant))
  const isPure = ({ config }: Offer) => config.routes.every(isMeant)
  return [...able.filter(isPure), ...able.filter((offer) => !isPure(offer))].map(({ id }) => id)
}

const isMadeBy = (route: RouteConfig, { operation, params }: Pick<Order, 'operation' | 'params'>): boolean =>
  route.operation === operation && isDeepStrictEqual({ ...route.params }, { ...params })

const leadsTo = (route: RouteConfig, upstream: string, order: Order): boolean =>
  route.upstream === upstream && isMadeBy(route, order)

const namesOf = ({ id, config }: Offer): string[] => [id, ...(config.aliases ?? [])]

function cheapestWithImages(offers: readonly Offer[]): number | null {
  const prices = offers.flatMap(({ config, ways }) =>
    ways
      .filter(({ shape }) => shape.endImage || shape.images.max > 0)
      .map(({ shape }) => creditsEachMin(config.price, Math.min(...shape.durations))),
  )
  return prices.length === 0 ? null : Math.min(...prices)
}

function parseOrder(offers: ReadonlyMap<string, Offer>, urls: UrlChecks, body: unknown): PricedOrder {
  const fields = readFields(plainBody(body))
  const modelId = readModelId(fields, urls)
  const offer = offers.get(modelId)
  if (!offer) throw unknownModel(modelId, [...offers.keys()])
  const request = readRequest(fields, urls)
  const { upstream, order, costEach: cost, isComposed } = routeRequest(offer, request)
  if (isComposed) refuseEmptyPicture(body)
  const each = creditsEach(offer.config.price, order)
  const firstFrame = isComposed && offer.firstFrame ? firstFrameFor(offer.firstFrame, order) : null
  return {
    modelId: offer.id,
    taskType: offer.taskType,
    upstream,
    order,
    firstFrame,
    costEach: cost,
    creditsEach: each,
    creditsTotal: each * order.count + (firstFrame?.credits ?? 0),
    callbackUrl: request.callbackUrl,
    maxCredits: request.maxCredits,
    quoteId: request.quoteId,
  }
}

/** Longer names are cut in messages. */
const shownIdLengthMax = 64

function unknownModel(id: string, known: readonly string[]): GatewayError {
  const shown = id.slice(0, shownIdLengthMax)
  const meant = nearest(shown, known)
  const list = known.join(', ')
  return new GatewayError(
    'unknown_model',
    {
      en: `model_id: no model is called "${shown}"${meant ? `; did you mean ${meant}?` : '.'} Models: ${list}.`,
      zh: `model_id:没有名为“${shown}”的模型${meant ? `,您是否想用 ${meant}?` : '。'}可用模型:${list}。`,
    },
    { field: 'model_id' },
  )
}
