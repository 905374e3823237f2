// Refunds: what a failed task was charged, exactly once; what the operator corrects of an ended one; what an erased account loses.
import { and, eq, sql } from '../db/drizzle.ts'
import type { Tx } from '../db/database.ts'
import type { TimedTx } from '../context.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import { otherGrant, payOwed } from './grant.ts'
import type { Paid } from './grant.ts'
import { insertEntry, insertOwnEntry, lockOpenPurse, lockPurse, moveBalance, takeKey } from './store.ts'

/**
 * Called only in the transaction whose update moved the task to `failed`: that update is the first safeguard.
 * The second is the schema: one refund per task, equal to its charge, to the same account.
 */
export async function refund(
  tx: Tx,
  task: { id: string; accountId: string; credits: number },
  nowMs: number,
): Promise<void> {
  const balanceAfter = await moveBalance(tx, {
    accountId: task.accountId,
    amount: task.credits,
    tasksOpen: -1,
    creditsOpen: -task.credits,
  })
  if (balanceAfter === null)
    throw new Error(`no account ${task.accountId} to give task ${task.id}'s credits to`)
  await insertEntry(tx, {
    accountId: task.accountId,
    kind: 'refund',
    amount: task.credits,
    balanceAfter,
    taskId: task.id,
    createdAt: nowMs,
  })
}

export interface NetCost {
  readonly accountId: string
  /** What it was charged. */
  readonly price: number
  /** What it cost so far: its price, without what came back, and with what was charged again. */
  readonly net: number
}

/**
 * Null if the task was never charged. Its account is locked from here on, so that two corrections come one after
 * another, whoever makes them; the schema refuses what would lead below nothing or above the price all the same.
 */
export async function netCostOf(tx: Tx, taskId: string): Promise<NetCost | null> {
  const { entries } = tx.tables
  const sum = sql<number>`CAST(coalesce(sum(${entries.amount}), 0) AS bigint)`
  const [charge] = await tx
    .select()
    .from(entries)
    .where(and(eq(entries.taskId, taskId), eq(entries.kind, 'charge')))
  if (!charge) return null
  const { accountId, amount } = charge
  await lockOpenPurse(tx, accountId)
  const [automatic] = await tx.select({ sum }).from(entries).where(eq(entries.taskId, taskId))
  const [byHand] = await tx.select({ sum }).from(entries).where(eq(entries.forTaskId, taskId))
  return { accountId, price: -amount, net: -(automatic?.sum ?? 0) - (byHand?.sum ?? 0) }
}

interface Correction {
  readonly accountId: string
  readonly taskId: string
  readonly credits: number
  /** For the operator alone. */
  readonly reason: string
  readonly nowMs: number
  /** Null: it has none. */
  readonly idempotencyKey?: string | null
}

interface Keyed {
  readonly accountId: string
  readonly taskId: string
  /** Null: whatever it was. */
  readonly credits: number | null
  readonly reason: string
  readonly idempotencyKey: string | null
}

/**
 * Takes the key of a refund by hand. Null: it is new. What it stands for already is answered as it was then; throws
 * idempotency_mismatch if that is another refund or a grant.
 */
export async function givenBackBefore(
  tx: Tx,
  { accountId, taskId, credits, reason, idempotencyKey }: Keyed,
): Promise<{ readonly credits: number; readonly balance: number } | null> {
  if (idempotencyKey === null || (await takeKey(tx, { accountId, idempotencyKey }))) return null
  const { entries } = tx.tables
  const [entry] = await tx
    .select()
    .from(entries)
    .where(and(eq(entries.accountId, accountId), eq(entries.idempotencyKey, idempotencyKey)))
  const isSame =
    entry?.kind === 'manual_refund' &&
    entry.forTaskId === taskId &&
    entry.privateNote === reason &&
    (credits === null || entry.amount === credits)
  if (!entry || !isSame) throw otherGrant()
  return { credits: entry.amount, balance: entry.balanceAfter }
}

