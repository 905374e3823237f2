// Records a closing for the entries of archived tasks: the entries stay, and the closing holds their sums.
import { and, eq, sql } from '../db/drizzle.ts'
import type { Tx } from '../db/database.ts'
import { statement } from '../db/statement.ts'
import { closingEntries } from '../db/tables.ts'
import type { Tables } from '../db/tables.ts'
import type { Entry } from './store.ts'

type ClosedTask = Pick<Tables['tasks']['$inferSelect'], 'id' | 'accountId' | 'credits' | 'state' | 'step'>
type Line = Pick<Entry, 'id' | 'accountId' | 'kind' | 'amount'>

/**
 * Call it in the transaction that removes the tasks. False if the entries of a task contradict it: then
 * nothing is closed, and the tasks must stay, so that the audit still reports them.
 */
export async function closeTasks(tx: Tx, tasks: readonly ClosedTask[]): Promise<boolean> {
  const lines: Line[] = []
  for (const task of tasks) {
    const ofTask = await linesOf(tx, { taskId: task.id })
    const mayBeAgain = task.state === 'succeeded' && ofTask.length > 1
    const again = mayBeAgain ? await chargedAgain(tx, { taskId: task.id }) : []
    if (!addsUp(task, ofTask, again.length)) return false
    lines.push(...ofTask)
  }
  for (const { id, accountId, kind, amount } of lines) {
    const isCharge = kind === 'charge'
    await closingAdd(tx, {
      firstEntry: id - (id % closingEntries),
      accountId,
      charges: isCharge ? 1 : 0,
      charged: isCharge ? -amount : 0,
      refunds: isCharge ? 0 : 1,
      refunded: isCharge ? 0 : amount,
    })
  }
  return true
}

/**
 * One charge equal to the price, and one equal refund if it failed, all of the task's account. A first frame is
 * charged with its order, and has none.
 */
function addsUp(
  { accountId, credits, state, step }: ClosedTask,
  lines: readonly Line[],
  chargedAgain: number,
): boolean {
  if (step === 'first_frame') return lines.length === 0
  const amounts = (kind: Line['kind']) =>
    lines.filter((line) => line.kind === kind).map((line) => line.amount)
  // Of a success it was refunded first, and charged again for its late result by an entry that stays as it is.
  const refunds = state === 'failed' || chargedAgain === 1 ? [credits] : []
  return (
    (state === 'failed' || state === 'succeeded') &&
    lines.every((line) => line.accountId === accountId) &&
    lines.length === 1 + refunds.length &&
    amounts('charge').every((amount) => amount === -credits) &&
    amounts('charge').length === 1 &&
    amounts('refund').every((amount) => amount === credits)
  )
}

const linesOf = statement<Line>('closing_lines', (tx) => {
  const { entries } = tx.tables
  return tx
    .select({ id: entries.id, accountId: entries.accountId, kind: entries.kind, amount: entries.amount })
    .from(entries)
    .where(eq(entries.taskId, sql.placeholder('taskId')))
})

const chargedAgain = statement<Pick<Entry, 'id'>>('closing_charged_again', (tx) => {
  const { entries } = tx.tables
  return tx
    .select({ id: entries.id })
    .from(entries)
    .where(and(eq(entries.forTaskId, sql.placeholder('taskId')), eq(entries.kind, 'recharge')))
})

const closingAdd = statement('closing_add', (tx) => {
  const { closings } = tx.tables
  const counts = {
    charges: sql.placeholder('charges'),
    charged: sql.placeholder('charged'),
    refunds: sql.placeholder('refunds'),
    refunded: sql.placeholder('refunded'),
  }
  const more = (column: keyof typeof counts) => sql`${closings[column]} + ${counts[column]}`
  return tx
    .insert(closings)
    .values({
      firstEntry: sql.placeholder('firstEntry'),
      accountId: sql.placeholder('accountId'),
      ...counts,
    })
    .onConflictDoUpdate({
      target: [closings.firstEntry, closings.accountId],
      set: {
        charges: more('charges'),
        charged: more('charged'),
        refunds: more('refunds'),
        refunded: more('refunded'),
      },
    })
})
