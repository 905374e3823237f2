// The catalogue as a caller sees it.
import type { Catalog } from '../catalog/catalog.ts'
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import type { Caller } from './callers.ts'

/** By the plan of its account, and the models that both may order. Throws unavailable where its plan is gone. */
export function catalogFor({ catalog, log }: Pick<Context, 'catalog' | 'log'>, caller: Caller): Catalog {
  const seen = catalog.current.seenBy(caller)
  if (seen) return seen
  const { accountId, plan } = caller
  log.error({ account: accountId, plan }, 'an account is on a plan that tollgate.yaml does not name any more')
  throw new GatewayError('unavailable', planGone, { retryAfterMs: planGoneForMs })
}

const planGoneForMs = 60_000

/** Neither its prices nor its models are known: the usual ones might be wrong. */
const planGone = {
  en: 'The plan of this account is not set up at the moment, so its prices are not known. Nothing was ordered or charged. Ask your provider.',
  zh: '该账户的套餐当前未配置,无法确定价格。未创建任何任务,也未扣除积分。请联系您的服务商。',
}
