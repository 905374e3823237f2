// Bodies of create for tests, and what the catalogue says to them.
import { buildCatalog, type Catalog, type PricedOrder } from '../../src/catalog/catalog.ts'
import type { ModeOf } from '../../src/catalog/offer.ts'
import { GatewayError } from '../../src/errors.ts'
import { keevxModes } from '../../src/upstream/keevx/modes.ts'

export const modeOf: ModeOf = (upstream, operation, params) =>
  keevxModes(upstream, upstream === 'keevx' ? operation : `other ${operation}`, params)

export const builtin: Catalog = buildCatalog(null, modeOf, { builtin: 'keevx' })

export type Body = Readonly<Record<string, unknown>>

/** That many image URLs. */
export function images(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `https://images.example/${index}.png`)
}

export const lastFrame = 'https://images.example/last.png'

export function order(body: Body, catalog: Catalog = builtin): PricedOrder {
  return catalog.parseOrder({ prompt: 'a heron at dawn', ...body })
}

/** The refusal of a body; a body that is taken is an error of the test. */
export function refusal(body: unknown, catalog: Catalog = builtin): GatewayError {
  let taken: PricedOrder
  try {
    taken = catalog.parseOrder(body)
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
  throw new Error(`taken: ${JSON.stringify(taken)}`)
}

export function refused(body: Body, catalog: Catalog = builtin): GatewayError {
  return refusal({ prompt: 'a heron at dawn', ...body }, catalog)
}
