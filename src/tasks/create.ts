// A client's order: read, priced, and then stored and charged in one transaction. Keevx is asked later, by a loop.
import type { Caller } from '../accounts/keys.ts'
import type { PricedOrder } from '../catalog/catalog.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { newId } from '../ids.ts'
import { accountSuspended, charge } from '../ledger/charge.ts'
import { insertRequest, insertTask } from './store.ts'

export interface Created {
  readonly requestId: string
  /** One for each output, in order. */
  readonly taskIds: readonly string[]
  /** Credits, for all outputs together. */
  readonly credits: number
}

/**
 * `requestId` is the id of the HTTP request that brought the order: one name for both, for whoever asks for help.
 * Resolves when the tasks and their charges are durably stored.
 * Throws invalid_request, unknown_model, insufficient_credits, too_many_tasks, account_suspended;
 * then nothing was stored and nothing charged. Throws CommitUnknown when nobody can say.
 */
export async function createTasks(
  ctx: Context,
  caller: Caller,
  body: unknown,
  requestId: string,
): Promise<Created> {
  if (caller.status === 'suspended') throw accountSuspended()
  const priced = ctx.catalog.current.parseOrder(body)
  const created = await ctx.db.transaction((tx) => store(ctx, tx, caller, priced, requestId))
  ctx.metrics.tasksCreated.inc({ model: priced.modelId }, created.taskIds.length)
  ctx.metrics.creditsCharged.inc({ model: priced.modelId }, created.credits)
  ctx.wake('dispatch')
  return created
}

async function store(
  ctx: Context,
  tx: Tx,
  caller: Caller,
  priced: PricedOrder,
  requestId: string,
): Promise<Created> {
  const createdAt = ctx.clock.now()
  const { accountId, keyId } = caller
  const { modelId, taskType, upstream, order, creditsEach } = priced
  await insertRequest(tx, {
    id: requestId,
    accountId,
    keyId,
    modelId,
    taskType,
    upstream,
    order: { ...order },
    callbackUrl: priced.callbackUrl,
    createdAt,
  })
  const tasks = Array.from({ length: order.count }, () => ({
    id: newId('task', createdAt),
    credits: creditsEach,
  }))
  for (const task of tasks) {
    await insertTask(tx, {
      ...task,
      requestId,
      accountId,
      modelId,
      taskType,
      upstream,
      operation: order.operation,
      createdAt,
    })
  }
  const tasksInFlightMax = ctx.config.limits.tasksInFlight
  await charge(tx, { accountId, tasks, tasksInFlightMax, nowMs: createdAt })
  return { requestId, taskIds: tasks.map((task) => task.id), credits: priced.creditsTotal }
}
