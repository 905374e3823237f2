// The operator API's wire format: the client API's envelope, with HTTP statuses that tell what failed.
import { conflictsNow, GatewayError } from '../../errors.ts'
import { roleTooLow } from '../../operators/roles.ts'
import { shownTooLittle } from '../../sessions/rights.ts'
import { clientStatus } from '../v1/wire.ts'
import { envelope } from '../wire/envelope.ts'
import { wrongShape } from '../wire/refusals.ts'
import type { Wire, WireWords } from '../wire/wire.ts'

function status(failure: GatewayError): number {
  switch (failure.type) {
    case 'invalid_request':
      if (failure.detail === conflictsNow) return 409
      return failure.detail === wrongShape ? 400 : 422
    case 'unauthorized':
      return failure.detail === roleTooLow || failure.detail === shownTooLittle ? 403 : 401
    case 'not_found':
      return 404
    case 'insufficient_credits':
    case 'idempotency_mismatch':
      return 409
    default:
      return clientStatus[failure.type]
  }
}

const unauthorized = () =>
  new GatewayError('unauthorized', {
    en: 'Invalid or missing admin token. Send ADMIN_TOKEN as "Authorization: Bearer <token>"; the keys of customers open nothing here.',
    zh: '管理令牌缺失或无效。请使用请求头 “Authorization: Bearer <ADMIN_TOKEN>”;客户密钥在此无效。',
  })

const words: WireWords = {
  unauthorized,
  internal: {
    en: 'Internal error; the log says more under the request id. Find out what became of it before you send it again: a grant with an idempotency_key can be repeated safely.',
    zh: '内部错误;日志中可按请求 id 查看详情。重发之前请先确认其结果:带 idempotency_key 的积分变更可以安全重发。',
  },
  unknown: {
    en: 'The store did not confirm this request: it may or may not have been kept. Find out what became of it before you send it again; a grant with an idempotency_key can be repeated safely.',
    zh: '存储未确认该请求,可能已生效也可能未生效。重发之前请先确认其结果;带 idempotency_key 的积分变更可以安全重发。',
  },
}

export const operatorWire: Wire = { ...envelope, status, words }
