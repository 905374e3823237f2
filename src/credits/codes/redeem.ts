// Redeems a code: one conditional update spends it, and the grant is in the same transaction.
import { and, eq, gt, isNull, or } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { GatewayError } from '../../errors.ts'
import { grant } from '../../ledger/grant.ts'
import { balanceOf } from '../../ledger/statement.ts'
import { hashOfCode } from './form.ts'
import { countWrong, waitOf } from './tries.ts'

export interface Redeeming {
  readonly accountId: string
  /** Of the network that it comes from. */
  readonly address: string
  readonly code: string
}

export interface Redeemed {
  readonly credits: number
  readonly balance: number
  /** The account had redeemed it before; nothing was granted again. */
  readonly replayed: boolean
}

type Outcome =
  | { readonly kind: 'redeemed'; readonly redeemed: Redeemed }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'limited'; readonly retryAfterMs: number }

/**
 * The account that redeemed a code is answered again when it repeats it: its first answer may have been lost.
 * To everybody else spent, void, expired and unknown codes are alike. Throws invalid_code and rate_limited.
 */
export async function redeemCode(ctx: Context, asked: Redeeming): Promise<Redeemed> {
  const hash = hashOfCode(asked.code)
  // It guesses nothing, and costs the store nothing.
  if (hash === null) throw invalidCode()
  const nowMs = ctx.clock.now()
  const outcome = await ctx.db.transaction((tx) => tryCode(tx, { ...asked, hash, nowMs }))
  if (outcome.kind === 'limited') throw tooManyWrong(outcome.retryAfterMs)
  if (outcome.kind === 'wrong') throw invalidCode()
  return outcome.redeemed
}

interface Try extends Omit<Redeeming, 'code'> {
  readonly hash: string
  readonly nowMs: number
}

/** A wrong try is counted in the commit that finds it wrong, so nothing is thrown for it in here. */
async function tryCode(tx: Tx, tried: Try): Promise<Outcome> {
  const { accountId, address, hash, nowMs } = tried
  const who = { accountId, address, nowMs }
  // Before the code is looked at: whoever has guessed too often learns nothing, not even by a right guess.
  const retryAfterMs = await waitOf(tx, who)
  if (retryAfterMs !== null) return { kind: 'limited', retryAfterMs }
  const spent = await spend(tx, tried)
  if (spent) {
    const notes = { private: `code ${spent.id} of ${spent.batchId}`, public: spent.prefix }
    const given = { accountId, amount: spent.credits, notes, idempotencyKey: null, nowMs }
    const { balance } = await grant(tx, given)
    return { kind: 'redeemed', redeemed: { credits: spent.credits, balance, replayed: false } }
  }
  const own = await ownCode(tx, { accountId, hash })
  if (!own) {
    await countWrong(tx, who)
    return { kind: 'wrong' }
  }
  const { balance } = await balanceOf(tx, accountId)
  return { kind: 'redeemed', redeemed: { credits: own.credits, balance, replayed: true } }
}

/** Of a hundred that come at once one updates the row. */
async function spend(tx: Tx, { accountId, hash, nowMs }: Try) {
  const { codes } = tx.tables
  const [spent] = await tx
    .update(codes)
    .set({ redeemedBy: accountId, redeemedAt: nowMs })
    .where(
      and(
        eq(codes.hash, hash),
        isNull(codes.redeemedBy),
        isNull(codes.voidedAt),
        or(isNull(codes.expiresAt), gt(codes.expiresAt, nowMs)),
      ),
    )
    .returning()
  return spent ?? null
}

async function ownCode(tx: Tx, { accountId, hash }: Pick<Try, 'accountId' | 'hash'>) {
  const { codes } = tx.tables
  const own = and(eq(codes.hash, hash), eq(codes.redeemedBy, accountId))
  const [code] = await tx.select({ credits: codes.credits }).from(codes).where(own)
  return code ?? null
}

const invalidCode = () =>
  new GatewayError(
    'invalid_code',
    {
      en: 'This code cannot be redeemed: it is unknown, spent, void or expired. Nothing was credited. Look whether it was typed right, or ask whoever sold it.',
      zh: '该兑换码无法使用:不存在、已使用、已作废或已过期。未增加任何积分。请检查输入是否正确,或联系售卖方。',
    },
    { field: 'code' },
  )

const tooManyWrong = (retryAfterMs: number) =>
  new GatewayError(
    'rate_limited',
    {
      en: 'Too many wrong codes. Nothing was looked up or credited. Wait for as long as Retry-After says.',
      zh: '错误的兑换码过多。未查询,也未增加任何积分。请按 Retry-After 指示的时间等待。',
    },
    { retryAfterMs },
  )
