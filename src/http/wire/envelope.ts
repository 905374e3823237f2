// The one shape of every answer, and the only place where a failure becomes an HTTP status.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { CommitUnknown } from '../../db/errors.ts'
import { isStoreUnavailable } from '../../db/store-at.ts'
import { GatewayError } from '../../errors.ts'
import type { ErrorType, Text } from '../../errors.ts'
import { languageOf } from './language.ts'

export interface Envelope {
  readonly code: 200 | 0
  readonly msg: string
  readonly data: unknown
  readonly error?: { type: ErrorType; message: string; field?: string; request_id: string }
}

const ok: Text = { en: 'ok', zh: 'ok' }

export function success(request: FastifyRequest, data: unknown, msg: Text = ok): Envelope {
  return { code: 200, msg: msg[languageOf(request.headers['accept-language']) ?? 'en'], data }
}

/** `httpStatus` where HTTP itself is the matter: a path or method that is not there. */
export async function sendFailure(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  httpStatus?: number,
): Promise<void> {
  const isOperator = request.url.startsWith('/admin/')
  const failure = asGatewayError(error, isOperator ? forOperator : forCustomer)
  const status = httpStatus ?? statusFor(failure, request)
  if (failure.type === 'internal' || failure.type === 'unavailable') {
    request.log.error(
      { req: request.id, err: error, detail: failure.detail },
      'answered with a failure of ours',
    )
  } else {
    request.log.info({ req: request.id, type: failure.type, field: failure.field }, 'refused')
  }
  if (failure.retryAfterMs !== undefined) {
    reply.header('retry-after', Math.max(1, Math.ceil(failure.retryAfterMs / 1000)))
  }
  forgetFile(reply)
  if (failure.type === 'unauthorized') reply.header('www-authenticate', 'Bearer')
  // Whatever its route says of answers that went well.
  reply.header('cache-control', 'no-store')
  if (!reply.hasHeader('vary')) reply.header('vary', 'Accept-Language')
  await reply.code(status).send(failureEnvelope(failure, request))
}

const headersOfFiles = ['accept-ranges', 'content-disposition', 'content-range', 'etag']

/**
 * A file that fails before its first byte has been sent has set its headers already, also those of the connection:
 * with its type there, the framework would not write a failure as JSON.
 */
function forgetFile(reply: FastifyReply): void {
  if (reply.raw.headersSent) return
  for (const name of reply.raw.getHeaderNames()) reply.raw.removeHeader(name)
  for (const name of headersOfFiles) reply.removeHeader(name)
}

function failureEnvelope(failure: GatewayError, request: FastifyRequest): Envelope {
  const language = languageOf(request.headers['accept-language']) ?? 'en'
  return {
    code: 0,
    msg: failure.text[language],
    data: null,
    error: {
      type: failure.type,
      message: failure.text[language],
      ...(failure.field === undefined ? {} : { field: failure.field }),
      request_id: request.id,
    },
  }
}

/** The two halves of the API differ in what HTTP statuses mean. */
function statusFor(failure: GatewayError, request: FastifyRequest): number {
  if (failure.detail === notWellFormed) return 400
  const operator = request.url.startsWith('/admin/') ? operatorStatus(failure) : null
  return operator ?? clientStatus[failure.type]
}

/** Business failures are 200, as the Open API has them; HTTP speaks up only where HTTP is the matter. */
const clientStatus: Record<ErrorType, number> = {
  unauthorized: 401,
  invalid_request: 200,
  unknown_model: 200,
  insufficient_credits: 200,
  not_found: 200,
  idempotency_mismatch: 200,
  rate_limited: 429,
  too_many_tasks: 200,
  too_late: 200,
  account_suspended: 200,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unavailable: 503,
  internal: 500,
}

function operatorStatus(failure: GatewayError): number | null {
  switch (failure.type) {
    case 'invalid_request':
      return failure.detail === wrongShape ? 400 : 422
    case 'not_found':
      return 404
    case 'insufficient_credits':
    case 'idempotency_mismatch':
      return 409
    default:
      return null
  }
}

/** Marks an invalid_request whose body does not even have the right fields and types. */
export const wrongShape = 'wrong shape'

/** Marks an invalid_request that could not even be read. */
export const notWellFormed = 'not well-formed'

const malformedCodes = new Set([
  'FST_ERR_CTP_INVALID_JSON_BODY',
  'FST_ERR_CTP_EMPTY_JSON_BODY',
  'FST_ERR_CTP_INVALID_CONTENT_LENGTH',
])

function malformed(error: unknown): boolean {
  return error instanceof SyntaxError || malformedCodes.has((error as FastifyError)?.code ?? '')
}

/** What the framework, the store and everybody else throw, in the words of the closed list. */
function asGatewayError(error: unknown, words: Words): GatewayError {
  if (error instanceof GatewayError) return error
  if (malformed(error)) return notJson()
  if (error instanceof CommitUnknown) return outcomeUnknown(error, words)
  const { code = '', statusCode } = error as Partial<FastifyError>
  if (statusCode === 401) return words.unauthorized()
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge()
  if (statusCode === 415 || statusCode === 406) return wrongMediaType()
  if (isStoreUnavailable(error) || statusCode === 503) return unavailable(error)
  // The framework's own refusals; what is thrown by anything else is a fault of ours, whatever status it bears.
  if (code.startsWith('FST_') && statusCode !== undefined && statusCode < 500) return notJson()
  return new GatewayError('internal', words.internal, { cause: error })
}

