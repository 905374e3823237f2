// How a surface without an envelope is described in the OpenAPI documents: by asking its wire format.
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { GatewayError } from '../../../errors.ts'
import { rateLimited } from '../../limits.ts'
import type { DocumentedStatus, SurfaceDocs } from './surface-docs.ts'
import { notJson, notWellFormed, tooLarge, unavailable, wrongMediaType } from '../refusals.ts'
import type { Wire } from '../wire.ts'

interface PlainSurface {
  /** Begins the names of its responses, such as `OpenAi404`. */
  readonly name: string
  readonly wire: Wire
  /** The body of its refusals, with a `meta({ id })`. */
  readonly failure: z.ZodType
}

export const plainDocs = ({ name, wire, failure }: PlainSurface): SurfaceDocs => ({
  security: 'key',
  success: (data) => data,
  successExample: (data) => data,
  failure,
  failureExample: (error) => wire.failure(anyRequest, error),
  refusedAsSuccess: null,
  statuses: statusesOf(name, wire),
})

/** Where a wire format takes the language and the id of a request from. */
const anyRequest = { headers: {}, url: '', id: 'req_0mx2l3mzx00b7v1d9q4kf6hs2wme' } as FastifyRequest

const requestsPerMinute = 600
const minuteMs = 60_000

/** What any route may be refused for; the first of a status is its example. */
const refusals = ({ words }: Wire): GatewayError[] => [
  notJson(),
  words.unauthorized(),
  new GatewayError('insufficient_credits', {
    en: 'This request costs 15 credits and the account has 4. Nothing was charged. Top up, or ask for less.',
    zh: '该请求需要 15 积分,账户余额为 4。未扣除任何积分。请充值或减少用量。',
  }),
  new GatewayError('account_suspended', {
    en: 'The account is suspended. Nothing was charged.',
    zh: '账户已被停用。未扣除任何积分。',
  }),
  new GatewayError('not_found', {
    en: 'There is no such path here. See /docs.',
    zh: '没有这个路径。请参阅 /docs。',
  }),
  tooLarge(),
  wrongMediaType(),
  rateLimited(requestsPerMinute, minuteMs),
  new GatewayError('internal', words.internal),
  unavailable(null),
  new GatewayError('invalid_request', {
    en: 'prompt: is required.',
    zh: 'prompt:为必填项。',
  }),
  new GatewayError('idempotency_mismatch', {
    en: 'Idempotency-Key: this key belongs to an earlier request with another body. Nothing was charged for this one.',
    zh: 'Idempotency-Key:该键已用于内容不同的请求。本次未扣除任何积分。',
  }),
]

function statusesOf(name: string, wire: Wire): Record<number, DocumentedStatus> {
  const statuses: Record<number, DocumentedStatus> = {}
  for (const example of refusals(wire)) {
    const status = example.detail === notWellFormed ? 400 : wire.status(example, anyRequest)
    statuses[status] ??= {
      name: `${name}${status}`,
      description: example.text.en,
      example,
      ...(example.retryAfterMs !== undefined && { retryAfter: true }),
    }
  }
  return statuses
}
