// Charges an account for new tasks, or says why it cannot; and keeps the charge of a task that succeeded.
import { and, eq, sql } from '../db/drizzle.ts'
import { allOf } from '../db/batched.ts'
import type { Connection, Tx } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import type { Tables } from '../db/tables.ts'
import { GatewayError } from '../errors.ts'
import { insertEntry, moveBalance } from './store.ts'
import type { NewEntry } from './store.ts'

interface Charge {
  readonly accountId: string
  /** The tasks of an order, each with its price in credits. */
  readonly tasks: readonly { readonly id: string; readonly credits: number }[]
  /** How many open tasks an account without a limit of its own may have; null: any number. */
  readonly tasksInFlightMax: number | null
  readonly nowMs: number
}

/** The charges of one transaction: decided one after another, then written together. */
export interface Charges {
  /** Null: the account can pay, also for what was decided before. Otherwise why not; then nothing is taken. */
  decide(charge: Charge): GatewayError | null
  /** One entry per task, one update per account. The tasks must be stored before, in this transaction. */
  write(): Promise<void>
  /** How the balance of each account that was charged has moved. */
  moved(): readonly MovedBalance[]
}

export interface MovedBalance {
  readonly accountId: string
  readonly before: number
  readonly after: number
  /** The threshold of the account; null: as configured. */
  readonly lowBalance: number | null
}

/** Of orders of these accounts. */
export async function openCharges(tx: Tx, accountIds: readonly string[]): Promise<Charges> {
  const purses = new Map<string, Purse>()
  const distinct = [...new Set(accountIds)]
  const found = await allOf(distinct.map(async (accountId) => await purseOf(tx, { accountId })))
  for (const [at, accountId] of distinct.entries()) {
    const [account] = found[at] ?? []
    if (account) purses.set(accountId, { before: account, after: { ...account }, total: 0 })
  }
  const entries: NewEntry[] = []
  return {
    decide(charge) {
      const { accountId, tasks, tasksInFlightMax } = charge
      const total = tasks.reduce((sum, task) => sum + task.credits, 0)
      const purse = purses.get(accountId)
      const refusal = obstacle(purse?.after, { accountId, total, count: tasks.length, tasksInFlightMax })
      if (refusal) return refusal
      if (!purse) throw new Error(`there is no account ${accountId} to be charged`)
      purse.total += total
      purse.after.tasksOpen += tasks.length
      for (const task of tasks) entries.push(entryOf(charge, task, (purse.after.balance -= task.credits)))
      return null
    },
    write: async () => void (await allOf([...writeTaken(tx, purses), ...writeEntries(tx, entries)])),
    moved: () =>
      [...purses].map(([accountId, { before, after }]) => {
        return { accountId, before: before.balance, after: after.balance, lowBalance: before.lowBalance }
      }),
  }
}

/** An account as this transaction found it, and as it is after what was decided. */
interface Purse {
  readonly before: Account
  readonly after: { -readonly [Name in keyof Account]: Account[Name] }
  total: number
}

const entryOf = ({ accountId, nowMs }: Charge, task: Charge['tasks'][number], balanceAfter: number) =>
  ({
    accountId,
    kind: 'charge',
    amount: -task.credits,
    balanceAfter,
    taskId: task.id,
    createdAt: nowMs,
  }) as const

const writeEntries = (tx: Tx, entries: readonly NewEntry[]): Promise<void>[] =>
  entries.map(async (entry) => await insertEntry(tx, entry))

/** The update repeats what was decided as its condition: the ledger relies on no lock alone. */
function writeTaken(tx: Tx, purses: ReadonlyMap<string, Purse>): Promise<void>[] {
  const charged = [...purses].filter(([, { before, after }]) => after.tasksOpen > before.tasksOpen)
  return charged.map(async ([accountId, { before, after, total }]) => {
    const count = after.tasksOpen - before.tasksOpen
    const { balance, tasksOpen } = before
    const [taken] = await take(tx, { accountId, total, count, balance, tasksOpen })
    if (taken?.balance !== after.balance) throw new Error(`${accountId} changed while it was charged`)
  })
}

