// What an order would cost a customer and its operator: by the function that charges, and nothing is ordered.
import { requireAccount } from '../accounts/accounts.ts'
import type { Catalog, PricedOrder } from '../catalog/catalog.ts'
import type { Viewer } from '../catalog/plans/plans.ts'
import { millionths } from '../catalog/cost/cost.ts'
import type { Context } from '../context.ts'
import { conflictsNow, GatewayError } from '../errors.ts'

export interface PriceQuestion {
  /** The body of a create, without what the price does not depend on. */
  readonly order: Readonly<Record<string, unknown>>
  /** As this account sees the catalogue; null: as one without a plan, or on `plan`. */
  readonly accountId: string | null
  readonly plan: string | null
}

export interface Price {
  readonly plan: string | null
  readonly outputs: number
  readonly creditsEach: number
  /** Of a first frame that would be made before; null: none. */
  readonly frameCredits: number | null
  readonly credits: number
  /** Without a plan. */
  readonly usualCredits: number
  /** In `reporting.currency`; null: a route names no cost, or no value of a credit is set. */
  readonly cost: number | null
  readonly value: number | null
}

/** Throws not_found for an account, and invalid_request with the field at fault as a create does. */
export async function priceOf(ctx: Context, { order, accountId, plan }: PriceQuestion): Promise<Price> {
  if (accountId !== null && plan !== null) throw oneOfTwo()
  const viewer = accountId === null ? { plan, models: null, ofKey: null } : await viewerOf(ctx, accountId)
  const catalog = ctx.catalog.current.seenBy(viewer)
  if (!catalog) throw noSuchPlan(viewer.plan)
  const priced = parsed(catalog, order)
  const { creditsEach, creditsTotal: credits, firstFrame, costEach } = priced
  const outputs = priced.order.count
  const frameCost = firstFrame === null ? 0 : firstFrame.costEach
  const { creditValue } = ctx.config.reporting
  return {
    plan: viewer.plan,
    outputs,
    creditsEach,
    frameCredits: firstFrame?.credits ?? null,
    credits,
    usualCredits: parsed(ctx.catalog.current, order).creditsTotal,
    cost: costEach === null || frameCost === null ? null : (costEach * outputs + frameCost) / millionths,
    value: creditValue === null ? null : (Math.round(creditValue * millionths) * credits) / millionths,
  }
}

/** For an operator the parameters are those of his own request: all refusals of them are of one kind. */
function parsed(catalog: Catalog, order: PriceQuestion['order']): PricedOrder {
  try {
    return catalog.parseOrder(order)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { text, field } = error
    throw new GatewayError('invalid_request', text, {
      ...(field !== undefined && { field }),
      detail: conflictsNow,
      cause: error,
    })
  }
}

async function viewerOf({ db }: Context, accountId: string): Promise<Viewer> {
  const account = await requireAccount(db.read, accountId).catch((error: unknown) => {
    if (!(error instanceof GatewayError)) throw error
    throw new GatewayError(error.type, error.text, { field: 'account' })
  })
  return { plan: account.plan, models: account.models, ofKey: null }
}

const oneOfTwo = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'plan: an account has its own plan. Give one of `account` and `plan`. Nothing was ordered.',
      zh: 'plan:账户已有自己的套餐。`account` 与 `plan` 只能填一个。未创建任何任务。',
    },
    { field: 'plan', detail: conflictsNow },
  )

const noSuchPlan = (plan: string | null) =>
  new GatewayError(
    'invalid_request',
    {
      en: `plan: tollgate.yaml names no plan ${String(plan)}. Nothing was ordered.`,
      zh: `plan:tollgate.yaml 中没有套餐 ${String(plan)}。未创建任何任务。`,
    },
    { field: 'plan', detail: conflictsNow },
  )
