// A create that bears an Idempotency-Key: the first orders and is charged, all after it hear the answer of the first.
import type { Caller } from '../../accounts/keys.ts'
import type { Context } from '../../context.ts'
import type { Tx } from '../../db/database.ts'
import { GatewayError } from '../../errors.ts'
import { hashOfBody } from './body-hash.ts'
import { createTasks, storeOrder } from './create.ts'
import type { Created, NewOrder } from './create.ts'
import { keysGoneBefore, orderOfKey, takeKey } from './idempotency.ts'
import type { Earlier, KeyUse } from './idempotency.ts'

/**
 * As `createTasks`, once for each key of an account; `replayed` where an earlier request had ordered, whatever has
 * become since of the balance, the limits, the catalogue, the account and the tasks.
 * Throws idempotency_mismatch where that one had another body. What is refused leaves the key free.
 */
export async function createTasksOnce(
  ctx: Context,
  caller: Caller,
  body: unknown,
  requestId: string,
  key: string,
): Promise<Created & { readonly replayed: boolean }> {
  const use = {
    accountId: caller.accountId,
    key,
    bodyHash: await hashOfBody(body),
    nowMs: ctx.clock.now(),
    goneBefore: keysGoneBefore(ctx),
  }
  const earlier = await orderOfKey(ctx.db.read, use)
  if (earlier) return replay(earlier, use)
  const created = await createTasks(ctx, caller, body, requestId, (order) =>
    ctx.db.transaction((tx) => storeOnce(tx, order, use)),
  ).catch((refusal: unknown) => twinOf(ctx, use, refusal))
  return 'bodyHash' in created ? replay(created, use) : { ...created, replayed: false }
}

/** The key, request, tasks and charges, in one transaction; or what the twin made of them who was first. */
async function storeOnce(tx: Tx, order: NewOrder, use: KeyUse): Promise<Created | Earlier> {
  const twin = await orderOfKey(tx, use)
  if (twin) return twin
  const created = await storeOrder(tx, order)
  await takeKey(tx, use, order.requestId)
  return created
}

/**
 * A twin may have been let in before whatever this one is refused for came about, and be on its way into the store
 * still. "Nothing was charged" would then be wrong: so in line behind it, we look again.
 */
async function twinOf(ctx: Context, use: KeyUse, refusal: unknown): Promise<Earlier> {
  if (!(refusal instanceof GatewayError)) throw refusal
  const twin = await ctx.db.transaction((tx) => orderOfKey(tx, use))
  if (!twin) throw refusal
  return twin
}

function replay({ bodyHash, ...created }: Earlier, use: KeyUse): Created & { replayed: true } {
  if (bodyHash !== use.bodyHash) throw mismatch()
  return { ...created, replayed: true }
}

const mismatch = () =>
  new GatewayError(
    'idempotency_mismatch',
    {
      en: 'Idempotency-Key: this key stands for an earlier request with another body. Nothing was charged for this one. Send the earlier body to have its answer again, or a new key to order something else.',
      zh: 'Idempotency-Key:该键已用于请求体不同的较早请求。本次未扣除任何积分。如需取得较早请求的结果,请发送原请求体;如需新建任务,请换一个新的键。',
    },
    { field: 'Idempotency-Key' },
  )