interface Wanted {
  readonly accountId: string
  /** Credits, for all tasks together. */
  readonly total: number
  readonly count: number
  readonly tasksInFlightMax: number | null
}

/** Throws why it cannot pay, before work with costs of its own that precedes a charge. Only the charge decides. */
export async function expectToCharge(read: Connection, wanted: Wanted): Promise<void> {
  const [account] = await purseOf(read, { ...wanted })
  const reason = obstacle(account, wanted)
  if (reason) throw reason
}

/** The task succeeded: its charge stays, and the account has one open task fewer. */
export async function keepCharge(tx: Tx, task: { accountId: string; credits: number }): Promise<void> {
  const { accountId, credits } = task
  await moveBalance(tx, { accountId, amount: 0, tasksOpen: -1, creditsOpen: -credits })
}

type Account = Pick<
  Tables['accounts']['$inferSelect'],
  'status' | 'balance' | 'tasksOpen' | 'tasksInFlightMax' | 'lowBalance'
>

const purseOf = statement<Account>('charge_purse', (read) => {
  const { accounts } = read.tables
  const { status, balance, tasksOpen, tasksInFlightMax, lowBalance } = accounts
  return read
    .select({ status, balance, tasksOpen, tasksInFlightMax, lowBalance })
    .from(accounts)
    .where(eq(accounts.id, sql.placeholder('accountId')))
    .limit(1)
})

const take = statement<{ balance: number }>(
  'charge_take',
  (tx) => {
    const { accounts } = tx.tables
    const total = sql.placeholder('total')
    return tx
      .update(accounts)
      .set({
        balance: sql`${accounts.balance} - ${total}`,
        tasksOpen: sql`${accounts.tasksOpen} + ${sql.placeholder('count')}`,
        creditsOpen: sql`${accounts.creditsOpen} + ${total}`,
      })
      .where(
        and(
          eq(accounts.id, sql.placeholder('accountId')),
          eq(accounts.status, 'active'),
          eq(accounts.balance, sql.placeholder('balance')),
          eq(accounts.tasksOpen, sql.placeholder('tasksOpen')),
          sql`${accounts.balance} >= ${total}`,
        ),
      )
      .returning({ balance: accounts.balance })
  },
  { row: 'accountId' },
)

function obstacle(account: Account | undefined, wanted: Wanted): GatewayError | null {
  if (account?.status === 'suspended') return accountSuspended()
  const balance = account?.balance ?? 0
  if (balance < wanted.total) return insufficientCredits(wanted.total, balance)
  const open = account?.tasksOpen ?? 0
  const max = account?.tasksInFlightMax ?? wanted.tasksInFlightMax ?? 0
  return max > 0 && open + wanted.count > max ? tooManyTasks(wanted.count, open, max) : null
}

export const accountSuspended = () =>
  new GatewayError('account_suspended', {
    en: 'This account is suspended: it can read but not order. Nothing was charged. Ask your provider why.',
    zh: '该账户已被停用:可以查询,不能下单。未扣除任何积分。请联系您的服务商。',
  })

const insufficientCredits = (needed: number, balance: number) =>
  new GatewayError('insufficient_credits', {
    en: `This request costs ${needed} credits and the account has ${balance}. Nothing was charged. Top up, or ask for less.`,
    zh: `该请求需要 ${needed} 积分,账户余额为 ${balance}。未扣除任何积分。请充值或减少用量。`,
  })

const tooManyTasks = (wanted: number, open: number, max: number) =>
  new GatewayError('too_many_tasks', {
    en: `This request would start ${wanted} tasks; ${open} of at most ${max} are in flight. Nothing was charged. Wait for some to end.`,
    zh: `该请求将创建 ${wanted} 个任务;当前进行中 ${open} 个,上限 ${max} 个。未扣除任何积分。请等待部分任务结束。`,
  })
