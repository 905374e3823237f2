// The envelope of /api/v1 and /admin/v1 as the OpenAPI documents describe it.
import { z } from 'zod'
import { errorTypes } from '../../errors.ts'
import type { SurfaceDocs } from './documented.ts'

/** Looks like the `x-request-id` of an answer. */
const requestId = 'req_0mx2l3mzx00b7v1d9q4kf6hs2wme'

/** The code is an integer, which a literal does not say. */
const code = <Value extends 200 | 0>(value: Value) => z.literal(value).meta({ override: { type: 'integer' } })

const failure = z
  .object({
    code: code(0),
    msg: z.string().meta({ description: 'In the language that was asked for.' }),
    data: z.null(),
    error: z.object({
      type: z.enum(errorTypes).meta({ id: 'ErrorType' }),
      message: z.string(),
      field: z.string().optional().meta({ description: 'The field of the request that has to change.' }),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'Failure' })

/** One component for each kind of `data`, however many routes answer it. */
const envelopes = new WeakMap<z.ZodType, z.ZodType>()

function success(data: z.ZodType): z.ZodType {
  const known = envelopes.get(data)
  if (known) return known
  const name = z.globalRegistry.get(data)?.id
  const whole = z.object({ code: code(200), msg: z.string().meta({ examples: ['ok'] }), data })
  // Without a name it stands where it is used, and a test names the route.
  const made = name === undefined ? whole : whole.meta({ id: `${name}Answer` })
  envelopes.set(data, made)
  return made
}

export const envelopeDocs: Pick<SurfaceDocs, 'success' | 'successExample' | 'failure' | 'failureExample'> = {
  success,
  successExample: (data) => ({ code: 200, msg: 'ok', data }),
  failure,
  failureExample: ({ type, text, field }) => ({
    code: 0,
    msg: text.en,
    data: null,
    error: { type, message: text.en, ...(field !== undefined && { field }), request_id: requestId },
  }),
}
