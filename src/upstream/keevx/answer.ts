// An answer of Keevx with all that is needed to judge it, and how long it asks us to wait.
import type { Clock } from '../../clock.ts'
import type { CallResult, Head } from '../client.ts'
import { detailFrom } from './reason.ts'
import { readEnvelope, type Envelope } from './wire.ts'

/** Beyond this a pause is an outage or a slip; a probe an hour is no burden to anyone. */
const retryAfterMsMax = 60 * 60 * 1000

export interface Answer extends Head {
  /** Null where the body is not of Keevx's shape. */
  readonly envelope: Envelope | null
  readonly body: string
  /** For the log, without secrets. */
  readonly detail: string
}

/**
 * The answer, be it cut off: what its status says stands without its body, and a success without one is of no
 * known shape. Null where there is not even a status.
 */
export function answerIn(result: CallResult, secrets: readonly string[]): Answer | null {
  if (result.kind === 'not_connected') return null
  if (result.kind !== 'answer') {
    if (!result.head) return null
    const seen = `HTTP ${result.head.status}, then ${result.kind}`
    return { ...result.head, envelope: null, body: '', detail: detailFrom(seen, result.detail, secrets) }
  }
  const { status, headers, body } = result
  const envelope = readEnvelope(body)
  const seen = envelope ? `HTTP ${status}, code ${envelope.code}` : `HTTP ${status}`
  return {
    status,
    headers,
    envelope,
    body,
    detail: detailFrom(seen, envelope ? envelope.msg : body, secrets),
  }
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/** Unauthorized; payment required; forbidden: the key's trouble and not the request's. */
export function isKeyTrouble(status: number): boolean {
  return status === 401 || status === 402 || status === 403
}

const httpDatePattern = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** `Retry-After`, in seconds or as a date; null where there is none that can be read. */
export function retryAfterMs(headers: Head['headers'], clock: Clock): number | null {
  const text = [headers['retry-after']].flat()[0]?.trim() ?? ''
  let ms = Number.NaN
  if (/^\d+$/.test(text)) ms = Number(text) * 1000
  else if (httpDatePattern.test(text)) ms = Date.parse(text) - clock.now()
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), retryAfterMsMax)
}
