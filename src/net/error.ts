// Errors of requests to untrusted URLs: a closed list of kinds, with messages that contain no secret.

export const outgoingErrorKinds = [
  /** The URL, or an address of its host, is not public; no connection was made. */
  'refused_address',
  /** A redirect that must not be followed, or has no valid location. */
  'redirect',
  /** The whole request, or one wait, took too long. */
  'timeout',
  /** The answer is longer than `maxBytes`. */
  'too_large',
  /** The name has no address, or no address accepts a connection. */
  'connect',
  'tls',
  /** The answer is not HTTP, or broke off. */
  'protocol',
] as const

export type OutgoingErrorKind = (typeof outgoingErrorKinds)[number]

/** The message contains at most the host: no path, no query, no header, and no resolved address. */
export class OutgoingError extends Error {
  readonly kind: OutgoingErrorKind
  /** The answer's HTTP status, if there was an answer. */
  readonly status: number | null

  constructor(kind: OutgoingErrorKind, message: string, status: number | null = null) {
    super(message)
    this.name = 'OutgoingError'
    this.kind = kind
    this.status = status
  }
}

/** Only the code: a library's message may contain addresses. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
