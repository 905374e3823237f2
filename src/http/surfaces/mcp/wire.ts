// How MCP answers what is refused before a message is read: a JSON-RPC error, with a status that clients act upon.
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { errorTypes } from '../../../errors.ts'
import type { ErrorType } from '../../../errors.ts'
import { clientWire } from '../../v1/wire.ts'
import { textFor } from '../../wire/envelope.ts'
import { notWellFormed } from '../../wire/refusals.ts'
import type { Wire, WireWords } from '../../wire/wire.ts'

const statuses: Readonly<Record<ErrorType, number>> = {
  unauthorized: 401,
  invalid_request: 400,
  unknown_model: 404,
  insufficient_credits: 402,
  not_found: 404,
  idempotency_mismatch: 422,
  rate_limited: 429,
  too_many_tasks: 429,
  too_late: 400,
  credit_cap: 402,
  invalid_code: 400,
  account_suspended: 403,
  forbidden_address: 403,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unavailable: 503,
  internal: 500,
}

/** Of JSON-RPC; the others are of the range that it leaves to servers. */
const parseError = -32_700
const invalidRequest = -32_600
const internalError = -32_603
const serverError = -32_000

const words: WireWords = {
  unauthorized: clientWire.words.unauthorized,
  internal: {
    en: 'Internal error. If this call ordered something, call it again with the same arguments and the same idempotency_key; if it had none, look at list_tasks first.',
    zh: '内部错误。如果此次调用是下单,请用相同的参数和相同的 idempotency_key 再次调用;未使用该参数时,请先查看 list_tasks。',
  },
  unknown: {
    en: 'The store did not confirm this call: its order may or may not have been kept. Call it again with the same arguments and the same idempotency_key to find out; if it had none, look at list_tasks first.',
    zh: '存储未确认此次调用,订单可能已生效也可能未生效。请用相同的参数和相同的 idempotency_key 再次调用以确认;未使用该参数时,请先查看 list_tasks。',
  },
}

export const mcpFailure = z
  .object({
    jsonrpc: z.literal('2.0'),
    id: z.union([z.string(), z.number()]).nullable(),
    error: z.object({
      code: z.int(),
      message: z.string(),
      data: z
        .object({
          type: z.enum(errorTypes),
          field: z.string().optional().meta({ description: 'What has to change.' }),
          buy_url: z.string().optional().meta({ description: 'Where credits are bought.' }),
          buy_text: z.string().optional(),
          request_id: z.string(),
        })
        .optional()
        .meta({ description: 'Not of what is no message of the protocol.' }),
    }),
  })
  .meta({ id: 'McpFailure' })

export const mcpWire: Wire = {
  success: (_request, { data }) => data,
  failure(request, { type, text, field, detail, buy }) {
    const code =
      detail === notWellFormed
        ? parseError
        : type === 'internal'
          ? internalError
          : type === 'invalid_request'
            ? invalidRequest
            : serverError
    const data = { type, ...(field !== undefined && { field }), ...buy, request_id: request.id }
    return { jsonrpc: '2.0', id: messageId(request), error: { code, message: textFor(request, text), data } }
  },
  status: ({ type }) => statuses[type],
  words,
}

/** Of the message in the body; null where there is none. */
function messageId({ body }: FastifyRequest): string | number | null {
  const { id } = (body ?? {}) as { readonly id?: unknown }
  return typeof id === 'string' || typeof id === 'number' ? id : null
}
