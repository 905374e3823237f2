// Checks whether an account could order anything with a picture, before a large body is read.
import type { Caller } from '../../accounts/callers.ts'
import { catalogFor } from '../../accounts/offer.ts'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { expectWithinCaps } from '../../ledger/caps/caps.ts'
import { accountSuspended, expectToCharge } from '../../ledger/charge.ts'
import { capsOf } from './caps.ts'
import { hasParkedOrder } from './parked.ts'
import { keysGoneBefore, orderOfKey } from './idempotency.ts'

/**
 * Throws account_suspended, insufficient_credits, credit_cap, too_many_tasks, payload_too_large; then no order of this
 * account with pictures could be accepted. What repeats an earlier order is answered whatever has become of the account
 * since, so its body is read: by its Idempotency-Key, or while a client may take up what it has ordered.
 */
export async function expectPictureOrder(ctx: Context, caller: Caller, key: string | null): Promise<void> {
  const refusal = await refusalOf(ctx, caller)
  if (!refusal || (key === null && (await hasParkedOrder(ctx, caller.accountId)))) return
  if (key === null) throw refusal
  const use = {
    accountId: caller.accountId,
    key,
    bodyHash: '',
    nowMs: ctx.clock.now(),
    goneBefore: keysGoneBefore(ctx),
  }
  // In a transaction, behind a twin that may be taking the last credits right now.
  if (!(await ctx.db.transaction((tx) => orderOfKey(tx, use)))) throw refusal
}

async function refusalOf(ctx: Context, caller: Caller): Promise<GatewayError | null> {
  const { accountId, status } = caller
  if (status === 'suspended') return accountSuspended()
  const total = catalogFor(ctx, caller).cheapestWithImages
  if (total === null) return noPictures()
  try {
    const { tasksInFlight: tasksInFlightMax } = ctx.config.limits
    const wanted = { accountId, total, count: 1, tasksInFlightMax }
    await expectWithinCaps(ctx.db.read, { ...wanted, ...capsOf(ctx, caller) })
    await expectToCharge(ctx.db.read, wanted)
    return null
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return error.type === 'insufficient_credits' ? cannotPay(total) : error
  }
}

const cannotPay = (total: number) =>
  new GatewayError('insufficient_credits', {
    en: `The cheapest order with a picture costs ${total} credits and the account has fewer, so the body was not read. Nothing was charged. Top up first.`,
    zh: `带图片的订单至少需要 ${total} 积分,账户余额不足,因此未读取请求体。未扣除任何积分。请先充值。`,
  })

const noPictures = () =>
  new GatewayError('payload_too_large', {
    en: 'The body is larger than 64 KiB, and no model takes pictures. Nothing was charged.',
    zh: '请求体超过 64 KiB,且没有模型接受图片。未扣除任何积分。',
  })
