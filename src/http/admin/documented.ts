// How the operator API's answers are described in /admin/openapi.json.
import { GatewayError } from '../../errors.ts'
import { sharedStatuses } from '../v1/documented.ts'
import { envelopeDocs } from '../wire/docs/envelope-docs.ts'
import type { SurfaceDocs } from '../wire/docs/surface-docs.ts'
import { tooLarge, wrongMediaType } from '../wire/refusals.ts'
import { operatorWire } from './wire.ts'

const { words } = operatorWire

export const operatorDocs: SurfaceDocs = {
  ...envelopeDocs,
  security: 'adminToken',
  refusedAsSuccess: null,
  statuses: {
    ...sharedStatuses,
    401: {
      name: 'Unauthorized',
      description: 'Invalid or missing admin token.',
      example: words.unauthorized(),
    },
    403: {
      name: 'Forbidden',
      description: 'The operator’s role is too low.',
      example: new GatewayError('unauthorized', {
        en: 'anna has the role viewer; this needs owner. Nothing was changed. Ask an owner, or have the role changed in tollgate.yaml.',
        zh: 'anna 的角色为 viewer,此操作需要 owner。未作任何改动。请联系 owner,或在 tollgate.yaml 中修改角色。',
      }),
    },
    404: {
      name: 'NotFound',
      description: 'There is no such thing.',
      example: new GatewayError(
        'not_found',
        { en: 'There is no account with this id.', zh: '没有这个 id 的账户。' },
        { field: 'id' },
      ),
    },
    409: {
      name: 'Conflict',
      description: 'It conflicts with how things stand, such as the balance or the time.',
      example: new GatewayError('insufficient_credits', {
        en: 'The account has 4 credits, so 15 cannot be taken away. Nothing was changed.',
        zh: '账户余额为 4 积分,无法扣除 15。未作任何改动。',
      }),
    },
    413: { name: 'TooLarge', description: 'The body is too large.', example: tooLarge() },
    415: {
      name: 'UnsupportedMediaType',
      description: 'Not the expected media type.',
      example: wrongMediaType(),
    },
    422: {
      name: 'Unprocessable',
      description: 'The values cannot be carried out.',
      example: new GatewayError(
        'invalid_request',
        { en: 'amount: must not be 0.', zh: 'amount:不能为 0。' },
        { field: 'amount' },
      ),
    },
    500: {
      name: 'InternalError',
      description: 'Internal error.',
      example: new GatewayError('internal', words.internal),
    },
  },
}
