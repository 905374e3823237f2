// How Replicate's API answers: the object itself, or a problem with a title, a detail and its status.
import { z } from 'zod'
import type { ErrorType } from '../../../errors.ts'
import { clientWire } from '../../v1/wire.ts'
import { textFor } from '../../wire/envelope.ts'
import type { Wire } from '../../wire/wire.ts'

/** Its clients repeat what was answered 429 or, where nothing is ordered by it, 5xx. */
const refusals: Readonly<Record<ErrorType, { readonly status: number; readonly title: string }>> = {
  unauthorized: { status: 401, title: 'Unauthenticated' },
  invalid_request: { status: 422, title: 'Input validation failed' },
  unknown_model: { status: 404, title: 'Not found' },
  insufficient_credits: { status: 402, title: 'Insufficient credit' },
  not_found: { status: 404, title: 'Not found' },
  idempotency_mismatch: { status: 422, title: 'Idempotency key was used for another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  too_many_tasks: { status: 429, title: 'Too many predictions at once' },
  too_late: { status: 422, title: 'Too late' },
  credit_cap: { status: 402, title: 'Credit cap reached' },
  forbidden_address: { status: 403, title: 'Forbidden address' },
  invalid_code: { status: 422, title: 'Invalid code' },
  account_suspended: { status: 403, title: 'Account suspended' },
  payload_too_large: { status: 413, title: 'Payload too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  unavailable: { status: 503, title: 'Service unavailable' },
  internal: { status: 500, title: 'Internal server error' },
}

export const replicateFailure = z
  .object({
    title: z.string(),
    detail: z.string(),
    status: z.int(),
    buy_url: z.string().optional().meta({ description: 'Where credits are bought.' }),
    buy_text: z.string().optional(),
  })
  .meta({ id: 'ReplicateFailure' })

export const replicateWire: Wire = {
  success: (_request, { data }) => data,
  failure(request, failure) {
    const { status, title } = refusals[failure.type]
    return { title, detail: textFor(request, failure.text), status, ...failure.buy }
  },
  status: ({ type }) => refusals[type].status,
  words: clientWire.words,
}
