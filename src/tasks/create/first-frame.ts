// Stores the request that makes the first frame of an order, in the transaction that stores the order itself.
import type { FirstFrame } from '../../catalog/compose/first-frame.ts'
import { allOf } from '../../db/batched.ts'
import type { Tx } from '../../db/database.ts'
import { newId } from '../../ids.ts'
import { insertRequest, insertTask } from '../store.ts'
import type { NewRequest } from '../store.ts'

/** Its credits are charged with the order: the task of the frame itself costs nothing, and nobody is told of it. */
export async function storeFirstFrame(
  tx: Tx,
  { modelId, upstream, order, costEach: cost, credits }: FirstFrame,
  of: Pick<NewRequest, 'id' | 'accountId' | 'keyId' | 'createdAt'>,
): Promise<void> {
  const { id: firstFrameOf, accountId, keyId, createdAt } = of
  const common = { accountId, modelId, taskType: 'image', upstream, createdAt } as const
  const id = newId('req', createdAt)
  const request = insertRequest(tx, {
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
  const task = insertTask(tx, {
    ...common,
    id: newId('task', createdAt),
    requestId: id,
    credits: 0,
    operation,
    step: 'first_frame',
    cost,
  })
  await allOf([request, task])
}

/**
 * What each output of an order costs. The first one bears the price of the first frame, and is cancelled last: shares
 * that came back with each cancelled output would leave most of an image unpaid that is made all the same.
 */
export const creditsOfOutputs = (count: number, each: number, frame: number): number[] =>
  Array.from({ length: count }, (_, at) => (at === 0 ? each + frame : each))
