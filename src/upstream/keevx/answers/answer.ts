// An answer of Keevx with all that is needed to judge it, and how long it asks us to wait.
import type { Clock } from '../../../clock.ts'
import type { CallResult, Head } from '../../client.ts'
import type { CodeMeaning } from './errors.ts'
import { shapeOf } from './json.ts'
import { detailFrom } from './reason.ts'
import { readEnvelope, type Envelope } from './wire.ts'

/** Beyond this a pause is an outage or a slip; a probe an hour is no burden to anyone. */
const retryAfterMsMax = 60 * 60 * 1000
/** Whoever shows a page is not the upstream, and need not know how long it wants to be left alone. */
const retryAfterMsMaxOfPage = 5 * 60 * 1000

export interface Answer extends Head {
  /** False where the body was cut off, so that nothing can be said of who answered. */
  readonly isWhole: boolean
  /** Null where the body is no JSON object. */
  readonly envelope: Envelope | null
  /** What there is of the body. */
  readonly text: string
  /** For the log, without secrets. */
  readonly detail: string
  /** As `detail`, with the kinds of values that the answer has in place of its words. */
  shape(): string
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
    // Made only where it is shown: not for an order that was taken, nor for a task that is still being made.
    get detail() {
      return detailOf()
    },
    shape: () =>
      envelope ? detailFrom(`${seen}, ${shapeOf(envelope.members)}`, envelope.msg, secrets) : detailOf(),
  }
}

/**
 * Whether Keevx itself speaks, and not a proxy, a firewall or another API before it: by a code of the endpoint's
 * table, or by the documented `code` and `msg`. A 404 whose code repeats HTTP is what any router says of a path.
 */
export function isKeevxOwn(
  { envelope, status }: Pick<Answer, 'envelope' | 'status'>,
  codes: ReadonlyMap<number, CodeMeaning>,
): boolean {
  const code = envelope?.code ?? null
  if (!envelope || code === null) return false
  if (codes.has(code)) return true
  const isOfARouter = status === 404 && code >= httpStatusMin && code <= httpStatusMax
  return envelope.msg !== undefined && !isOfARouter
}

const httpStatusMin = 100
const httpStatusMax = 599

/** The answer of somebody else than Keevx. An outage, a limit and a refused key may have any body. */
export function isForeign(answer: Answer, codes: ReadonlyMap<number, CodeMeaning>): boolean {
  const { status, isWhole } = answer
  if (!isWhole || status >= 500 || status === 429 || status === 408 || status === 401) return false
  return !isKeevxOwn(answer, codes)
}

/** Text that is no JSON object: no answer of any API, but of what stands before one. An empty body may be either's. */
export function isPage({ envelope, isWhole, text }: Pick<Answer, 'envelope' | 'isWhole' | 'text'>): boolean {
  return isWhole && envelope === null && text.trim() !== ''
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

const httpDatePattern = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * `Retry-After`, in seconds or as a date, which is read by the upstream's own clock where the answer tells it;
 * null where there is none that can be read.
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
