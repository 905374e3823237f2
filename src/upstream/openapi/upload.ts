// What the answer to an upload of a file means: POST /files of tollgate's contract.
import type { Clock } from '../../clock.ts'
import { reasons } from '../../reasons.ts'
import type { UploadOutcome } from '../adapter.ts'
import { answerIn, isSuccess, retryAfterMs } from '../answers/answer.ts'
import { detailFrom } from '../answers/reason.ts'
import { membersOf, urlIn } from '../answers/wire.ts'
import type { CallResult } from '../call.ts'
import { openApiRules } from './rules.ts'

export function uploadOutcome(result: CallResult, clock: Clock, secrets: readonly string[]): UploadOutcome {
  const answer = answerIn(result, secrets)
  if (!answer) {
    const said = result.kind === 'answer' ? undefined : result.detail
    return { kind: 'unavailable', detail: detailFrom(result.kind, said, secrets) }
  }
  const { status, envelope, detail } = answer
  const rules = openApiRules(secrets)
  const meaning = rules.meaningOf(answer)
  if (status === 429 || meaning?.kind === 'rate_limited') {
    return { kind: 'rate_limited', retryAfterMs: retryAfterMs(answer, clock), detail }
  }
  const url = isSuccess(status) && envelope ? urlIn(membersOf(envelope.data)?.['url']) : null
  if (url !== null) return { kind: 'stored', url }
  if (meaning?.kind === 'refused' && status < 500) return { kind: 'refused', reason: meaning.reason, detail }
  if (status === 413) return { kind: 'refused', reason: reasons.tooLarge, detail }
  return { kind: 'unavailable', detail }
}
