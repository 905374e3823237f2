// Stores the request that makes the first frame of an order, in the transaction that stores the order itself.
import type { FirstFrame } from '../../catalog/compose/first-frame.ts'
import type { Tx } from '../../db/database.ts'
import { newId } from '../../ids.ts'
import { insertRequest, insertTask } from '../store.ts'
import type { NewRequest } from '../store.ts'

/** Its credits are charged with the order: the task of the frame itself costs nothing, and nobody is told of it. */
export async function storeFirstFrame(
  tx: Tx,
  { modelId, upstream, order, credits }: FirstFrame,
  of: Pick<NewRequest, 'id' | 'accountId' | 'keyId' | 'createdAt'>,
): Promise<void> {
  const { id: firstFrameOf, accountId, keyId, createdAt } = of
  const common = { accountId, modelId, taskType: 'image', upstream, createdAt } as const
  const id = newId('req', createdAt)
  await insertRequest(tx, {
    ...common,
    id,
    keyId,
    order: { ...order },
    callbackUrl: null,
    callbackForm: null,
    state: 'queued',
    firstFrameOf,
    firstFrameCredits: credits,
  })
  const { operation } = order
  await insertTask(tx, {
    ...common,
    id: newId('task', createdAt),
    requestId: id,
    credits: 0,
    operation,
    step: 'first_frame',
  })
}

/**
 * What each output of an order costs: its own price and its share of the first frame, so that an output that
 * fails or is cancelled brings its share back. The shares add up to the whole.
 */
export function creditsOfOutputs(count: number, each: number, frame: number): number[] {
  const share = Math.floor(frame / count)
  const rest = frame - share * count
  return Array.from({ length: count }, (_, at) => each + share + (at < rest ? 1 : 0))
}
