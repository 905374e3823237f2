// The client API's wire format: business failures are HTTP 200 with code 0, as in the Open API.
import type { ErrorType } from '../../errors.ts'
import { GatewayError } from '../../errors.ts'
import { shownTooLittle } from '../../sessions/rights.ts'
import { envelope } from '../wire/envelope.ts'
import type { Wire, WireWords } from '../wire/wire.ts'

/** HTTP statuses other than 200 only for failures at the HTTP level. */
export const clientStatus: Record<ErrorType, number> = {
  unauthorized: 401,
  invalid_request: 200,
  unknown_model: 200,
  insufficient_credits: 200,
  not_found: 200,
  idempotency_mismatch: 200,
  rate_limited: 429,
  too_many_tasks: 200,
  too_late: 200,
  credit_cap: 200,
  invalid_code: 200,
  account_suspended: 200,
  forbidden_address: 200,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unavailable: 503,
  internal: 500,
}

const unauthorized = () =>
  new GatewayError('unauthorized', {
    en: 'Invalid or missing API key. Send it as "Authorization: Bearer <key>".',
    zh: 'API 密钥缺失或无效。请使用请求头 “Authorization: Bearer <密钥>”。',
  })

const words: WireWords = {
  unauthorized,
  internal: {
    en: 'Internal error. If this was a create, send it again with the same Idempotency-Key; if it had none, look at GET /api/v1/tasks first.',
    zh: '内部错误。如果是创建任务,请用相同的 Idempotency-Key 重发;未使用该请求头时,请先查询 GET /api/v1/tasks 再决定是否重发。',
  },
  unknown: {
    en: 'The store did not confirm this request: it may or may not have been kept. Send it again with the same Idempotency-Key to find out; if it had none, look at GET /api/v1/tasks first.',
    zh: '存储未确认该请求,可能已生效也可能未生效。请用相同的 Idempotency-Key 重发以确认;未使用该请求头时,请先查询 GET /api/v1/tasks 再决定是否重发。',
  },
}

export const clientWire: Wire = {
  ...envelope,
  status: ({ type, detail }) => (detail === shownTooLittle ? 403 : clientStatus[type]),
  words,
}
