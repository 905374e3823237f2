// An order as a task of kie's API: what its queries and its callbacks hold.
import type { WholeOrder } from '../read/orders.ts'
import { inputOf, outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'

type State = 'waiting' | 'queuing' | 'generating' | 'success' | 'fail'

/** kie tells tasks that wait for it from those that wait at the model's maker. */
function stateOf({ tasks }: WholeOrder, kind: Outcome['kind']): State {
  switch (kind) {
    case 'queued':
      return tasks.every(({ state }) => state === 'queued') ? 'waiting' : 'queuing'
    case 'running':
      return 'generating'
    case 'succeeded':
      return 'success'
    case 'failed':
    case 'cancelled':
      return 'fail'
  }
}

/** `nowMs`: from `expiryTime`. Times are in milliseconds. */
export function kieTask(order: WholeOrder, nowMs: number) {
  const { id, modelId, createdAt, callbackUrl } = order.request
  const { kind, urls, reason, finishedAt, credits } = outcomeOf(order, nowMs)
  const state = stateOf(order, kind)
  return {
    taskId: id,
    model: modelId,
    state,
    // Both are texts that hold JSON.
    param: JSON.stringify({
      model: modelId,
      ...(callbackUrl !== null && { callBackUrl: callbackUrl }),
      input: inputOf(order),
    }),
    resultJson: state === 'success' ? JSON.stringify({ resultUrls: urls }) : '',
    failCode: state === 'fail' ? failedCode : '',
    failMsg: state === 'fail' ? (reason ?? '') : '',
    costTime: finishedAt === null ? null : Math.max(0, finishedAt - createdAt),
    completeTime: finishedAt,
    createTime: createdAt,
    updateTime: finishedAt ?? createdAt,
    creditsConsumed: credits,
  }
}

/** "501: generation failed" in kie's list of codes. */
const failedCode = '501'

export function kieCallback(order: WholeOrder, nowMs: number) {
  const data = kieTask(order, nowMs)
  return data.state === 'success'
    ? { code: 200, msg: 'Playground task completed successfully.', data }
    : { code: Number(failedCode), msg: 'Playground task failed.', data }
}
