// How OpenAI's API answers: the object itself, or an error with a status that its clients act upon.
import { z } from 'zod'
import type { ErrorType, GatewayError } from '../../../errors.ts'
import { clientWire } from '../../v1/wire.ts'
import { textFor } from '../../wire/envelope.ts'
import type { Wire, WireWords } from '../../wire/wire.ts'

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
  invalid_code: { status: 400, type: invalid, code: 'invalid_code' },
  account_suspended: { status: 403, type: 'permission_error', code: 'account_suspended' },
  credit_cap: { status: 402, type: 'insufficient_quota', code: 'credit_cap' },
  forbidden_address: { status: 403, type: 'permission_error', code: 'forbidden_address' },
  payload_too_large: { status: 413, type: invalid, code: 'payload_too_large' },
  unsupported_media_type: { status: 415, type: invalid, code: 'unsupported_media_type' },
  unavailable: { status: 503, type: 'server_error', code: 'unavailable' },
  internal: { status: 500, type: 'server_error', code: 'internal' },
}

const words: WireWords = {
  unauthorized: clientWire.words.unauthorized,
  internal: {
    en: 'Internal error. Send the same request again: if it made an order, that is taken up and nothing more is charged.',
    zh: '内部错误。请重新发送相同的请求:如果已生成订单,将直接取得其结果,不再扣费。',
  },
  unknown: {
    en: 'The store did not confirm this request: it may or may not have been kept. Send the same request again: if it was, its order is taken up and nothing more is charged.',
    zh: '存储未确认该请求,可能已生效也可能未生效。请重新发送相同的请求:如果已生效,将直接取得其结果,不再扣费。',
  },
}

/** Marks an invalid_request that was accepted and charged, and whose tasks have all failed. */
export const generationFailed = 'generation failed'

const refusalOf = ({ type, detail }: GatewayError): Refusal =>
  detail === generationFailed
    ? { status: 400, type: 'image_generation_user_error', code: 'generation_failed' }
    : refusals[type]

/** The SDKs wait this long before they send a request again, unless the refusal says otherwise. */
const retryAfterSeconds = '5'

export const openaiFailure = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable().meta({ description: 'The field of the request that has to change.' }),
      code: z.string().nullable(),
      buy_url: z.string().optional().meta({ description: 'Where credits are bought.' }),
      buy_text: z.string().optional(),
    }),
  })
  .meta({ id: 'OpenAiFailure' })

export const openaiWire: Wire = {
  success: (_request, { data }) => data,
  failure(request, failure) {
    const { type, code } = refusalOf(failure)
    const message = textFor(request, failure.text)
    return { error: { message, type, param: failure.field ?? null, code, ...failure.buy } }
  },
  status: (failure) => refusalOf(failure).status,
  /**
   * A request that is sent again takes up the order of the first, if that made one: so whatever may pass by
   * itself may be tried again, also where its outcome is unknown. The SDKs of OpenAI obey this header; others
   * go by the status.
   */
  headers(failure): Record<string, string> {
    const { status } = refusalOf(failure)
    const mayRetry = status === 429 || status >= 500
    const isTimed = !mayRetry || failure.retryAfterMs !== undefined
    return { 'x-should-retry': String(mayRetry), ...(!isTimed && { 'retry-after': retryAfterSeconds }) }
  },
  words,
}
