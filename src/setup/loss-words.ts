// Warnings about prices below their cost, and about costs that no report can compare with a price.
import type { Catalog } from '../catalog/catalog.ts'
import { millionths } from '../catalog/cost/cost.ts'
import type { Config } from '../config/config.ts'

/** One for each route that loses; none where no route has a cost. */
export function lossWords({ reporting, models }: Config, catalog: Catalog): string[] {
  const { creditValue, currency } = reporting
  const money = (amount: number) => `${amount / millionths}${currency === null ? '' : ` ${currency}`}`
  if (creditValue !== null) {
    return catalog.losses(creditValue).map(({ modelId, route, values, credits, worth, cost }) => {
      const asked = values === '' ? '' : ` (${values})`
      return `models.${modelId}.routes[${route}]: an output${asked} sells for ${credits} credits, which is ${money(worth)}, and costs ${money(cost)}`
    })
  }
  const hasCosts = Object.values(models ?? {}).some(({ routes }) => routes.some(({ cost }) => cost))
  if (!hasCosts) return []
  return [
    'routes have a cost, but reporting.credit_value does not say what a credit sells for: no margin can be reported',
  ]
}
