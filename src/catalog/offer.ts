// A model with the modes of its routes beside it, checked to be sellable.
import type { ModelConfig, ModelDefaults, Models, PricedParameter, RouteConfig } from '../config/config.ts'
import { ConfigError, type Locate, type Path } from '../config/problems.ts'
import { listOf } from '../config/wording.ts'
import type { Mode, Shape } from '../upstream/adapter.ts'
import { creditsEachMax, creditsLimit } from './price.ts'

/** What an upstream's documents allow for one operation, or null where it knows no such operation or parameters. */
export type ModeOf = (
  upstreamName: string,
  operation: string,
  params: Readonly<Record<string, string>>,
) => Mode | null

export interface Offer {
  readonly id: string
  readonly config: ModelConfig
  readonly taskType: 'image' | 'video'
  /** Every way in which the model can be asked, in the order in which they are tried. */
  readonly ways: readonly Way[]
}

/** One shape of one route. */
export interface Way {
  readonly route: RouteConfig
  readonly mode: Mode
  readonly shape: Shape
}

/** Throws ConfigError with every problem of every model. */
export function offersOf(models: NonNullable<Models>, modeOf: ModeOf, locate: Locate): Offer[] {
  const problems: string[] = []
  const offers = Object.entries(models).map(([id, config]) => {
    const complain: Complain = (path, message) => {
      problems.push(`${locate(['models', id, ...path])}: ${message}`)
    }
    return offerOf(id, config, modeOf, complain)
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return offers.filter((offer) => offer !== null)
}

type Complain = (path: Path, message: string) => void

function offerOf(id: string, config: ModelConfig, modeOf: ModeOf, complain: Complain): Offer | null {
  const ways = config.routes.flatMap((route, index) => {
    const mode = modeOf(route.upstream, route.operation, route.params)
    if (mode) return mode.shapes.map((shape): Way => ({ route, mode, shape }))
    const params = Object.entries(route.params).map(([name, value]) => `${name}: ${value}`)
    const asked = `${route.operation} with { ${params.join(', ')} }`
    complain(['routes', index], `the upstream ${route.upstream} has no ${asked}`)
    return []
  })
  const first = ways[0]
  if (!first) return null
  checkTaskTypes(config, ways, complain)
  checkDefaults(config, ways, complain)
  checkPrice(config, ways, complain)
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
  checkValues(config.defaults, ways, ['defaults'], complain)
  for (const [index, route] of config.routes.entries()) {
    const own = ways.filter((way) => way.route === route)
    if (own.length > 0) checkValues(route.defaults ?? {}, own, ['routes', index, 'defaults'], complain)
  }
}

function checkValues(defaults: ModelDefaults, ways: readonly Way[], path: Path, complain: Complain) {
  for (const [parameter, value] of Object.entries(defaults)) {
    if (value === undefined) continue
    checkValue(parameter as PricedParameter, String(value), ways, [...path, parameter], complain)
  }
}

function checkPrice({ price }: ModelConfig, ways: readonly Way[], complain: Complain) {
  if ('perSecond' in price && ways.some(({ mode }) => mode.taskType === 'image')) {
    complain(['price', 'per_second'], 'an image has no duration; name credits')
  }
  for (const [parameter, factors] of Object.entries(price.times)) {
    for (const value of Object.keys(factors ?? {})) {
      checkValue(parameter as PricedParameter, value, ways, ['price', 'times', parameter, value], complain)
    }
    checkTwice(factors ?? {}, ['price', 'times', parameter], complain)
  }
  const longestSeconds = Math.max(1, ...ways.flatMap(({ shape }) => shape.durations))
  if (creditsEachMax(price, longestSeconds) > creditsLimit) {
    complain(['price'], `can come to more than ${creditsLimit} credits for one output`)
  }
}

function checkTwice(factors: Readonly<Record<string, number>>, path: Path, complain: Complain) {
  const seen = new Set<string>()
  for (const value of Object.keys(factors)) {
    if (seen.has(value.toLowerCase())) complain([...path, value], 'is given twice; case does not count')
    seen.add(value.toLowerCase())
  }
}

function checkValue(
  parameter: PricedParameter,
  value: string,
  ways: readonly Way[],
  path: Path,
  complain: Complain,
) {
  const allowed = [...new Set(ways.flatMap((way) => valuesOf(way, parameter)))]
  if (allowed.some((known) => known.toLowerCase() === value.toLowerCase())) return
  if (allowed.length === 0) return complain(path, `no route of this model takes ${parameter}`)
  complain(path, `no route of this model takes ${value}; ${parameter} can be ${listOf(allowed)}`)
}

/** What one way allows for a parameter, as text; empty where it does not take the parameter at all. */
export function valuesOf({ mode, shape }: Way, parameter: PricedParameter): readonly string[] {
  switch (parameter) {
    case 'aspect_ratio':
      return mode.aspectRatios
    case 'resolution':
      return mode.resolutions
    case 'duration':
      return shape.durations.map(String)
    case 'generate_audio':
      // A film without sound is what every film mode can make.
      if (mode.taskType === 'image') return []
      return shape.audio ? ['true', 'false'] : ['false']
  }
}
