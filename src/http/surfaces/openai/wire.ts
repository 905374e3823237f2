// How OpenAI's API answers: the object itself, or an error with a status that its clients act upon.
import { z } from 'zod'
import type { ErrorType } from '../../../errors.ts'
import { clientWire } from '../../v1/wire.ts'
import { textFor } from '../../wire/envelope.ts'
import type { Wire } from '../../wire/wire.ts'

interface Refusal {
  readonly status: number
  readonly type: string
  readonly code: string | null
}

const invalid = 'invalid_request_error'

/** Never 409: the SDKs send a request that was answered so again. */
const refusals: Readonly<Record<ErrorType, Refusal>> = {
  unauthorized: { status: 401, type: invalid, code: 'invalid_api_key' },
  invalid_request: { status: 400, type: invalid, code: null },
  unknown_model: { status: 404, type: invalid, code: 'model_not_found' },
  insufficient_credits: { status: 402, type: 'insufficient_quota', code: 'insufficient_quota' },
  not_found: { status: 404, type: invalid, code: 'not_found' },
  idempotency_mismatch: { status: 422, type: 'idempotency_error', code: 'idempotency_mismatch' },
  rate_limited: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  too_many_tasks: { status: 429, type: 'rate_limit_error', code: 'too_many_tasks' },
  too_late: { status: 400, type: invalid, code: 'too_late' },
  account_suspended: { status: 403, type: 'permission_error', code: 'account_suspended' },
  payload_too_large: { status: 413, type: invalid, code: 'payload_too_large' },
  unsupported_media_type: { status: 415, type: invalid, code: 'unsupported_media_type' },
  unavailable: { status: 503, type: 'server_error', code: 'unavailable' },
  internal: { status: 500, type: 'server_error', code: 'internal' },
}

export const openaiFailure = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable().meta({ description: 'The field of the request that has to change.' }),
      code: z.string().nullable(),
    }),
  })
  .meta({ id: 'OpenAiFailure' })

export const openaiWire: Wire = {
  success: (_request, { data }) => data,
  failure(request, failure) {
    const { type, code } = refusals[failure.type]
    return { error: { message: textFor(request, failure.text), type, param: failure.field ?? null, code } }
  },
  status: ({ type }) => refusals[type].status,
  words: clientWire.words,
}
