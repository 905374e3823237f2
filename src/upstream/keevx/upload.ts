// Keevx's figure-resource/upload/file: what its answer means.
import type { UploadOutcome } from '../adapter.ts'
import type { Clock } from '../../clock.ts'
import type { CallResult } from '../call.ts'
import { answerIn, isSuccess, retryAfterMs } from '../answers/answer.ts'
import { reasons } from '../../reasons.ts'
import { uploadRules } from './errors.ts'
import { detailFrom } from '../answers/reason.ts'
import { readUploadUrl } from '../answers/wire.ts'

export const uploadPath = 'figure-resource/upload/file'

export function uploadOutcome(result: CallResult, clock: Clock, secrets: readonly string[]): UploadOutcome {
  const answer = answerIn(result, secrets)
  if (!answer) {
    const said = result.kind === 'answer' ? undefined : result.detail
    return { kind: 'unavailable', detail: detailFrom(result.kind, said, secrets) }
  }
  const { status, detail } = answer
  if (status === 429) return { kind: 'rate_limited', retryAfterMs: retryAfterMs(answer, clock), detail }
  const { envelope } = answer
  const url = isSuccess(status) && envelope ? readUploadUrl(envelope) : null
  if (url !== null) return { kind: 'stored', url }
  const meaning = uploadRules.meaningOf(answer)
  if (meaning?.kind === 'refused') return { kind: 'refused', reason: meaning.reason, detail }
  if (status === 413) return { kind: 'refused', reason: reasons.tooLarge, detail }
  // Only Keevx itself can refuse a file: an intermediary's or the key's error is not the file's fault.
  const isOfTheFile = status === 400 || status === 404 || status === 415 || status === 422
  if (isOfTheFile && uploadRules.isOwn(answer)) {
    return { kind: 'refused', reason: reasons.refused, detail }
  }
  return { kind: 'unavailable', detail }
}
