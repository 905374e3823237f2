// How Keevx's API refuses: its numbers collide, so each endpoint has a table of its own.
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ErrorType, GatewayError } from '../../../errors.ts'
import { clientWire } from '../../v1/wire.ts'
import { textFor } from '../../wire/envelope.ts'
import { notWellFormed, wrongShape } from '../../wire/refusals.ts'
import type { Wire } from '../../wire/wire.ts'

type Cause = 'parameter' | 'validation' | 'prompt' | 'picture' | 'missing' | 'key' | 'size' | 'format'

interface Row {
  readonly code: number
  readonly status: number
  readonly title: string
}

const row = (code: number, status: number, title: string): Row => ({ code, status, title })

const parameter = row(100_001, 400, 'Parameter error')
const size = row(100_004, 413, 'Image size exceeded')
const format = row(100_007, 400, 'Unsupported image format')

type Endpoint = 'image_generate' | 'image_to_video' | 'figure-resource'

/** The tables of the two skills' pages; the codes of the upload are those that mean a file on the video page. */
const tables: Readonly<Record<Endpoint, Readonly<Record<Cause, Row>>>> = {
  image_generate: {
    parameter,
    validation: row(100_002, 400, 'Validation failed'),
    prompt: row(100_002, 400, 'Validation failed'),
    picture: row(530_002, 400, 'Image processing error'),
    missing: row(110_002, 400, 'Task not found'),
    // The page has no code of its own for it.
    key: row(401, 401, 'Authentication failed'),
    size: row(413, 413, 'Request body too large'),
    format: parameter,
  },
  image_to_video: {
    parameter,
    validation: parameter,
    prompt: row(100_005, 400, 'Prompt too long'),
    picture: row(100_006, 400, 'Image URL inaccessible'),
    missing: row(100_003, 404, 'Task not found'),
    key: row(100_002, 401, 'Invalid token'),
    size: row(413, 413, 'Request body too large'),
    format: parameter,
  },
  'figure-resource': {
    parameter,
    validation: format,
    prompt: parameter,
    picture: format,
    missing: row(404, 404, 'Resource not found'),
    key: row(100_002, 401, 'Invalid token'),
    size,
    format,
  },
}

const pathPattern = /^\/keevx\/v1\/(image_generate|image_to_video|figure-resource)\b/

const endpointOf = ({ url }: FastifyRequest): Endpoint | null =>
  (pathPattern.exec(url)?.[1] as Endpoint | undefined) ?? null

function causeOf({ type, field = '', detail }: GatewayError): Cause | null {
  switch (type) {
    case 'unauthorized':
      return 'key'
    case 'invalid_request':
      if (detail === wrongShape || detail === notWellFormed) return 'parameter'
      if (field === 'prompt') return 'prompt'
      return /^(?:reference_images\.\d+|(?:end_)?image_url(?:\.\d+)?)$/.test(field) ? 'picture' : 'validation'
    case 'unknown_model':
      return 'validation'
    case 'idempotency_mismatch':
      return 'parameter'
    case 'not_found':
      // A path that is not there names no field.
      return field === '' ? null : 'missing'
    case 'payload_too_large':
      return 'size'
    case 'unsupported_media_type':
      return 'format'
    default:
      return null
  }
}

function rowOf(failure: GatewayError, request: FastifyRequest): Row {
  const endpoint = endpointOf(request)
  const cause = causeOf(failure)
  if (cause !== null) return tables[endpoint ?? 'image_generate'][cause]
  const status = statusOf(failure, endpoint)
  const title = titlesOfTypes[failure.type] ?? titles[status] ?? 'Request refused'
  return { code: status, status, title }
}

/** What Keevx documents no code for; the HTTP status says it. */
function statusOf({ type, text }: GatewayError, endpoint: Endpoint | null): number {
  switch (type) {
    case 'not_found':
      return 404
    case 'insufficient_credits':
    case 'credit_cap':
      return 402
    case 'account_suspended':
    case 'forbidden_address':
      return 403
    case 'rate_limited':
    case 'too_many_tasks':
      return 429
    case 'unavailable':
      // Keevx's clients take a 5xx for an order that may have been made, and soon stop to repeat it. Nothing was
      // ordered, unless the store did not confirm it: "try again later" is what 429 tells them.
      return text === words.unknown || endpoint === 'figure-resource' ? 503 : 429
    default:
      return 500
  }
}

const titlesOfTypes: Readonly<Partial<Record<ErrorType, string>>> = {
  credit_cap: 'Credit cap reached',
  forbidden_address: 'Forbidden address',
}

const titles: Readonly<Record<number, string>> = {
  402: 'Insufficient credits',
  403: 'Account suspended',
  404: 'Resource not found',
  429: 'Rate limit exceeded',
  500: 'Internal server error',
  503: 'Internal server error',
}

const words = {
  ...clientWire.words,
  internal: {
    en: 'If this was an order with an Idempotency-Key, send it again with the same one.',
    zh: '如果是带有 Idempotency-Key 的创建请求,请用相同的值重发。',
  },
  unknown: {
    en: 'The store did not confirm this request: it may or may not have been kept. Send it again with the same Idempotency-Key to find out.',
    zh: '存储未确认该请求,可能已生效也可能未生效。请用相同的 Idempotency-Key 重发以确认。',
  },
}

export const keevxFailure = z
  .union([
    z.object({ code: z.int(), msg: z.string() }).meta({ id: 'KeevxOrderFailure' }),
    z
      .object({
        code: z.int(),
        success: z.literal(false),
        message: z.object({ global: z.string() }),
        result: z.null(),
      })
      .meta({ id: 'KeevxUploadFailure' }),
  ])
  .meta({ id: 'KeevxFailure' })

export const keevxWire: Wire = {
  success: (_request, { data }) => data,
  failure(request, failure) {
    const { code, title } = rowOf(failure, request)
    const msg = `${title}: ${textFor(request, failure.text)}`
    return endpointOf(request) === 'figure-resource'
      ? { code, success: false, message: { global: msg }, result: null }
      : { code, msg }
  },
  status: (failure, request) => rowOf(failure, request).status,
  words,
}
