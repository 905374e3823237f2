// How kie's API answers: a code in the body, which its clients read; the HTTP status is mostly 200.
import { z } from 'zod'
import type { ErrorType } from '../../../errors.ts'
import { clientWire } from '../../v1/wire.ts'
import { textFor } from '../../wire/envelope.ts'
import type { Wire } from '../../wire/wire.ts'

/** kie's list of codes. */
const codes: Readonly<Record<ErrorType, number>> = {
  unauthorized: 401,
  invalid_request: 422,
  unknown_model: 422,
  insufficient_credits: 402,
  not_found: 404,
  idempotency_mismatch: 422,
  rate_limited: 429,
  too_many_tasks: 429,
  too_late: 422,
  credit_cap: 402,
  invalid_code: 422,
  account_suspended: 403,
  forbidden_address: 403,
  payload_too_large: 422,
  unsupported_media_type: 422,
  unavailable: 455,
  internal: 500,
}

export const kieFailure = z
  .object({ code: z.int(), msg: z.string(), message: z.string(), data: z.null() })
  .meta({ id: 'KieFailure' })

/** As in the tasks API: the status differs only where HTTP itself is the matter. */
const { status } = clientWire

export const kieWire: Wire = {
  // Some of its pages say msg, others message.
  success: (_request, { data }) => ({ code: 200, msg: 'success', message: 'success', data }),
  failure(request, failure) {
    const text = textFor(request, failure.text)
    return { code: codes[failure.type], msg: text, message: text, data: null }
  },
  status,
  words: clientWire.words,
}
