// What the answer to a query says about a task; an unclear answer changes nothing.
import type { Observation } from '../adapter.ts'
import type { Clock } from '../../clock.ts'
import type { CallResult } from '../call.ts'
import { answerIn, isForeign, isSuccess, retryAfterMs, type Answer } from '../answers/answer.ts'
import type { Endpoint } from './endpoint.ts'
import { detailFrom, reasonFrom } from '../answers/reason.ts'
import { claimsSuccess, readTask, type WireTask } from '../answers/wire.ts'

export interface Asked {
  readonly endpoint: Endpoint
  readonly upstreamTaskId: string
  readonly clock: Clock
  /** Removed from details and reasons. */
  readonly secrets: readonly string[]
}

export function observationIn(result: CallResult, asked: Asked): Observation {
  const answer = answerIn(result, asked.secrets)
  if (!answer) {
    const said = result.kind === 'answer' ? undefined : result.detail
    return { kind: 'unclear', detail: detailFrom(result.kind, said, asked.secrets) }
  }
  const { status } = answer
  if (status === 429)
    return {
      kind: 'rate_limited',
      retryAfterMs: retryAfterMs(answer, asked.clock),
      detail: answer.detail,
    }
  if (status === 401) return { kind: 'key_rejected', detail: answer.detail }
  const meaning = asked.endpoint.rules.meaningOf(answer)
  if (meaning?.kind === 'key') return { kind: 'key_rejected', detail: answer.detail }
  // Only Keevx's own code counts: a 404 from a proxy or a wrong address says nothing about the task.
  if (meaning?.kind === 'missing') return { kind: 'missing', detail: answer.detail }
  return observationOfTask(answer, asked)
}

function observationOfTask(answer: Answer, asked: Asked): Observation {
  const task = taskIn(answer, asked.upstreamTaskId)
  if (!task) {
    const foreign = isForeign(answer, asked.endpoint.rules)
    return { kind: 'unclear', detail: answer.shape(), ...(foreign && { isForeign: true }) }
  }
  if (namesAnother(task, asked.upstreamTaskId)) return unclear('an answer about another task', task, asked)
  switch (statusOf(task, answer, asked)) {
    case 'PENDING':
      return { kind: 'pending' }
    // The image page calls it GENERATING, the video page PROCESSING.
    case 'PROCESSING':
    case 'GENERATING':
      return { kind: 'running' }
    case 'SUCCEEDED': {
      const found = asked.endpoint.resultOf(task)
      if (found) return { kind: 'succeeded', result: found }
      return { kind: 'unclear', detail: `success without a URL: ${answer.shape()}` }
    }
    case 'FAILED':
      return {
        kind: 'failed',
        reason: reasonFrom(task.error_message, [...asked.secrets, asked.upstreamTaskId]),
        detail: detailFrom(`${answer.detail}, FAILED`, task.error_message, asked.secrets),
      }
    default:
      return { ...unclear('an unknown status', task, asked), isUnknownStatus: true }
  }
}

/** Other words for SUCCEEDED. */
const successWords: ReadonlySet<string> = new Set([
  'SUCCESS',
  'SUCCEED',
  'COMPLETED',
  'COMPLETE',
  'DONE',
  'FINISHED',
])
/** Other words for FAILED. Not CANCELLED or ERROR: they may be about this query alone, or be temporary. */
const failureWords: ReadonlySet<string> = new Set(['FAIL', 'FAILURE'])

/**
 * Maps a synonym to the documented status. A wrong success is harmless, since its URL is checked anyway, so
 * the URL beside the word is enough; a wrong failure refunds, so it needs everything Keevx documents for one.
 */
function statusOf(task: WireTask, { envelope }: Answer, { endpoint, upstreamTaskId }: Asked): string {
  const hasResult = endpoint.resultOf(task) !== null
  if (successWords.has(task.status) && hasResult) return 'SUCCEEDED'
  const isOwn = envelope?.code === 0 && envelope.msg !== undefined && task.task_id === upstreamTaskId
  const tellsWhy = (task.error_message ?? '').trim() !== ''
  return failureWords.has(task.status) && isOwn && tellsWhy && !hasResult ? 'FAILED' : task.status
}

/**
 * A task beside an error code is ignored; one without any code counts if it names the task that was asked
 * for.
 */
function taskIn({ status, envelope }: Answer, upstreamTaskId: string): WireTask | null {
  const task = isSuccess(status) && envelope ? readTask(envelope) : null
  if (!task || !envelope) return null
  const { code, members } = envelope
  if (claimsSuccess(code)) return task
  return members['code'] === undefined && task.task_id === upstreamTaskId ? task : null
}

/** The id may be missing, empty or null; a different one means that the answer is about another task. */
const namesAnother = ({ task_id: named }: WireTask, upstreamTaskId: string): boolean =>
  named !== null && named !== upstreamTaskId

function unclear(seen: string, task: WireTask, asked: Asked): Extract<Observation, { kind: 'unclear' }> {
  return { kind: 'unclear', detail: detailFrom(seen, task.status, asked.secrets) }
}
