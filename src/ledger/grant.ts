// Credits that the operator gives to an account or takes away.
import { and, asc, desc, eq, gt } from '../db/drizzle.ts'
import type { Connection, Tx } from '../db/database.ts'
import { creditsMax } from '../db/tables.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import { insertOwnEntry, lockOpenPurse, lockPurse, moveBalance, takeKey } from './store.ts'
import type { Entry, Purse } from './store.ts'

/** The most that an account can hold. */
export { creditsMax, currencyCode, decimalAmount } from '../db/tables.ts'

/** Why an entry was made. */
export interface Notes {
  /** Only for the operator. */
  readonly private: string | null
  /** Shown to the customer. */
  readonly public: string | null
}

export const noNotes: Notes = { private: null, public: null }

/** What was paid for credits, in money: `amount` is a decimal number. */
export interface Payment {
  readonly amount: string
  readonly currency: string
}

export interface Grant {
  readonly accountId: string
  /** Whole credits; a negative amount takes them away. */
  readonly amount: number
  readonly notes: Notes
  readonly paid?: Payment | null
  readonly idempotencyKey: string | null
  readonly nowMs: number
}

export interface Granted {
  readonly balance: number
  /** Credits that were taken back and had been spent already. */
  readonly owed: number
  readonly entryId: number
  /** The key had been used for the same grant before; nothing was granted again. */
  readonly replayed: boolean
}

/**
 * What is given pays first what the account owes. What is taken beyond the balance is owed, and the account is
 * suspended. Throws not_found, invalid_request (more than an account can hold, or owe) and idempotency_mismatch
 * (the key belongs to another grant, of any account); then nothing has changed.
 */
export async function grant(tx: Tx, input: Grant): Promise<Granted> {
  const purse = await lockOpenPurse(tx, input.accountId)
  if (!purse) throw noSuchAccount()
  // A repeated grant may be refused now although the first one succeeded.
  if (!(await takeKey(tx, input))) return (await findGrant(tx, input)) ?? fail(otherGrant())
  return input.amount > 0 ? await give(tx, input, purse) : await takeBack(tx, input, purse)
}

async function give(tx: Tx, input: Grant, purse: Purse): Promise<Granted> {
  const { accountId, amount, nowMs } = input
  const balanceAfter = await move(tx, accountId, amount)
  if (balanceAfter === null) throw await tooMuch(tx, input)
  const entryId = await insertOwnEntry(tx, { ...entryOf(input), kind: 'grant', amount, balanceAfter })
  if (entryId === null) return await givenBefore(tx, input, -amount)
  if (purse.owed === 0) return { balance: balanceAfter, owed: 0, entryId, replayed: false }
  return { ...(await payOwed(tx, { accountId, nowMs })), entryId, replayed: false }
}

async function takeBack(tx: Tx, input: Grant, purse: Purse): Promise<Granted> {
  const { accountId } = input
  const taken = Math.min(purse.balance, -input.amount)
  const unpaid = -input.amount - taken
  const owed = purse.owed + unpaid
  if (owed > creditsMax) throw owesTooMuch(purse.owed)
  const balance = await move(tx, accountId, -taken)
  if (balance === null) throw new Error(`${accountId} changed while credits were taken back`)
  const entryId = await insertOwnEntry(tx, {
    ...entryOf(input),
    kind: 'adjust',
    amount: -taken,
    balanceAfter: balance,
    ...(unpaid > 0 && { owedChange: unpaid, owedAfter: owed }),
  })
  if (entryId === null) return await givenBefore(tx, input, taken)
  if (unpaid > 0) await suspend(tx, accountId)
  return { balance, owed, entryId, replayed: false }
}

/** The purse after credits came in. */
export interface Paid {
  readonly balance: number
  readonly owed: number
}

/**
 * Pays what the account owes, as far as its balance goes, by an entry of its own. Call it in the transaction that
 * brought the credits, behind their entry: a repeated grant is answered with what the two led to.
 */
export async function payOwed(
  tx: Tx,
  { accountId, nowMs }: { readonly accountId: string; readonly nowMs: number },
): Promise<Paid> {
  const purse = await lockPurse(tx, accountId)
  if (!purse) throw new Error(`there is no account ${accountId} that could owe anything`)
  const paid = Math.min(purse.balance, purse.owed)
  if (paid === 0) return { balance: purse.balance, owed: purse.owed }
  const balance = await moveBalance(tx, { accountId, amount: -paid, tasksOpen: 0, creditsOpen: 0 })
  if (balance === null) throw new Error(`${accountId} changed while it paid what it owes`)
  const owed = purse.owed - paid
  await insertOwnEntry(tx, {
    accountId,
    kind: 'repayment',
    amount: -paid,
    balanceAfter: balance,
    owedChange: -paid,
    owedAfter: owed,
    taskId: null,
    createdAt: nowMs,
  })
  return { balance, owed }
}

const entryOf = ({ accountId, notes, paid, idempotencyKey, nowMs }: Grant) => ({
  accountId,
  taskId: null,
  privateNote: notes.private,
  publicNote: notes.public,
  paidAmount: paid?.amount ?? null,
  paidCurrency: paid?.currency ?? null,
  idempotencyKey,
  createdAt: nowMs,
})

const move = async (tx: Tx, accountId: string, amount: number): Promise<number | null> =>
  await moveBalance(tx, { accountId, amount, tasksOpen: 0, creditsOpen: 0 })

