// One answer of an upstream, prepared for interpretation, and its `Retry-After`.
import type { Clock } from '../../clock.ts'
import type { CallResult, Head } from '../call.ts'
import type { AnswerRules } from './rules.ts'
import { shapeOf } from './json.ts'
import { detailFrom } from './reason.ts'
import { readEnvelope, type Envelope } from './wire.ts'

/** A longer pause is an outage or a mistake; one probe an hour burdens no upstream. */
const retryAfterMsMax = 60 * 60 * 1000
/** A page does not come from the upstream, so it cannot know how long to wait. */
const retryAfterMsMaxOfPage = 60 * 1000

export interface Answer extends Head {
  /** False if the body was cut off: then it is unknown what answered. */
  readonly isWhole: boolean
  /** Null if the body is not a JSON object. */
  readonly envelope: Envelope | null
  /** The body, or the part that arrived. */
  readonly text: string
  /** For the log, without secrets. */
  readonly detail: string
  /** Like `detail`, with the answer's value types in place of its words. */
  shape(): string
}

/**
 * The answer, even if cut off: its status is valid without the body, and a success without one has an unknown
 * shape. Null if there is not even a status.
 */
export function answerIn(result: CallResult, secrets: readonly string[]): Answer | null {
  if (result.kind === 'not_connected') return null
  if (result.kind !== 'answer') {
    if (!result.head) return null
    const seen = `HTTP ${result.head.status}, then ${result.kind}`
    const detail = detailFrom(seen, result.detail, secrets)
    return {
      ...result.head,
      isWhole: false,
      envelope: null,
      text: result.begun ?? '',
      detail,
      shape: () => detail,
    }
  }
  const { status, headers, body } = result
  const envelope = readEnvelope(body)
  const code = envelope?.code ?? null
  const seen = code === null ? `HTTP ${status}` : `HTTP ${status}, code ${code}`
  const detailOf = () => detailFrom(seen, code === null ? body : envelope?.msg, secrets)
  return {
    status,
    headers,
    isWhole: true,
    envelope,
    text: body,
    // Built only when needed: not for an accepted order, nor for a task in progress.
    get detail() {
      return detailOf()
    },
    shape: () =>
      envelope ? detailFrom(`${seen}, ${shapeOf(envelope.members)}`, envelope.msg, secrets) : detailOf(),
  }
}

/** Whether something other than the upstream answered. An outage, a limit and a refused key may have any body. */
export function isForeign(answer: Answer, rules: AnswerRules): boolean {
  const { status, isWhole } = answer
  if (!isWhole || status >= 500 || status === 429 || status === 408 || status === 401) return false
  return !rules.isOwn(answer)
}

/**
 * Text that is not a JSON object: not from an API, but from something before one. An empty body may be
 * either.
 */
export function isPage({ envelope, isWhole, text }: Pick<Answer, 'envelope' | 'isWhole' | 'text'>): boolean {
  return isWhole && envelope === null && text.trim() !== ''
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

const httpDatePattern = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * `Retry-After`, in seconds or as a date, which is compared with the answer's `Date` if it has one; null if
 * absent or unreadable.
 */
export function retryAfterMs(answer: Answer, clock: Clock): number | null {
  const { headers } = answer
  const maxMs = isPage(answer) ? retryAfterMsMaxOfPage : retryAfterMsMax
  const text = [headers['retry-after']].flat()[0]?.trim() ?? ''
  let ms = Number.NaN
  if (/^\d+$/.test(text)) ms = Number(text) * 1000
  else if (httpDatePattern.test(text)) ms = Date.parse(text) - saidAtMs(headers, clock)
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), maxMs)
}

function saidAtMs(headers: Head['headers'], clock: Clock): number {
  const text = [headers['date']].flat()[0]?.trim() ?? ''
  return httpDatePattern.test(text) ? Date.parse(text) : clock.now()
}
