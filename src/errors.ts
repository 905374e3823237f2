// What can go wrong, in a closed list of types, each with words for the caller in two languages.

/** The only values `error.type` ever takes in an answer. */
export const errorTypes = [
  'unauthorized',
  'invalid_request',
  'unknown_model',
  'insufficient_credits',
  'not_found',
  'idempotency_mismatch',
  'rate_limited',
  'too_many_tasks',
  'too_late',
  'account_suspended',
  'payload_too_large',
  'unsupported_media_type',
  'unavailable',
  'internal',
] as const

export type ErrorType = (typeof errorTypes)[number]

/** One sentence a caller may read, in the languages the gateway speaks. */
export interface Text {
  readonly en: string
  readonly zh: string
}

interface GatewayErrorOptions {
  /** The field of the request that the caller has to change, as a path: `image_urls.0`. */
  field?: string
  /** After how long the same call may succeed. */
  retryAfterMs?: number
  /** What the log should say and the caller should not. */
  detail?: string
  cause?: unknown
}

/** A failure whose words are meant for the caller. Anything else that is thrown is answered as `internal`. */
export class GatewayError extends Error {
  readonly type: ErrorType
  readonly text: Text
  readonly field: string | undefined
  readonly retryAfterMs: number | undefined
  readonly detail: string | undefined

  constructor(type: ErrorType, text: Text, options: GatewayErrorOptions = {}) {
    super(text.en, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'GatewayError'
    this.type = type
    this.text = text
    this.field = options.field
    this.retryAfterMs = options.retryAfterMs
    this.detail = options.detail
  }
}
