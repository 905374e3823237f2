// Scripted answers that replace the normal one: failures, delays, wrong ids.

export type ScriptedEndpoint = 'submit' | 'query' | 'upload'

export type ScriptedAnswer =
  /** Sent verbatim for any request; nothing is accepted. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
      readonly contentType?: string
    }
  /** The connection is reset once the request is read; nothing is accepted. */
  | { readonly kind: 'reset' }
  /** The work is accepted as paid, and the connection reset instead of an answer. */
  | { readonly kind: 'reset_after_accept' }
  /** Nothing is accepted and nothing is ever answered. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'hang_after_accept' }
  /** Real milliseconds, independent of the clock; the work counts even if the client is gone. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The work is accepted at once and answered later: a callback may come first. */
  | { readonly kind: 'delay_after_accept'; readonly ms: number }
  /** The work is accepted, and its ids are changed in the answer. */
  | { readonly kind: 'ids'; readonly change: (ids: string[]) => unknown }
  /** The normal answer's `data` is changed. */
  | { readonly kind: 'observe'; readonly change: (data: Record<string, unknown>) => unknown }
  /** The normal answer breaks off in the middle of its body. */
  | { readonly kind: 'truncate' }
  /** A body of that many bytes that starts like an answer; nothing is accepted. */
  | { readonly kind: 'huge'; readonly bytes: number }

/** What a whole Keevx answers now and then to an order. */
export const submitAnswers = {
  tooMany: { kind: 'status', status: 429, body: { code: 429, msg: 'Too many requests' } },
  refused: { kind: 'status', status: 400, body: { code: 100_001, msg: 'Parameter error' } },
  /** Neither ids nor a reason. */
  empty: { kind: 'status', status: 200, body: { code: 0, msg: 'ok', data: {} } },
  cutOff: { kind: 'reset_after_accept' },
} as const satisfies Readonly<Record<string, ScriptedAnswer>>

export interface Script {
  queue(endpoint: ScriptedEndpoint, ...answers: ScriptedAnswer[]): void
  always(endpoint: ScriptedEndpoint, answer: ScriptedAnswer | null): void
  /** Removes and returns the answer for one request; null means the normal behaviour. */
  next(endpoint: ScriptedEndpoint): ScriptedAnswer | null
}

export function createScript(): Script {
  const queues: Record<ScriptedEndpoint, ScriptedAnswer[]> = { submit: [], query: [], upload: [] }
  const standing: Record<ScriptedEndpoint, ScriptedAnswer | null> = {
    submit: null,
    query: null,
    upload: null,
  }
  return {
    queue(endpoint, ...answers) {
      queues[endpoint].push(...answers)
    },
    always(endpoint, answer) {
      standing[endpoint] = answer
    },
    next: (endpoint) => queues[endpoint].shift() ?? standing[endpoint],
  }
}
