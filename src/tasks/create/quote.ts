// Quotes: for ten minutes a create that names one pays no more than the quoted price, even if prices rise.
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Caller } from '../../accounts/callers.ts'
import { catalogFor } from '../../accounts/offer.ts'
import type { PricedOrder } from '../../catalog/catalog.ts'
import type { FirstFrame } from '../../catalog/compose/first-frame.ts'
import { refused } from '../../catalog/refusal.ts'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { withoutInlineImages } from '../../media/uploads/inline.ts'
import { keyForSealing } from '../../webhooks/signing/secrets.ts'

export const quoteMinutes = 10

export interface Quote {
  /** Credits for all outputs. */
  readonly credits: number
  /** What of them is for a first frame; null if none would be made. */
  readonly firstFrame: Pick<FirstFrame, 'modelId' | 'credits'> | null
  /** Null if no quote can be signed at the moment: the price is known, but not promised. */
  readonly promise: { readonly quoteId: string; readonly expiresAt: number } | null
}

/**
 * What the body of a create would cost, and until when that price holds. Nothing is stored: the id itself
 * contains the price, signed. Throws like `createTasks` if the body is at fault.
 */
export async function quoteOrder(ctx: Context, caller: Caller, body: unknown): Promise<Quote> {
  const { accountId } = caller
  const priced = catalogFor(ctx, caller).parseOrder(withoutInlineImages(body))
  const expiresAt = ctx.clock.now() + quoteMinutes * 60_000
  const { creditsTotal: credits, firstFrame } = priced
  const agreed = pricesOf(priced)
  const key = await signingKey(ctx).catch(() => null)
  if (!key) return { credits, firstFrame, promise: null }
  const mark = signature(key, { accountId, priced, agreed, expiresAt })
  const prices = agreed.frame === null ? [agreed.each] : [agreed.each, agreed.frame]
  const quoteId = ['quote', ...[expiresAt, ...prices].map((number) => number.toString(36)), mark].join('_')
  return { credits, firstFrame, promise: { quoteId, expiresAt } }
}

/**
 * The order at the quoted price, if it names a quote, and never above its `max_credits`. If the price has
 * fallen since the quote, the lower one holds. Throws invalid_request with the field at fault; nothing was
 * charged then.
 */
export function agreedPrice(
  ctx: Context,
  accountId: string,
  priced: PricedOrder,
): PricedOrder | Promise<PricedOrder> {
  const { quoteId } = priced
  // Synchronous without a quote: no twin may overtake the order, because twins queue behind it for the store.
  if (quoteId === null) return atMost(priced, pricesOf(priced))
  return quotedPrices(ctx, quoteId, { accountId, priced }).then((quoted) => atMost(priced, quoted))
}

/** Credits of one output, and of the first frame; null: the order needs none. */
interface Prices {
  readonly each: number
  readonly frame: number | null
}

const pricesOf = ({ creditsEach, firstFrame }: PricedOrder): Prices => ({
  each: creditsEach,
  frame: firstFrame?.credits ?? null,
})

function atMost(priced: PricedOrder, quoted: Prices): PricedOrder {
  const creditsEach = Math.min(quoted.each, priced.creditsEach)
  const frame = priced.firstFrame
  const firstFrame = frame && { ...frame, credits: Math.min(quoted.frame ?? frame.credits, frame.credits) }
  const creditsTotal = creditsEach * priced.order.count + (firstFrame?.credits ?? 0)
  if (priced.maxCredits !== null && creditsTotal > priced.maxCredits) {
    throw costsMore(creditsTotal, priced.maxCredits)
  }
  return { ...priced, firstFrame, creditsEach, creditsTotal }
}

