// Refusals at the HTTP level: requests that cannot be read, and a store that cannot be used.
import { GatewayError } from '../../errors.ts'

/** Marks an invalid_request whose body does not even have the right fields and types. */
export const wrongShape = 'wrong shape'

/** Marks an invalid_request that could not even be read. */
export const notWellFormed = 'not well-formed'

export const notJson = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The request is not well-formed: its body must be one JSON object in UTF-8. Nothing was charged.',
      zh: '请求格式有误:请求体必须是一个 UTF-8 编码的 JSON 对象。未扣除任何积分。',
    },
    { detail: notWellFormed },
  )

export const noBody = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'The request has no body; it takes a JSON object that says what to change. Nothing was changed.',
      zh: '请求没有请求体;须提供一个 JSON 对象说明要修改的内容。未作任何改动。',
    },
    { detail: wrongShape },
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
      en: 'The request must have exactly one Host header. Nothing was charged.',
      zh: '请求必须且只能包含一个 Host 请求头。未扣除任何积分。',
    },
    { detail: notWellFormed },
  )

export const tooLarge = () =>
  new GatewayError('payload_too_large', {
    en: 'The body is larger than is accepted here (64 KiB of JSON, 28 MiB for a create that bears pictures; 20 MB for a file). Nothing was charged.',
    zh: '请求体超过上限(JSON 64 KiB,带图片的创建请求 28 MiB,文件 20 MB)。未扣除任何积分。',
  })

export const wrongMediaType = () =>
  new GatewayError('unsupported_media_type', {
    en: 'Send "Content-Type: application/json" (multipart/form-data for /api/v1/files). Nothing was charged.',
    zh: '请使用 “Content-Type: application/json”(/api/v1/files 使用 multipart/form-data)。未扣除任何积分。',
  })

/** A client may retry after this; the store or the event loop is seldom busy for longer. */
export const retryAfterMs = 2_000

export const unavailable = (cause: unknown) =>
  new GatewayError(
    'unavailable',
    {
      en: 'The gateway cannot store anything at the moment. Nothing was charged. Try again in a few seconds.',
      zh: '网关暂时无法写入数据。未扣除任何积分。请稍后重试。',
    },
    { cause, retryAfterMs },
  )

/** A client that retries right after an unknown commit must not read the state from before it. */
export const storeFailed = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'The gateway is shutting down because its store has failed. Nothing was charged. Try again in a few seconds.',
      zh: '存储发生故障,网关即将退出。未扣除任何积分。请稍后重试。',
    },
    { retryAfterMs: 5_000 },
  )

export const noSuchPath = () =>
  new GatewayError('not_found', {
    en: 'There is no such path here. See /docs.',
    zh: '没有这个路径。请参阅 /docs。',
  })

export const wrongMethod = (method: string, allowed: readonly string[]) =>
  new GatewayError('invalid_request', {
    en: `${method} is not allowed here; this path takes ${allowed.join(', ')}.`,
    zh: `该路径不支持 ${method},支持 ${allowed.join('、')}。`,
  })
