// How the client API's answers are described in /openapi.json.
import { GatewayError } from '../../errors.ts'
import { envelopeDocs } from '../wire/docs/envelope-docs.ts'
import type { DocumentedStatus, SurfaceDocs } from '../wire/docs/surface-docs.ts'
import { rateLimited } from '../limits.ts'
import { notJson, tooLarge, unavailable, wrongMediaType } from '../wire/refusals.ts'
import { keysMakeNoKeys } from '../../sessions/rights.ts'
import { clientWire } from './wire.ts'

const minuteMs = 60_000
const requestsPerMinute = 600

export const sharedStatuses: Readonly<Record<400 | 429 | 503, DocumentedStatus>> = {
  400: { name: 'BadRequest', description: 'The request is not well-formed.', example: notJson() },
  429: {
    name: 'TooManyRequests',
    description: 'Too many requests; see Retry-After.',
    example: rateLimited(requestsPerMinute, minuteMs),
    retryAfter: true,
  },
  503: {
    name: 'Unavailable',
    description: 'Temporarily unavailable; see Retry-After.',
    example: unavailable(null),
    retryAfter: true,
  },
}

const { words } = clientWire

export const clientDocs: SurfaceDocs = {
  ...envelopeDocs,
  security: 'key',
  refusedAsSuccess: new GatewayError('insufficient_credits', {
    en: 'This request costs 15 credits and the account has 4. Nothing was charged. Top up, or ask for less.',
    zh: '该请求需要 15 积分,账户余额为 4。未扣除任何积分。请充值或减少用量。',
  }),
  statuses: {
    ...sharedStatuses,
    401: { name: 'Unauthorized', description: 'Invalid or missing key.', example: words.unauthorized() },
    403: {
      name: 'Forbidden',
      description: 'A key alone does not open this.',
      example: keysMakeNoKeys(),
    },
    413: { name: 'TooLarge', description: 'The body is too large.', example: tooLarge() },
    415: {
      name: 'UnsupportedMediaType',
      description: 'Not the expected media type.',
      example: wrongMediaType(),
    },
    500: {
      name: 'InternalError',
      description: 'Internal error.',
      example: new GatewayError('internal', words.internal),
    },
  },
}
