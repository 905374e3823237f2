// The envelope of /api/v1 and /admin/v1 as the OpenAPI documents describe it.
import { z } from 'zod'
import { errorTypes } from '../../../errors.ts'
import type { Flat, SurfaceDocs } from './surface-docs.ts'

/** Looks like the `x-request-id` of an answer. */
const requestId = 'req_0mx2l3mzx00b7v1d9q4kf6hs2wme'

/** An integer, which a literal does not say. */
const integer = (value: number) => z.literal(value).meta({ override: { type: 'integer' } })

const failure = z
  .object({
    code: integer(0),
    msg: z.string().meta({ description: 'In the language that was asked for.' }),
    data: z.null(),
    error: z.object({
      type: z.enum(errorTypes).meta({ id: 'ErrorType' }),
      message: z.string(),
      field: z.string().optional().meta({ description: 'The field of the request that has to change.' }),
      buy_url: z.string().optional().meta({ description: 'Of `insufficient_credits`: where credits are bought.' }),
      buy_text: z.string().optional().meta({ description: 'Words for it.' }),
      request_id: z.string(),
    }),
  })
  .meta({ id: 'Failure' })

/** One component for each kind of `data`, however many routes answer it: all of them flat, or none. */
const envelopes = new WeakMap<z.ZodType, z.ZodType>()

function success(data: z.ZodType, flat?: Flat): z.ZodType {
  const known = envelopes.get(data)
  if (known) return known
  const name = z.globalRegistry.get(data)?.id
  const envelope = z.object({ code: integer(200), msg: z.string(), data })
  const whole = flat && data instanceof z.ZodObject ? withFlat(envelope, data, flat) : envelope
  // Without a name it stands where it is used, and a test names the route.
  const made = name === undefined ? whole : whole.meta({ id: `${name}Answer` })
  envelopes.set(data, made)
  return made
}

function withFlat(envelope: z.ZodObject, data: z.ZodObject, flat: Flat): z.ZodObject {
  const more = Object.entries(flat).map(([name, value]) => [name, integer(value)])
  return envelope
    .extend(data.shape)
    .extend(Object.fromEntries(more) as z.ZodRawShape)
    .meta({
      description: 'The fields of `data` stand beside it as well: the SDKs of the Open API read them there.',
    })
}

export const envelopeDocs: Pick<SurfaceDocs, 'success' | 'successExample' | 'failure' | 'failureExample'> = {
  success,
  successExample: (data, flat) => ({
    code: 200,
    msg: 'ok',
    data,
    ...(flat && { ...(data as object), ...flat }),
  }),
  failure,
  failureExample: ({ type, text, field }) => ({
    code: 0,
    msg: text.en,
    data: null,
    error: { type, message: text.en, ...(field !== undefined && { field }), request_id: requestId },
  }),
}