async function quotedPrices(
  ctx: Context,
  quoteId: string,
  asked: Pick<Terms, 'accountId' | 'priced'>,
): Promise<Prices> {
  const [, expires = '', each = '', frame = null, mark = ''] = form.exec(quoteId) ?? []
  const agreed = { each: parseInt(each, 36), frame: frame === null ? null : parseInt(frame, 36) }
  const terms = { ...asked, agreed, expiresAt: parseInt(expires, 36) }
  if (mark === '' || !isSame(mark, signature(await signingKey(ctx), terms))) throw notThisOrder()
  if (ctx.clock.now() >= terms.expiresAt) throw expired()
  if (asked.priced.firstFrame && agreed.frame === null) throw notWithFrame()
  return agreed
}

const form = /^quote_([0-9a-z]{1,10})_([0-9a-z]{1,10})(?:_([0-9a-z]{1,10}))?_([A-Za-z0-9_-]{32})$/

interface Terms {
  readonly accountId: string
  readonly priced: PricedOrder
  readonly agreed: Prices
  readonly expiresAt: number
}

/** Covers all that the price depends on: not prompts, pictures, or the route, which a reload may change. */
function signature(key: Buffer, { accountId, priced, agreed, expiresAt }: Terms): string {
  const { aspectRatio, resolution, durationSeconds, generateAudio, count } = priced.order
  const parameters = [aspectRatio, resolution, durationSeconds, generateAudio, count]
  // An order of one step signs as it always did, so that quotes outlive an update.
  const prices = agreed.frame === null ? [agreed.each] : [agreed.each, 'first_frame', agreed.frame]
  const signed = JSON.stringify([accountId, priced.modelId, ...parameters, ...prices, expiresAt])
  return createHmac('sha256', key).update(signed).digest().subarray(0, markBytes).toString('base64url')
}

/** 192 bits; 32 characters. */
const markBytes = 24

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

/** Derived from the key file beside the store, so that a quote survives a restart. */
async function signingKey(ctx: Context): Promise<Buffer> {
  try {
    return Buffer.from(hkdfSync('sha256', await keyForSealing(ctx), '', 'quote', 32))
  } catch (error) {
    ctx.log.error({ err: error }, 'no quote can be signed or checked')
    throw new GatewayError('unavailable', unavailable, { retryAfterMs: 60_000, cause: error })
  }
}

const unavailable = {
  en: 'Quotes cannot be made or checked at the moment. Nothing was ordered or charged. Order without quote_id; max_credits bounds what is charged. The operator has to look at the log.',
  zh: '当前无法生成或核对报价。未创建任务,也未扣除积分。请不带 quote_id 下单,可用 max_credits 限制扣费上限。请联系运营方查看日志。',
}

const costsMore = (credits: number, max: number) =>
  refused(
    'max_credits',
    `the order costs ${credits} credits, and at most ${max} may be charged. Nothing was ordered or charged`,
    `该订单需要 ${credits} 积分,而最多允许扣除 ${max} 积分。未创建任务,也未扣除积分`,
  )

const notThisOrder = () =>
  refused(
    'quote_id',
    'is no quote for this order: it names another model, another resolution, aspect ratio, duration, sound or count, or is another account’s. Nothing was ordered or charged. POST /api/v1/quote gives a new one',
    '不是该订单的报价:模型、分辨率、宽高比、时长、音频或数量不同,或属于其他账户。未创建任务,也未扣除积分。可通过 POST /api/v1/quote 获取新报价',
  )

const notWithFrame = () =>
  refused(
    'quote_id',
    'is a quote for an order with images; without images this model makes a first frame, which costs more. Nothing was ordered or charged. POST /api/v1/quote gives a new one',
    '是带图片订单的报价;没有图片时该模型会先生成首帧,价格更高。未创建任务,也未扣除积分。可通过 POST /api/v1/quote 获取新报价',
  )

const expired = () =>
  refused(
    'quote_id',
    `this quote has expired; one holds for ${quoteMinutes} minutes. Nothing was ordered or charged. POST /api/v1/quote gives a new one`,
    `该报价已过期;报价有效期为 ${quoteMinutes} 分钟。未创建任务,也未扣除积分。可通过 POST /api/v1/quote 获取新报价`,
  )
