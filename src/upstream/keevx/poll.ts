// What the answer to a query says of a task; whatever is not plain decides nothing.
import type { Observation } from '../adapter.ts'
import type { Clock } from '../../clock.ts'
import type { CallResult } from '../client.ts'
import { answerIn, isKeyTrouble, isSuccess, retryAfterMs, type Answer } from './answer.ts'
import type { Endpoint } from './endpoint.ts'
import { detailFrom, reasonFrom } from './reason.ts'
import { readTask, type WireTask } from './wire.ts'

export interface Asked {
  readonly endpoint: Endpoint
  readonly upstreamTaskId: string
  readonly clock: Clock
  /** Kept out of details and reasons. */
  readonly secrets: readonly string[]
}

export function observationIn(result: CallResult, asked: Asked): Observation {
  const answer = answerIn(result, asked.secrets)
  if (!answer) {
    const said = result.kind === 'answer' ? undefined : result.detail
    return { kind: 'unclear', detail: detailFrom(result.kind, said, asked.secrets) }
  }
  const { status, detail } = answer
  if (status === 429)
    return { kind: 'rate_limited', retryAfterMs: retryAfterMs(answer.headers, asked.clock), detail }
  if (isKeyTrouble(status)) return { kind: 'key_rejected', detail }
  const meaning = answer.envelope ? asked.endpoint.codes.get(answer.envelope.code) : undefined
  if (meaning?.kind === 'key') return { kind: 'key_rejected', detail }
  if (meaning?.kind === 'missing' || status === 404) return { kind: 'missing', detail }
  return observationOfTask(answer, asked)
}

function observationOfTask(answer: Answer, asked: Asked): Observation {
  const { status, envelope, detail } = answer
  const task = isSuccess(status) && envelope?.code === 0 ? readTask(envelope.data) : null
  if (!task) return { kind: 'unclear', detail }
  if (namesAnother(task, asked.upstreamTaskId)) return unclear('an answer about another task', task, asked)
  switch (task.status) {
    case 'PENDING':
      return { kind: 'pending' }
    // The image page calls it GENERATING, the video page PROCESSING.
    case 'PROCESSING':
    case 'GENERATING':
      return { kind: 'running' }
    case 'SUCCEEDED': {
      const found = asked.endpoint.resultOf(task)
      return found ? { kind: 'succeeded', result: found } : unclear('success without a URL', task, asked)
    }
    case 'FAILED':
      return {
        kind: 'failed',
        reason: reasonFrom(task.error_message, [...asked.secrets, asked.upstreamTaskId]),
        detail: detailFrom(`${detail}, FAILED`, task.error_message, asked.secrets),
      }
    default:
      return unclear('an unknown status', task, asked)
  }
}

/** The id may be left out, or be empty or null; a different one means that this answer is not ours. */
function namesAnother(task: WireTask, upstreamTaskId: string): boolean {
  const named = task.task_id ?? ''
  return named !== '' && named !== upstreamTaskId
}

function unclear(seen: string, task: WireTask, asked: Asked): Observation {
  return { kind: 'unclear', detail: detailFrom(seen, task.status, asked.secrets) }
}