const notJson = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The request is not well-formed: its body must be one JSON object in UTF-8. Nothing was charged.',
      zh: '请求格式有误:请求体必须是一个 UTF-8 编码的 JSON 对象。未扣除任何积分。',
    },
    { detail: notWellFormed },
  )

export const notUtf8 = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The body is not valid UTF-8, and JSON is read as UTF-8 alone. Nothing was charged. Encode the text as UTF-8 and send it again.',
      zh: '请求体不是有效的 UTF-8 编码,JSON 只按 UTF-8 读取。未扣除任何积分。请改用 UTF-8 编码后重试。',
    },
    { detail: notWellFormed },
  )

export const badUrl = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The URL is not well-formed: a % in it must be followed by two hexadecimal digits of UTF-8.',
      zh: 'URL 格式有误:% 之后必须是两位十六进制的 UTF-8 编码。',
    },
    { detail: notWellFormed },
  )

export const notOneHost = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The request must name exactly one Host. Nothing was charged.',
      zh: '请求必须且只能包含一个 Host 请求头。未扣除任何积分。',
    },
    { detail: notWellFormed },
  )

/** Each half of the API has what its callers can do next. */
interface Words {
  unauthorized(): GatewayError
  readonly internal: Text
  readonly unknown: Text
}

const forCustomer: Words = {
  unauthorized: () => unauthorized(),
  internal: {
    en: 'Internal error. If this was a create, send it again with the same Idempotency-Key; if it had none, look at GET /api/v1/tasks first.',
    zh: '内部错误。如果是创建任务,请用相同的 Idempotency-Key 重发;未使用该请求头时,请先查询 GET /api/v1/tasks 再决定是否重发。',
  },
  unknown: {
    en: 'The store did not confirm this request: it may or may not have been kept. Send it again with the same Idempotency-Key to find out; if it had none, look at GET /api/v1/tasks first.',
    zh: '存储未确认该请求,可能已生效也可能未生效。请用相同的 Idempotency-Key 重发以确认;未使用该请求头时,请先查询 GET /api/v1/tasks 再决定是否重发。',
  },
}

const forOperator: Words = {
  unauthorized: () => adminUnauthorized(),
  internal: {
    en: 'Internal error; the log says more under the request id. Look at what has become of it before you send it again: a grant with an idempotency_key can be repeated safely.',
    zh: '内部错误;日志中可按请求 id 查看详情。重发之前请先确认其结果:带 idempotency_key 的积分变更可以安全重发。',
  },
  unknown: {
    en: 'The store did not confirm this request: it may or may not have been kept. Look at what has become of it before you send it again; a grant with an idempotency_key can be repeated safely.',
    zh: '存储未确认该请求,可能已生效也可能未生效。重发之前请先确认其结果;带 idempotency_key 的积分变更可以安全重发。',
  },
}

export const adminUnauthorized = () =>
  new GatewayError('unauthorized', {
    en: 'Invalid or missing admin token. Send ADMIN_TOKEN as "Authorization: Bearer <token>"; the keys of customers open nothing here.',
    zh: '管理令牌缺失或无效。请使用请求头 “Authorization: Bearer <ADMIN_TOKEN>”;客户密钥在此无效。',
  })

export const unauthorized = () =>
  new GatewayError('unauthorized', {
    en: 'Invalid or missing API key. Send it as "Authorization: Bearer <key>".',
    zh: 'API 密钥缺失或无效。请使用请求头 “Authorization: Bearer <密钥>”。',
  })

const tooLarge = () =>
  new GatewayError('payload_too_large', {
    en: 'The body is larger than is accepted here (64 KiB of JSON, 28 MiB for a create that bears pictures; 20 MB for a file). Nothing was charged.',
    zh: '请求体超过上限(JSON 64 KiB,带图片的创建请求 28 MiB,文件 20 MB)。未扣除任何积分。',
  })

const wrongMediaType = () =>
  new GatewayError('unsupported_media_type', {
    en: 'Send "Content-Type: application/json" (multipart/form-data for /api/v1/files). Nothing was charged.',
    zh: '请使用 “Content-Type: application/json”(/api/v1/files 使用 multipart/form-data)。未扣除任何积分。',
  })

/** A client may try again after this long; the store or the loop is seldom busy for longer. */
const retryAfterMs = 2_000

const unavailable = (cause: unknown) =>
  new GatewayError(
    'unavailable',
    {
      en: 'The gateway cannot store anything at the moment. Nothing was charged. Try again in a few seconds.',
      zh: '网关暂时无法写入数据。未扣除任何积分。请稍后重试。',
    },
    { cause, retryAfterMs },
  )

const outcomeUnknown = (cause: unknown, words: Words) =>
  new GatewayError('unavailable', words.unknown, { cause, retryAfterMs })

/** Whoever was told that a commit is unknown and looks at once must not see what was before it. */
export const storeFailed = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'The gateway ends, because its store has failed. Nothing was charged. Try again in a few seconds.',
      zh: '存储发生故障,网关即将退出。未扣除任何积分。请稍后重试。',
    },
    { retryAfterMs: 5_000 },
  )
