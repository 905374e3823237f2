// Refunds what a failed task was charged, exactly once.
import type { Tx } from '../db/database.ts'
import { insertEntry, moveBalance } from './store.ts'

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
