// The closed list of error types, each with a text for the caller in two languages.

/** The only values of `error.type` in an answer. */
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
  'credit_cap',
  'invalid_code',
  'account_suspended',
  'forbidden_address',
  'payload_too_large',
  'unsupported_media_type',
  'unavailable',
  'internal',
] as const

export type ErrorType = (typeof errorTypes)[number]

/** One sentence for the caller, in the gateway's languages. */
export interface Text {
  readonly en: string
  readonly zh: string
}

/**
 * As `detail` of an invalid_request: its values are legal, and would do at another time or of another balance.
 */
export const conflictsNow = 'conflicts with how things stand'

interface GatewayErrorOptions {
  /** The request field to change, as a path: `image_urls.0`. */
  field?: string
  /** After how long the same call may succeed. */
  retryAfterMs?: number
  /** Detail for the log, not for the caller. */
  detail?: string
  cause?: unknown
  /** Where credits are bought: fields beside the type, where a surface has a place for them. */
  buy?: Buy
}

export interface Buy {
  readonly buy_url?: string
  readonly buy_text?: string
}

/** A failure with a message for the caller. Anything else that is thrown is answered as `internal`. */
export class GatewayError extends Error {
  readonly type: ErrorType
  readonly text: Text
  readonly field: string | undefined
  readonly retryAfterMs: number | undefined
  readonly detail: string | undefined
  readonly buy: Buy | undefined

  constructor(type: ErrorType, text: Text, options: GatewayErrorOptions = {}) {
    super(text.en, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'GatewayError'
    this.type = type
    this.text = text
    this.field = options.field
    this.retryAfterMs = options.retryAfterMs
    this.detail = options.detail
    this.buy = options.buy
  }
}

/** For whatever an operator does with an account that is no more. */
export const erasedAccount = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'This account was erased, and that is for ever. Nothing was changed. Make another account.',
      zh: '该账户已被清除,且无法恢复。未作任何改动。请新建账户。',
    },
    { field: 'id', detail: conflictsNow },
  )
