// Outcomes of the calls with one key: the last success, and the last error in words that reveal nothing.
import type { CallResult } from '../call.ts'

export interface CallReport {
  readonly lastSuccessAt: number | null
  readonly lastError: { readonly atMs: number; readonly words: string } | null
}

/**
 * Failed connections in a row before the upstream is reported as unreachable: a single failure may be chance.
 */
const unconnectedMax = 3

export class CallLog {
  #lastSuccessAt: number | null = null
  #lastError: CallReport['lastError'] = null
  #unconnected = 0

  note(result: CallResult, nowMs: number): void {
    if (isOurs(result)) return
    this.#unconnected = result.kind === 'not_connected' ? this.#unconnected + 1 : 0
    const words = errorIn(result)
    if (words === null) this.#lastSuccessAt = nowMs
    else this.#lastError = { atMs: nowMs, words }
  }

  /** Whether the last calls failed to connect. */
  get isUnreachable(): boolean {
    return this.#unconnected >= unconnectedMax
  }

  report(): CallReport {
    return { lastSuccessAt: this.#lastSuccessAt, lastError: this.#lastError }
  }
}

/** Given up by us: that says nothing about the other side. */
const isOurs = (result: CallResult): boolean =>
  result.kind === 'aborted' || (result.kind === 'not_connected' && result.detail.startsWith('given up'))

/** Never names hosts, addresses or the answer's text: `/readyz` shows this without authentication. */
function errorIn(result: CallResult): string | null {
  switch (result.kind) {
    case 'answer':
      return result.status < 400 ? null : `it answered HTTP ${result.status}`
    case 'not_connected':
      return unconnectedWords(result.detail)
    case 'timed_out':
      return 'it did not answer in time'
    case 'broken':
      return 'the connection broke before the answer was there'
    case 'unreadable':
      return 'its answer could not be read'
    case 'aborted':
      return null
  }
}

const causes: readonly (readonly [RegExp, string])[] = [
  [/^(ENOTFOUND|EAI_\w+)$/, 'the name of its host is not found (DNS)'],
  [/^ECONNREFUSED$/, 'it refuses connections'],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'no connection came about in time'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN)$/, 'there is no way to its host'],
  [/CERT|TLS|SSL|EPROTO|SIGNED|ALTNAME|SIGNATURE/, 'no secure connection came about (TLS)'],
]

/** `detail` comes from the client: `CODE: message`. */
function unconnectedWords(detail: string): string {
  const code = /^[A-Z][A-Z0-9_]{2,60}(?=:|$)/.exec(detail)?.[0]
  if (code === undefined) return 'no connection came about'
  const words = causes.find(([form]) => form.test(code))?.[1] ?? 'no connection came about'
  return `${words}: ${code}`
}
