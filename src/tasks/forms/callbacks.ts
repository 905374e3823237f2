// Writes the body of a webhook for an order that came by another maker's API: the task as that API shows it now.
import type { Context } from '../../context.ts'
import { expiryTime } from '../../expiry.ts'
import type { Delivery } from '../../webhooks/deliveries.ts'
import { findOrder } from '../read/orders.ts'
import type { WholeOrder } from '../read/orders.ts'
import { viewTask } from '../read/view.ts'
import { taskById } from '../store.ts'
import { keevxCallback } from './keevx.ts'
import { kieCallback } from './kie.ts'
import { predictionOf } from './replicate.ts'

/** Null: it has no form of its own, or its task is not there any more. */
export async function callbackBody(
  ctx: Pick<Context, 'db' | 'clock' | 'time' | 'config'>,
  { form, taskId, accountId }: Pick<Delivery, 'form' | 'taskId' | 'accountId'>,
): Promise<string | null> {
  if (form === null) return null
  const { read } = ctx.db
  const [task] = await taskById(read, { id: taskId })
  if (!task) return null
  const nowMs = expiryTime(ctx)
  if (form === 'keevx') return JSON.stringify(keevxCallback(viewTask(task, nowMs)))
  return JSON.stringify(wholeForms[form](ctx, await findOrder(read, accountId, task.requestId), nowMs))
}

type Whole = (ctx: Pick<Context, 'config'>, order: WholeOrder, nowMs: number) => unknown

const wholeForms: Readonly<Record<'kie' | 'replicate', Whole>> = {
  kie: (_ctx, order, nowMs) => kieCallback(order, nowMs),
  replicate: ({ config }, order, nowMs) => predictionOf(order, { nowMs, origin: config.publicUrl ?? '' }),
}
