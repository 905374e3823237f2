// The schema of the models and plans sections: names, defaults, prices and routes.
import { z } from 'zod'

import { eachNameOnce } from './other-names.ts'
import { decimal, flag, name, oneOf, section, text, wholeNumber } from '../fields.ts'

/** More than a billion credits for one output is a typo; up to it every sum is exact. */
const creditsMax = 1_000_000_000
/** A factor above this should be a price of its own. */
const factorMax = 1_000_000
/** No upstream makes videos that long; ten minutes leaves room. */
const durationMaxSeconds = 600

export const defaultsSchema = section({
  aspect_ratio: text().optional(),
  resolution: text().optional(),
  duration: wholeNumber(1, durationMaxSeconds).optional(),
  generate_audio: flag().optional(),
})

const factorsSchema = z.record(z.string(), decimal(factorMax)).optional()

export const timesSchema = section({
  aspect_ratio: factorsSchema,
  resolution: factorsSchema,
  duration: factorsSchema,
  generate_audio: factorsSchema,
})

export const priceSchema = section({
  credits: wholeNumber(0, creditsMax).optional(),
  per_second: decimal(creditsMax).optional(),
  times: timesSchema.prefault({}),
}).transform(({ credits, per_second: perSecond, times }, context) => {
  if (credits !== undefined && perSecond === undefined) return { credits, times }
  if (perSecond !== undefined && credits === undefined) return { perSecond, times }
  context.addIssue({
    code: 'custom',
    message: 'must hold exactly one of credits (whole, for each output) and per_second (times the duration)',
  })
  return z.NEVER
})

/** Of one number; what an output may cost in all is bounded by the catalogue. */
const costMax = 10_000_000

const costSchema = section({
  amount: decimal(costMax).optional(),
  per_second: decimal(costMax).optional(),
  times: timesSchema.prefault({}),
}).transform(({ amount, per_second: perSecond, times }, context) => {
  if (amount !== undefined && perSecond === undefined) return { amount, times }
  if (perSecond !== undefined && amount === undefined) return { perSecond, times }
  context.addIssue({
    code: 'custom',
    message: 'must hold exactly one of amount (for each output) and per_second (times the duration)',
  })
  return z.NEVER
})

export const routeSchema = section({
  upstream: text(),
  operation: text(),
  params: z.record(z.string(), text()).prefault({}),
  defaults: defaultsSchema.optional(),
  /** Left out: unknown, which is never counted as nothing. */
  cost: costSchema.optional(),
})

/** `first_frame`, or `{ first_frame: MODEL }`. */
export const composeSchema = z.union(
  [
    z.literal('first_frame').transform(() => ({ firstFrame: null })),
    section({ first_frame: name() }).transform(({ first_frame: firstFrame }) => ({ firstFrame })),
  ],
  'must be first_frame, or { first_frame: MODEL } with a model that makes images',
)

const modelSchema = section({
  name: text(),
  /** If left out, a text is generated from what the routes accept and produce. */
  capability: text().optional(),
  /** Other ids of it, such as the ones that clients of other makers name by themselves. */
  aliases: z.array(name()).prefault([]),
  defaults: defaultsSchema.prefault({}),
  price: priceSchema,
  routes: z.array(routeSchema).min(1, 'must name at least one route'),
  compose: composeSchema.optional(),
})

/** Undefined if left out: then the built-in catalogue applies. */
export const modelsSchema = z
  .record(name(), modelSchema)
  .refine((models) => Object.keys(models).length > 0, 'must name at least one model, or be left out')
  .superRefine(eachNameOnce('model'))
  .optional()

export const catalogNames = ['open-api', 'keevx'] as const

/** Which built-in models are sold, where the file names none. */
export const catalogSchema = oneOf(catalogNames).prefault('open-api')

/** `*`: every model that is not named. Whether there are such models is checked with the catalogue. */
export const planSchema = section({
  price_times: z.record(z.string(), decimal(factorMax)).prefault({}),
  hide: z.array(name()).prefault([]),
}).transform(({ price_times: priceTimes, hide }) => ({ priceTimes, hide }))

export const plansSchema = z.record(name(), planSchema).prefault({})
