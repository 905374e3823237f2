// How kie's answers are described in the OpenAPI document: an envelope, and codes with the status of a success.
import { z } from 'zod'
import { GatewayError } from '../../../errors.ts'
import { plainDocs } from '../../wire/docs/plain-docs.ts'
import type { SurfaceDocs } from '../../wire/docs/surface-docs.ts'
import { kieFailure, kieWire } from './wire.ts'

const text = z.literal('success')

/** One component for each kind of `data`. */
const envelopes = new WeakMap<z.ZodType, z.ZodType>()

const plain = plainDocs({ name: 'Kie', wire: kieWire, failure: kieFailure })
/** Most refusals have the status of a success: see `refusedAsSuccess`. */
const { 200: _, ...statuses } = plain.statuses

export const kieDocs: SurfaceDocs = {
  ...plain,
  statuses,
  success(data) {
    const name = z.globalRegistry.get(data)?.id ?? 'KieCredits'
    const code = z.literal(200).meta({ override: { type: 'integer' } })
    const made =
      envelopes.get(data) ?? z.object({ code, msg: text, message: text, data }).meta({ id: `${name}Answer` })
    envelopes.set(data, made)
    return made
  },
  successExample: (data) => ({ code: 200, msg: 'success', message: 'success', data }),
  refusedAsSuccess: new GatewayError(
    'invalid_request',
    {
      en: 'input.aspect_ratio: it must be 1:1, 3:2 or 16:9, not "7:5".',
      zh: 'input.aspect_ratio:可选值为 1:1、3:2 或 16:9,而不是 "7:5"。',
    },
    { field: 'input.aspect_ratio' },
  ),
}
