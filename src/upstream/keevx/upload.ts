// Keevx's figure-resource/upload/file: the multipart request, and what its answer means.
import type { UploadFile, UploadOutcome } from '../adapter.ts'
import type { Clock } from '../../clock.ts'
import type { CallResult } from '../client.ts'
import { answerIn, isKeyTrouble, isSuccess, retryAfterMs } from './answer.ts'
import { refusedReason, tooLargeReason, uploadCodes } from './errors.ts'
import { detailFrom } from './reason.ts'
import { readUploadUrl } from './wire.ts'

export const uploadPath = 'figure-resource/upload/file'

/** The body with its boundary, whole, so that its length is sent and nothing is chunked. */
export async function uploadBody(file: UploadFile): Promise<{ contentType: string; body: Uint8Array }> {
  const form = new FormData()
  form.set('file', new File([new Uint8Array(file.bytes)], file.fileName, { type: file.mediaType }))
  const encoded = new Response(form)
  return { contentType: encoded.headers.get('content-type') ?? '', body: await encoded.bytes() }
}

export function uploadOutcome(result: CallResult, clock: Clock, secrets: readonly string[]): UploadOutcome {
  const answer = answerIn(result, secrets)
  if (!answer) {
    const said = result.kind === 'answer' ? undefined : result.detail
    return { kind: 'unavailable', detail: detailFrom(result.kind, said, secrets) }
  }
  const { status, detail } = answer
  if (status === 429)
    return { kind: 'rate_limited', retryAfterMs: retryAfterMs(answer.headers, clock), detail }
  if (isKeyTrouble(status)) return { kind: 'key_rejected', detail }
  const url = isSuccess(status) ? readUploadUrl(answer.body) : null
  if (url !== null) return { kind: 'stored', url }
  const meaning = answer.envelope ? uploadCodes.get(answer.envelope.code) : undefined
  if (meaning?.kind === 'refused') return { kind: 'refused', reason: meaning.reason, detail }
  if (status === 413) return { kind: 'refused', reason: tooLargeReason, detail }
  // 408 says that the file never arrived whole.
  if (status >= 400 && status < 500 && status !== 408)
    return { kind: 'refused', reason: refusedReason, detail }
  return { kind: 'unavailable', detail }
}
