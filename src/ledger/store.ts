// The ledger's rows: the only place that writes entries, and moves the balances that they add up to.
import { and, eq, sql } from '../db/drizzle.ts'
import { allOf, batched } from '../db/batched.ts'
import type { Connection, Tx } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import { creditsMax } from '../db/tables.ts'
import type { entryKinds } from '../db/tables.ts'
import { erasedAccount } from '../errors.ts'

export type EntryKind = (typeof entryKinds)[number]

/** One immutable signed line of an account's statement. */
export interface Entry {
  readonly id: number
  readonly accountId: string
  readonly kind: EntryKind
  /** Credits; a charge is negative. */
  readonly amount: number
  readonly balanceAfter: number
  readonly taskId: string | null
  /** The task that the operator has corrected by it. */
  readonly forTaskId: string | null
  /** Only for the operator. */
  readonly privateNote: string | null
  /** Shown to the customer. */
  readonly publicNote: string | null
  /** What it changed of the credits that the account owes, and what that led to; null: nothing. */
  readonly owedChange: number | null
  readonly owedAfter: number | null
  /** What was paid for a grant: a decimal number, and its currency. */
  readonly paidAmount: string | null
  readonly paidCurrency: string | null
  readonly createdAt: number
}

/** Optional columns of an entry. */
interface Extras {
  readonly privateNote?: string | null
  readonly publicNote?: string | null
  readonly idempotencyKey?: string | null
}

/** An entry of the hot path. */
export type NewEntry = Pick<
  Entry,
  'accountId' | 'kind' | 'amount' | 'balanceAfter' | 'taskId' | 'createdAt'
> &
  Extras

/** An entry that the operator makes. */
export type NewOwnEntry = NewEntry &
  Partial<Pick<Entry, 'forTaskId' | 'owedChange' | 'owedAfter' | 'paidAmount' | 'paidCurrency'>>

export async function insertEntry(tx: Tx, entry: NewEntry): Promise<void> {
  await entryInsert(tx, { privateNote: null, publicNote: null, idempotencyKey: null, ...entry })
}

const entryInsert = statement('entry_insert', (tx) =>
  tx.insert(tx.tables.entries).values({
    accountId: sql.placeholder('accountId'),
    kind: sql.placeholder('kind'),
    amount: sql.placeholder('amount'),
    balanceAfter: sql.placeholder('balanceAfter'),
    taskId: sql.placeholder('taskId'),
    privateNote: sql.placeholder('privateNote'),
    publicNote: sql.placeholder('publicNote'),
    idempotencyKey: sql.placeholder('idempotencyKey'),
    createdAt: sql.placeholder('createdAt'),
  }),
)

/** Returns its id; null if the account has an entry with its idempotency key (the index decides). */
export async function insertOwnEntry(tx: Tx, entry: NewOwnEntry): Promise<number | null> {
  const { entries } = tx.tables
  const [row] = await tx.insert(entries).values(entry).onConflictDoNothing().returning({ id: entries.id })
  return row?.id ?? null
}

/** False: the key stands for something already, perhaps for this. `null` is always taken. */
export async function takeKey(
  tx: Tx,
  { accountId, idempotencyKey: key }: { readonly accountId: string; readonly idempotencyKey: string | null },
): Promise<boolean> {
  if (key === null) return true
  const { grantKeys } = tx.tables
  const row = { key, accountId }
  const taken = await tx.insert(grantKeys).values(row).onConflictDoNothing().returning({ key: grantKeys.key })
  return taken.length > 0
}

export interface Purse {
  readonly balance: number
  readonly owed: number
  readonly status: 'active' | 'suspended'
  readonly lowBalance: number | null
  readonly erasedAt: number | null
}

/** The same of an account that moves credits still. Throws invalid_request for one that was erased. */
export async function lockOpenPurse(tx: Tx, accountId: string): Promise<Purse | null> {
  const purse = await lockPurse(tx, accountId)
  if (purse && purse.erasedAt !== null) throw erasedAccount()
  return purse
}

/** The account as it is, locked from here on; null if there is none. */
export async function lockPurse(tx: Tx, accountId: string): Promise<Purse | null> {
  const { accounts } = tx.tables
  const { balance, owed, status, lowBalance, erasedAt } = accounts
  const [purse] = await tx
    .update(accounts)
    .set({ balance: sql`${balance}` })
    .where(eq(accounts.id, accountId))
    .returning({ balance, owed, status, lowBalance, erasedAt })
  return purse ?? null
}

interface Move {
  readonly accountId: string
  readonly amount: number
  readonly tasksOpen: number
  readonly creditsOpen: number
}

/**
 * Moves the balance by `amount`, the count of open tasks by `tasksOpen` and their price by `creditsOpen`, if
 * the account exists, the balance stays at or above zero, and its total stays within its bound. Null if not.
 * Relative, so that two moves never overwrite each other; the account's row is locked from here on.
 */
export const moveBalance: (tx: Tx, move: Move) => Promise<number | null> = batched(
  async (tx, moves: readonly Move[]) => {
    const [move] = moves
    if (move && moves.length === 1) return [await moveOnce(tx, move)]
    const balances: (number | null)[] = moves.map(() => null)
    const ofAccount = Map.groupBy(moves.keys(), (at) => moves[at]?.accountId)
    const byAccount = [...ofAccount.values()].map(async (places) => {
      const found = await moveAll(
        tx,
        places.flatMap((at) => moves[at] ?? []),
      )
      for (const [nth, at] of places.entries()) balances[at] = found[nth] ?? null
    })
    await allOf(byAccount)
    return balances
  },
)

const moveOnce = async (tx: Tx, move: Move): Promise<number | null> =>
  (await balanceMove(tx, { ...move }))[0]?.balance ?? null

/** Those of one account, in one update if none of them takes credits: then the balance after each is within bounds. */
async function moveAll(tx: Tx, moves: readonly Move[]): Promise<(number | null)[]> {
  const sum = moves.reduce((total, move) => ({
    accountId: move.accountId,
    amount: total.amount + move.amount,
    tasksOpen: total.tasksOpen + move.tasksOpen,
    creditsOpen: total.creditsOpen + move.creditsOpen,
  }))
  let after = moves.some(({ amount }) => amount < 0) ? null : await moveOnce(tx, sum)
  if (after === null) {
    const balances: (number | null)[] = []
    for (const move of moves) balances.push(await moveOnce(tx, move))
    return balances
  }
  const balances: number[] = []
  for (const { amount } of moves.toReversed()) {
    balances.unshift(after)
    after -= amount
  }
  return balances
}

const balanceMove = statement<{ balance: number }>('balance_move', moveStatement, { row: 'accountId' })

function moveStatement(tx: Connection) {
  const { accounts } = tx.tables
  return tx
    .update(accounts)
    .set({
      balance: sql`${accounts.balance} + ${sql.placeholder('amount')}`,
      tasksOpen: sql`${accounts.tasksOpen} + ${sql.placeholder('tasksOpen')}`,
      creditsOpen: sql`${accounts.creditsOpen} + ${sql.placeholder('creditsOpen')}`,
    })
    .where(
      and(
        eq(accounts.id, sql.placeholder('accountId')),
        sql`${accounts.balance} + ${sql.placeholder('amount')} >= 0`,
        sql`${accounts.balance} + ${accounts.creditsOpen} + ${sql.placeholder('amount')} + ${sql.placeholder('creditsOpen')} <= ${sql.raw(String(creditsMax))}`,
      ),
    )
    .returning({ balance: accounts.balance })
}