/** What comes back pays first what the account owes. */
export async function giveBack(tx: Tx, correction: Correction): Promise<Paid> {
  const { accountId, credits, nowMs } = correction
  const balance = await moveBalance(tx, { accountId, amount: credits, tasksOpen: 0, creditsOpen: 0 })
  if (balance === null) throw fullAccount()
  await insertOwnEntry(tx, {
    ...entryOf(correction),
    kind: 'manual_refund',
    amount: credits,
    balanceAfter: balance,
  })
  return await payOwed(tx, { accountId, nowMs })
}

/** Call it before the task is moved: the schema lets a refunded task succeed only if it was charged again. */
export async function chargeAgain(tx: Tx, correction: Correction): Promise<Taken> {
  const { accountId, credits } = correction
  const purse = await lockOpenPurse(tx, accountId)
  const balance = await moveBalance(tx, { accountId, amount: -credits, tasksOpen: 0, creditsOpen: 0 })
  if (!purse || balance === null) throw cannotPay(credits)
  await insertOwnEntry(tx, {
    ...entryOf(correction),
    kind: 'recharge',
    amount: -credits,
    balanceAfter: balance,
  })
  return { balance, before: purse.balance, lowBalance: purse.lowBalance }
}

export interface Taken {
  readonly balance: number
  /** What it was before. */
  readonly before: number
  /** The threshold of the account; null: as configured. */
  readonly lowBalance: number | null
}

const entryOf = ({ accountId, taskId, reason, nowMs, idempotencyKey = null }: Correction) => ({
  accountId,
  taskId: null,
  forTaskId: taskId,
  privateNote: reason,
  idempotencyKey,
  createdAt: nowMs,
})

const fullAccount = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'With these credits the account would have more than an account can hold. Nothing was changed.',
      zh: '退还后该账户将超过积分上限。未作任何改动。',
    },
    { field: 'credits', detail: conflictsNow },
  )

const cannotPay = (credits: number) =>
  new GatewayError('insufficient_credits', {
    en: `The account has fewer than the ${credits} credits that it would be charged again. Nothing was changed. Grant credits first, or keep the refund.`,
    zh: `该账户余额不足以再次扣除 ${credits} 积分。未作任何改动。请先充值,或保留退款。`,
  })

export interface Forfeited {
  /** Credits that it had. */
  readonly balance: number
  /** Credits that it owed, and nobody pays. */
  readonly owed: number
}

/** Afterwards it has nothing and owes nothing; every entry says what it did. */
export async function forfeit({ tx, nowMs }: TimedTx, accountId: string): Promise<Forfeited> {
  const given = { accountId, nowMs }
  await payOwed(tx, given)
  const purse = await lockPurse(tx, accountId)
  if (!purse) throw new Error(`there is no account ${accountId} that could lose anything`)
  const { balance, owed } = purse
  // What is owed is paid from our own pocket: only a repayment lowers it.
  if (owed > 0) {
    await moveBy(tx, { accountId, kind: 'grant', amount: owed, nowMs })
    await payOwed(tx, given)
  }
  if (balance > 0) await moveBy(tx, { accountId, kind: 'adjust', amount: -balance, nowMs })
  return { balance, owed }
}

/** From here on no charge, grant or refund of the account comes between. */
export async function lockAccount(tx: Tx, accountId: string): Promise<void> {
  await lockPurse(tx, accountId)
}

interface Moved {
  readonly accountId: string
  readonly kind: 'grant' | 'adjust'
  readonly amount: number
  readonly nowMs: number
}

async function moveBy(tx: Tx, { accountId, kind, amount, nowMs }: Moved): Promise<void> {
  const balanceAfter = await moveBalance(tx, { accountId, amount, tasksOpen: 0, creditsOpen: 0 })
  if (balanceAfter === null) throw new Error(`${accountId} changed while its credits were written off`)
  await insertOwnEntry(tx, { accountId, kind, amount, balanceAfter, taskId: null, createdAt: nowMs })
}
