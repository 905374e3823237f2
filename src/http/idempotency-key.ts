// Reads and documents the Idempotency-Key header.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { GatewayError } from '../errors.ts'

const lengthMax = 255
/** Printable ASCII: from the space to the tilde. */
const printable = /^[ -~]+$/

export const idempotencyHeaders = z.object({
  'Idempotency-Key': z.string().min(1).max(lengthMax).regex(printable).optional().meta({
    description:
      'A name of your own for this order, such as a UUID: with it, the request can be repeated without being charged twice. The same key with the same body gives the first answer again, for at least 24 hours; with another body it is refused. Keys are the account’s own.',
  }),
})

export const replayedHeaders = z.object({
  'Idempotency-Replayed': z
    .literal('true')
    .optional()
    .meta({ description: 'The answer of an earlier request; nothing was done or charged again.' }),
})

export const markReplayed = (reply: FastifyReply) => reply.header('idempotency-replayed', 'true')

/** Null if the header is missing. Throws invalid_request for an invalid or repeated one. */
export function idempotencyKeyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  // Node joins several header lines with a comma, which looks like one key with a comma in it.
  const lines = request.raw.headersDistinct['idempotency-key']?.length ?? 0
  if (lines > 1) throw notAKey(`it stands ${lines} times in this request`, `该请求中出现了 ${lines} 次`)
  if (typeof key !== 'string' || key === '') throw notAKey('this one is empty', '当前为空')
  if (key.length > lengthMax) throw notAKey(`this one has ${key.length}`, `当前为 ${key.length} 个`)
  if (!printable.test(key)) throw notAKey('this one holds others', '当前包含其他字符')
  return key
}

const notAKey = (en: string, zh: string) =>
  new GatewayError(
    'invalid_request',
    {
      en: `Idempotency-Key: must be one header of 1 to ${lengthMax} printable ASCII characters; ${en}. Nothing was charged.`,
      zh: `Idempotency-Key:必须是唯一的请求头,由 1 到 ${lengthMax} 个可打印 ASCII 字符组成;${zh}。未扣除任何积分。`,
    },
    { field: 'Idempotency-Key' },
  )
