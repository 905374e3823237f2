// What the answer to a submit means: whether paid work is under way, may be, or certainly is not.
import type { SubmitOutcome } from '../adapter.ts'
import type { Clock } from '../../clock.ts'
import type { CallResult } from '../client.ts'
import { answerIn, isKeyTrouble, isSuccess, retryAfterMs, type Answer } from './answer.ts'
import type { Endpoint } from './endpoint.ts'
import { refusedReason, tooLargeReason, type CodeMeaning } from './errors.ts'
import { detailFrom } from './reason.ts'
import { readTaskIds } from './wire.ts'

/** A value for every way in which the call can end; `secrets` are kept out of the details. */
export function submitOutcome(
  result: CallResult,
  endpoint: Endpoint,
  clock: Clock,
  secrets: readonly string[],
): SubmitOutcome {
  if (result.kind === 'not_connected') {
    return { kind: 'not_accepted', detail: detailFrom('not connected', result.detail, secrets) }
  }
  const answer = answerIn(result, secrets)
  if (answer) return judge(answer, endpoint, clock)
  const detail = detailFrom(result.kind, result.kind === 'answer' ? undefined : result.detail, secrets)
  if (result.kind === 'broken') return { kind: 'ambiguous', cause: 'broken_connection', detail }
  return { kind: 'unknown', detail }
}

function judge(answer: Answer, endpoint: Endpoint, clock: Clock): SubmitOutcome {
  const { status, envelope, detail } = answer
  if (status === 429)
    return { kind: 'rate_limited', retryAfterMs: retryAfterMs(answer.headers, clock), detail }
  if (status === 401) return { kind: 'key_rejected', detail }
  if (envelope?.code === 0) {
    const taskIds = readTaskIds(envelope.data)
    // Ids name paid work, whatever the status beside them says: asking again would pay twice.
    if (taskIds.length > 0) return { kind: 'accepted', taskIds }
  } else if (envelope) {
    const meaning = endpoint.codes.get(envelope.code)
    // Beside a 5xx a code is no proof that nothing was made; only the retry that Keevx documents is taken from it.
    if (meaning && (status < 500 || meaning.kind === 'retry')) return outcomeOfCode(meaning, detail)
    if (isSuccess(status)) return { kind: 'refused', reason: refusedReason, detail }
  }
  return outcomeOfStatus(status, detail)
}

function outcomeOfCode(meaning: CodeMeaning, detail: string): SubmitOutcome {
  switch (meaning.kind) {
    case 'retry':
      return { kind: 'retry_documented', detail }
    case 'key':
      return { kind: 'key_rejected', detail }
    case 'refused':
      return { kind: 'refused', reason: meaning.reason, detail }
    case 'missing':
      return { kind: 'refused', reason: refusedReason, detail }
  }
}

/**
 * Where the body says nothing that is known: it has no ids, another shape, or was cut off. With a success that
 * is no mere broken connection: the work was most probably accepted.
 */
function outcomeOfStatus(status: number, detail: string): SubmitOutcome {
  if (isSuccess(status)) return { kind: 'unknown', detail }
  if (isKeyTrouble(status)) return { kind: 'key_rejected', detail }
  // Redirects are not followed. A 303 is a usual answer to an order that was taken, and nobody documents others.
  if (status < 400 || status === 408) return { kind: 'ambiguous', cause: 'server_error', detail }
  if (status === 413) return { kind: 'refused', reason: tooLargeReason, detail }
  if (status < 500) return { kind: 'refused', reason: refusedReason, detail }
  return { kind: 'ambiguous', cause: 'server_error', detail }
}
