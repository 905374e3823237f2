// Credits that the operator gives to an account or takes away.
import { and, desc, eq } from '../db/drizzle.ts'
import type { Connection, Tx } from '../db/database.ts'
import { creditsMax } from '../db/tables.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import { insertGrant, moveBalance } from './store.ts'
import type { Entry } from './store.ts'

/** The most that an account can hold. */
export { creditsMax } from '../db/tables.ts'

/** Why an entry was made. */
export interface Notes {
  /** Only for the operator. */
  readonly private: string | null
  /** Shown to the customer. */
  readonly public: string | null
}

export const noNotes: Notes = { private: null, public: null }

export interface Grant {
  readonly accountId: string
  /** Whole credits; a negative amount takes them away. */
  readonly amount: number
  readonly notes: Notes
  readonly idempotencyKey: string | null
  readonly nowMs: number
}

export interface Granted {
  readonly balance: number
  readonly entryId: number
  /** The key had been used for the same grant before; nothing was granted again. */
  readonly replayed: boolean
}

/**
 * Throws not_found, insufficient_credits (the balance would fall below zero), invalid_request (it would rise
 * above what an account can hold) and idempotency_mismatch (the key belongs to another grant); then nothing
 * has changed.
 */
export async function grant(tx: Tx, input: Grant): Promise<Granted> {
  const balance = await move(tx, input, input.amount)
  // A repeated grant may be refused now although the first one succeeded.
  if (balance === null) return (await findGrant(tx, input)) ?? fail(await refusal(tx, input))
  const entryId = await insertGrant(tx, {
    accountId: input.accountId,
    kind: input.amount > 0 ? 'grant' : 'adjust',
    amount: input.amount,
    balanceAfter: balance,
    taskId: null,
    privateNote: input.notes.private,
    publicNote: input.notes.public,
    idempotencyKey: input.idempotencyKey,
    createdAt: input.nowMs,
  })
  if (entryId !== null) return { balance, entryId, replayed: false }
  await move(tx, input, -input.amount)
  return (await findGrant(tx, input)) ?? fail(new Error(`a grant to ${input.accountId} was not written`))
}

const move = async (tx: Tx, { accountId }: Grant, amount: number): Promise<number | null> =>
  await moveBalance(tx, { accountId, amount, tasksOpen: 0, creditsOpen: 0 })

function fail(error: Error): never {
  throw error
}

/** The earlier grant with this key; null if there is none. Throws idempotency_mismatch. */
async function findGrant(tx: Tx, input: Grant): Promise<Granted | null> {
  const { entries } = tx.tables
  if (input.idempotencyKey === null) return null
  const [entry] = await tx
    .select()
    .from(entries)
    .where(and(eq(entries.accountId, input.accountId), eq(entries.idempotencyKey, input.idempotencyKey)))
  if (!entry) return null
  if (!isSameGrant(entry, input)) {
    throw new GatewayError(
      'idempotency_mismatch',
      {
        en: 'This idempotency_key was used for another grant. Nothing was changed. Use a new key.',
        zh: '该 idempotency_key 已用于另一笔积分变更。未作任何改动。请换一个新的。',
      },
      { field: 'idempotency_key' },
    )
  }
  return { balance: entry.balanceAfter, entryId: entry.id, replayed: true }
}

function isSameGrant(entry: Pick<Entry, 'amount' | 'privateNote' | 'publicNote'>, input: Grant): boolean {
  const { notes, amount } = input
  return entry.amount === amount && entry.privateNote === notes.private && entry.publicNote === notes.public
}

async function refusal(tx: Tx, input: Grant): Promise<GatewayError> {
  const { accounts } = tx.tables
  const [account] = await tx.select().from(accounts).where(eq(accounts.id, input.accountId))
  if (!account) {
    return new GatewayError(
      'not_found',
      { en: 'There is no account with this id.', zh: '没有这个 id 的账户。' },
      { field: 'id' },
    )
  }
  if (input.amount > 0) {
    const { balance, creditsOpen } = account
    return new GatewayError(
      'invalid_request',
      {
        en: `The account has ${balance} credits, and ${creditsOpen} in tasks that have not ended; with ${input.amount} more it would have more than ${creditsMax}, the most that an account can hold. Nothing was changed.`,
        zh: `账户余额为 ${balance} 积分,未结束任务占用 ${creditsOpen} 积分;再增加 ${input.amount} 将超过账户上限 ${creditsMax}。未作任何改动。`,
      },
      { field: 'amount', detail: conflictsNow },
    )
  }
  return new GatewayError(
    'insufficient_credits',
    {
      en: `The account has ${account.balance} credits, so ${-input.amount} cannot be taken away. Nothing was changed.`,
      zh: `账户余额为 ${account.balance} 积分,无法扣除 ${-input.amount}。未作任何改动。`,
    },
    { field: 'amount' },
  )
}

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
