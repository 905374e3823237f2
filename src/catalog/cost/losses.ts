// Where a model sells for less than its route costs: every combination of values that its price or cost depends on.
import type { PricedParameter, PriceFactors } from '../../config/config.ts'
import { type Offer, valuesOf, type Way } from '../offer.ts'
import { creditsEach, type PricedWords, roundedUp } from '../price.ts'
import { costEach, millionths } from './cost.ts'

/** The combination of a route that loses most. */
export interface Loss {
  readonly modelId: string
  /** The number of the route in its model, from 0. */
  readonly route: number
  /** The values that matter, as `resolution 4k, duration 10`; empty: any. */
  readonly values: string
  readonly credits: number
  /** What those credits sell for, and what the output costs, in millionths. */
  readonly worth: number
  readonly cost: number
}

/** One for each route that can lose. `creditValue`: what a credit sells for. */
export function lossesOf(offers: readonly Offer[], creditValue: number): Loss[] {
  return offers.flatMap((offer) =>
    offer.config.routes.flatMap((route, index) => {
      const ways = offer.ways.filter((way) => way.route === route && !way.isComposed)
      const losses = ways.flatMap((way) =>
        combinations(offer, way).flatMap((words) => lossOf(offer, way, { words, creditValue }) ?? []),
      )
      const [first, ...others] = losses
      if (!first) return []
      const worst = others.reduce((most, loss) => (lossIn(loss) > lossIn(most) ? loss : most), first)
      return [{ ...worst, modelId: offer.id, route: index }]
    }),
  )
}

const lossIn = ({ cost, worth }: Pick<Loss, 'cost' | 'worth'>): number => cost - worth

type Words = Readonly<Partial<Record<PricedParameter, string>>>

function lossOf(
  { config }: Offer,
  { route }: Way,
  { words, creditValue }: { readonly words: Words; readonly creditValue: number },
): Omit<Loss, 'modelId' | 'route'> | null {
  const asked: PricedWords = {
    aspectRatio: words.aspect_ratio ?? '',
    resolution: words.resolution ?? '',
    durationSeconds: words.duration === undefined ? null : Number(words.duration),
    generateAudio: words.generate_audio === 'true',
  }
  const credits = creditsEach(config.price, asked)
  const worth = roundedUp([millionths, creditValue, credits])
  const cost = costEach(route, asked)
  if (cost === null || cost <= worth) return null
  const values = Object.entries(words).map(([parameter, value]) => `${parameter} ${value}`)
  return { values: values.join(', '), credits, worth, cost }
}

/** Of the parameters that the price or the cost names; others change nothing. */
function combinations({ config }: Offer, way: Way): Words[] {
  const rules = [config.price, ...(way.route.cost ? [way.route.cost] : [])]
  const named = new Set<PricedParameter>(rules.flatMap(({ times }) => parametersIn(times)))
  if (rules.some((rule) => 'perSecond' in rule)) named.add('duration')
  let words: Words[] = [{}]
  for (const parameter of named) {
    const values = valuesOf(way, parameter)
    if (values.length > 0) {
      words = words.flatMap((each) => values.map((value) => ({ ...each, [parameter]: value })))
    }
  }
  return words
}

const parametersIn = (times: PriceFactors): PricedParameter[] =>
  (Object.keys(times) as PricedParameter[]).filter((parameter) => times[parameter] !== undefined)
