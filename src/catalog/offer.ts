// A model with the modes of its routes beside it, checked to be sellable.
import type {
  ModelConfig,
  ModelDefaults,
  Models,
  PricedParameter,
  PriceFactors,
  RouteConfig,
} from '../config/config.ts'
import { ConfigError, type Locate, type Path } from '../config/problems.ts'
import { listOf } from '../config/wording.ts'
import type { Mode, Shape } from '../upstream/adapter.ts'
import { costEachMax, costLimit } from './cost/cost.ts'
import { creditsEachMax, creditsLimit, factorsOf, pricedParameters } from './price.ts'
import type { Factor } from './price.ts'

/**
 * What an upstream can make by one operation with these parameters, in the order in which it is tried; or why
 * there is nothing, in words for the operator.
 */
export type ModeOf = (
  upstreamName: string,
  operation: string,
  params: Readonly<Record<string, string>>,
) => readonly Mode[] | string

export interface Offer {
  readonly id: string
  readonly config: ModelConfig
  readonly taskType: 'image' | 'video'
  /** All ways to use the model, in the order in which they are tried. */
  readonly ways: readonly Way[]
  /** The model that makes the first frame for composed ways. */
  readonly firstFrame?: Offer
}

/** One shape of one route. */
export interface Way {
  readonly route: RouteConfig
  readonly mode: Mode
  readonly shape: Shape
  /** It takes a text alone, and needs a first frame that is made of that text. */
  readonly isComposed?: true
}

/** Throws ConfigError with every problem of every model. */
export function offersOf(models: NonNullable<Models>, modeOf: ModeOf, locate: Locate): Offer[] {
  const problems: string[] = []
  const offers = Object.entries(models).map(([id, config]) => {
    const complain: Complain = (path, message) => {
      problems.push(`${locate(['models', id, ...path])}: ${message}`)
    }
    return offerOf({ id, config }, modeOf, complain)
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return offers.filter((offer) => offer !== null)
}

/** The path begins below the model. */
type Complain = (path: Path, message: string) => void

function offerOf(
  { id, config }: Pick<Offer, 'id' | 'config'>,
  modeOf: ModeOf,
  complain: Complain,
): Offer | null {
  const ways = config.routes.flatMap((route, index) => {
    const modes = modeOf(route.upstream, route.operation, route.params)
    if (typeof modes !== 'string') {
      return modes.flatMap((mode) => mode.shapes.map((shape): Way => ({ route, mode, shape })))
    }
    complain(['routes', index], modes)
    return []
  })
  const first = ways[0]
  if (!first) return null
  checkTaskTypes(config, ways, complain)
  checkDefaults(config, ways, complain)
  checkPrice(config, ways, complain)
  checkCosts(config, ways, complain)
  return { id, config, taskType: first.mode.taskType, ways }
}

function checkTaskTypes(config: ModelConfig, ways: readonly Way[], complain: Complain) {
  const taskType = ways[0]?.mode.taskType
  for (const [index, route] of config.routes.entries()) {
    const other = ways.find((way) => way.route === route && way.mode.taskType !== taskType)
    if (other) complain(['routes', index], `makes ${other.mode.taskType}s, but the first route ${taskType}s`)
  }
}

function checkDefaults(config: ModelConfig, ways: readonly Way[], complain: Complain) {
  checkValues(config.defaults, ways, below(['defaults'], complain))
  for (const [index, route] of config.routes.entries()) {
    const own = ways.filter((way) => way.route === route)
    const complainHere = below(['routes', index, 'defaults'], complain)
    if (own.length > 0) checkValues(route.defaults ?? {}, own, complainHere)
  }
}

/** For checks of one part: their paths begin at it. */
function below(part: Path, complain: Complain): Complain {
  return (path, message) => complain([...part, ...path], message)
}

function checkValues(defaults: ModelDefaults, ways: readonly Way[], complain: Complain) {
  for (const parameter of pricedParameters) {
    const value = defaults[parameter]
    if (value === undefined) continue
    checkValue({ parameter, value: String(value) }, ways, below([parameter], complain))
  }
}

function checkPrice({ price }: ModelConfig, ways: readonly Way[], complain: Complain) {
  if ('perSecond' in price && ways.some(({ mode }) => mode.taskType === 'image')) {
    complain(['price', 'per_second'], 'an image has no duration; name credits')
  }
  checkTimes(price.times, ways, below(['price', 'times'], complain))
  if (creditsEachMax(price, longestSeconds(ways)) > creditsLimit) {
    complain(['price'], `can come to more than ${creditsLimit} credits for one output`)
  }
}

function checkCosts({ routes }: ModelConfig, ways: readonly Way[], complain: Complain) {
  for (const [index, route] of routes.entries()) {
    const own = ways.filter((way) => way.route === route)
    if (!route.cost || own.length === 0) continue
    const complainHere = below(['routes', index, 'cost'], complain)
    if ('perSecond' in route.cost && own.some(({ mode }) => mode.taskType === 'image')) {
      complainHere(['per_second'], 'an image has no duration; name amount')
    }
    checkTimes(route.cost.times, own, below(['times'], complainHere))
    if (costEachMax(route.cost, longestSeconds(own)) > costLimit) {
      complainHere([], `can come to more than ${costLimit} for one output`)
    }
  }
}

function checkTimes(times: PriceFactors, ways: readonly Way[], complain: Complain) {
  const seen = new Set<string>()
  for (const { parameter, value } of factorsOf(times)) {
    const path = [parameter, value]
    checkValue({ parameter, value }, ways, below(path, complain))
    const key = `${parameter} ${value.toLowerCase()}`
    if (seen.has(key)) complain(path, 'is given twice; case does not count')
    seen.add(key)
  }
}

const longestSeconds = (ways: readonly Way[]): number =>
  Math.max(1, ...ways.flatMap(({ shape }) => shape.durations))

function checkValue(
  { parameter, value }: Pick<Factor, 'parameter' | 'value'>,
  ways: readonly Way[],
  complain: Complain,
) {
  const allowed = [...new Set(ways.flatMap((way) => valuesOf(way, parameter)))]
  if (allowed.some((known) => known.toLowerCase() === value.toLowerCase())) return
  if (allowed.length === 0) return complain([], `no route of this model takes ${parameter}`)
  complain([], `no route of this model takes ${value}; ${parameter} can be ${listOf(allowed)}`)
}

/** The values one way allows for a parameter, as text; empty if it does not accept the parameter. */
export function valuesOf({ mode, shape }: Way, parameter: PricedParameter): readonly string[] {
  // Every video mode can make a video without sound.
  const sounds = shape.audio ? ['true', 'false'] : ['false']
  return {
    aspect_ratio: mode.aspectRatios,
    resolution: mode.resolutions,
    duration: shape.durations.map(String),
    generate_audio: mode.taskType === 'image' ? [] : sounds,
  }[parameter]
}
