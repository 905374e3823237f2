// What an output costs us on a route: exact decimals in, whole millionths of the operator's currency out, rounded up.
import type { CostRule, RouteConfig } from '../../config/config.ts'
import { factorsFor, type PricedWords, roundedUp } from '../price.ts'

/** A cost is stored in whole millionths, so that sums are exact. */
export const millionths = 1_000_000

/** Of one output: millions of them add up within the whole numbers of the store. */
export const costLimit = 10_000_000

/** In millionths; null: unknown, because the route names no cost. */
export function costEach({ cost }: Pick<RouteConfig, 'cost'>, order: PricedWords): number | null {
  if (!cost) return null
  const factors = factorsFor(cost.times, order)
  if ('amount' in cost) return roundedUp([millionths, cost.amount, ...factors])
  return roundedUp([millionths, cost.perSecond, order.durationSeconds ?? 0, ...factors])
}

/** An upper bound per output, in the currency; rough, but never too low. */
export function costEachMax(rule: CostRule, longestSeconds: number): number {
  const factors = Object.values(rule.times).map((values) => Math.max(1, ...Object.values(values ?? {})))
  const base = 'amount' in rule ? rule.amount : rule.perSecond * longestSeconds
  return factors.reduce((product, factor) => product * factor, base)
}
