// Charges an account for new tasks, or says why it cannot; and keeps the charge of a task that succeeded.
import { and, eq, sql } from '../db/drizzle.ts'
import type { Connection, Tx } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import { GatewayError } from '../errors.ts'
import { insertEntry, moveBalance } from './store.ts'

interface Charge {
  readonly accountId: string
  /** The tasks, already stored in this transaction, each with its price in credits. */
  readonly tasks: readonly { readonly id: string; readonly credits: number }[]
  /** How many open tasks an account without a limit of its own may have; null: any number. */
  readonly tasksInFlightMax: number | null
  readonly nowMs: number
}

/** "No limit" in a comparison made by the store. */
const noLimit = Number.MAX_SAFE_INTEGER

/**
 * One entry per task, one update for all. Returns the remaining balance.
 * Throws insufficient_credits, too_many_tasks, account_suspended; then nothing has been taken.
 */
export async function charge(tx: Tx, { accountId, tasks, tasksInFlightMax, nowMs }: Charge): Promise<number> {
  const total = tasks.reduce((sum, task) => sum + task.credits, 0)
  const [taken] = await take(tx, {
    accountId,
    total,
    count: tasks.length,
    tasksInFlightMax: tasksInFlightMax ?? noLimit,
  })
  if (!taken) {
    const wanted = { accountId, total, count: tasks.length, tasksInFlightMax }
    throw (await obstacle(tx, wanted)) ?? new Error(`${accountId} could pay after all, and was not charged`)
  }
  let balanceAfter = taken.balance + total
  for (const { id, credits } of tasks) {
    balanceAfter -= credits
    await insertEntry(tx, {
      accountId,
      kind: 'charge',
      amount: -credits,
      balanceAfter,
      taskId: id,
      createdAt: nowMs,
    })
  }
  return taken.balance
}

interface Wanted {
  readonly accountId: string
  /** Credits, for all tasks together. */
  readonly total: number
  readonly count: number
  readonly tasksInFlightMax: number | null
}

/** Throws like `charge`, before work with costs of its own that precedes a charge. Only `charge` decides. */
export async function expectToCharge(read: Connection, wanted: Wanted): Promise<void> {
  const reason = await obstacle(read, wanted)
  if (reason) throw reason
}

/** The task succeeded: its charge stays, and the account has one open task fewer. */
export async function keepCharge(tx: Tx, task: { accountId: string; credits: number }): Promise<void> {
  const { accountId, credits } = task
  await moveBalance(tx, { accountId, amount: 0, tasksOpen: -1, creditsOpen: -credits })
}

const take = statement<{ balance: number }>('charge_take', (tx) => {
  const { accounts } = tx.tables
  const total = sql.placeholder('total')
  const count = sql.placeholder('count')
  return tx
    .update(accounts)
    .set({
      balance: sql`${accounts.balance} - ${total}`,
      tasksOpen: sql`${accounts.tasksOpen} + ${count}`,
      creditsOpen: sql`${accounts.creditsOpen} + ${total}`,
    })
    .where(
      and(
        eq(accounts.id, sql.placeholder('accountId')),
        eq(accounts.status, 'active'),
        sql`${accounts.balance} >= ${total}`,
        sql`${accounts.tasksOpen} + ${count} <= CASE coalesce(${accounts.tasksInFlightMax}, -1)
          WHEN -1 THEN ${sql.placeholder('tasksInFlightMax')} WHEN 0 THEN ${sql.raw(String(noLimit))}
          ELSE ${accounts.tasksInFlightMax} END`,
      ),
    )
    .returning({ balance: accounts.balance })
})

async function obstacle(connection: Connection, wanted: Wanted): Promise<GatewayError | null> {
  const { accounts } = connection.tables
  const [account] = await connection.select().from(accounts).where(eq(accounts.id, wanted.accountId))
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