async function suspend(tx: Tx, accountId: string): Promise<void> {
  const { accounts } = tx.tables
  await tx.update(accounts).set({ status: 'suspended' }).where(eq(accounts.id, accountId))
}

function fail(error: Error): never {
  throw error
}

/** A gateway of the version before, which knows no table of keys, has made the entry: nothing is moved again. */
async function givenBefore(tx: Tx, input: Grant, back: number): Promise<Granted> {
  await move(tx, input.accountId, back)
  return (await findGrant(tx, input)) ?? fail(new Error(`a grant to ${input.accountId} was not written`))
}

/** The account's earlier grant with this key; null if there is none. Throws idempotency_mismatch. */
async function findGrant(tx: Tx, input: Grant): Promise<Granted | null> {
  const { entries } = tx.tables
  if (input.idempotencyKey === null) return null
  const ofAccount = eq(entries.accountId, input.accountId)
  const [entry] = await tx
    .select()
    .from(entries)
    .where(and(ofAccount, eq(entries.idempotencyKey, input.idempotencyKey)))
  if (!entry) return null
  if (!isSameGrant(entry, input)) throw otherGrant()
  const [next] = await tx
    .select()
    .from(entries)
    .where(and(ofAccount, gt(entries.id, entry.id)))
    .orderBy(asc(entries.id))
    .limit(1)
  // What it paid of the account's debt is the entry behind it.
  const last = next?.kind === 'repayment' ? next : entry
  return { balance: last.balanceAfter, owed: last.owedAfter ?? 0, entryId: entry.id, replayed: true }
}

function isSameGrant(
  entry: Pick<
    Entry,
    'kind' | 'amount' | 'owedChange' | 'privateNote' | 'publicNote' | 'paidAmount' | 'paidCurrency'
  >,
  { amount, notes, paid }: Grant,
): boolean {
  return (
    entry.kind === (amount > 0 ? 'grant' : 'adjust') &&
    entry.amount - (entry.owedChange ?? 0) === amount &&
    entry.privateNote === notes.private &&
    entry.publicNote === notes.public &&
    entry.paidAmount === (paid?.amount ?? null) &&
    entry.paidCurrency === (paid?.currency ?? null)
  )
}

/** Also of a refund by hand: keys are unique over both, and over all accounts. */
export const otherGrant = () =>
  new GatewayError(
    'idempotency_mismatch',
    {
      en: 'This idempotency_key was used for another grant or refund. Nothing was changed. Use a new key.',
      zh: '该 idempotency_key 已用于另一笔积分变更。未作任何改动。请换一个新的。',
    },
    { field: 'idempotency_key' },
  )

const noSuchAccount = () =>
  new GatewayError(
    'not_found',
    { en: 'There is no account with this id.', zh: '没有这个 id 的账户。' },
    { field: 'id' },
  )

async function tooMuch(tx: Tx, { accountId, amount }: Grant): Promise<GatewayError> {
  const { accounts } = tx.tables
  const [account] = await tx.select().from(accounts).where(eq(accounts.id, accountId))
  const { balance = 0, creditsOpen = 0 } = account ?? {}
  return new GatewayError(
    'invalid_request',
    {
      en: `The account has ${balance} credits, and ${creditsOpen} in tasks that have not ended; with ${amount} more it would have more than ${creditsMax}, the most that an account can hold. Nothing was changed.`,
      zh: `账户余额为 ${balance} 积分,未结束任务占用 ${creditsOpen} 积分;再增加 ${amount} 将超过账户上限 ${creditsMax}。未作任何改动。`,
    },
    { field: 'amount', detail: conflictsNow },
  )
}

const owesTooMuch = (owed: number) =>
  new GatewayError(
    'invalid_request',
    {
      en: `The account owes ${owed} credits already; with this it would owe more than ${creditsMax}. Nothing was changed.`,
      zh: `该账户已欠 ${owed} 积分;再扣除将超过上限 ${creditsMax}。未作任何改动。`,
    },
    { field: 'amount', detail: conflictsNow },
  )

interface TopUp {
  readonly accountId: string
  /** What it has afterwards, if it had less. */
  readonly credits: number
  /** Not if it was topped up since. */
  readonly sinceMs: number
  readonly nowMs: number
}

/** For a store whose grants are all of this kind. Returns when it was last topped up; null: never. */
export async function topUp(tx: Tx, { accountId, credits, sinceMs, nowMs }: TopUp): Promise<number | null> {
  const last = await lastGrantAt(tx, accountId)
  const missing = credits - (await balanceIn(tx, accountId))
  if (missing <= 0 || (last !== null && last >= sinceMs)) return last
  const notes = { private: null, public: 'play credits' }
  await grant(tx, { accountId, amount: missing, notes, idempotencyKey: null, nowMs })
  return nowMs
}

async function lastGrantAt(read: Connection, accountId: string): Promise<number | null> {
  const { entries } = read.tables
  const [last] = await read
    .select({ at: entries.createdAt })
    .from(entries)
    .where(and(eq(entries.accountId, accountId), eq(entries.kind, 'grant')))
    .orderBy(desc(entries.id))
    .limit(1)
  return last?.at ?? null
}

async function balanceIn(read: Connection, accountId: string): Promise<number> {
  const { accounts } = read.tables
  const [account] = await read
    .select({ balance: accounts.balance })
    .from(accounts)
    .where(eq(accounts.id, accountId))
  return account?.balance ?? 0
}
