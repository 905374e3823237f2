// Why a request to a URL that others named has failed: a closed list of kinds, in words that hold no secret.

export const outgoingErrorKinds = [
  /** The URL, or what its name resolves to, is not public; nothing was connected. */
  'refused_address',
  /** It redirects, and that was not to be followed, or not there. */
  'redirect',
  /** All of it, or one wait, took too long. */
  'timeout',
  /** The answer is longer than was asked for. */
  'too_large',
  /** No address, or nobody who takes a connection there. */
  'connect',
  'tls',
  /** What came back is no HTTP, or broke off. */
  'protocol',
] as const

export type OutgoingErrorKind = (typeof outgoingErrorKinds)[number]

/** Its message names the host at most: no path, no query, no header, and no address that a name resolved to. */
export class OutgoingError extends Error {
  readonly kind: OutgoingErrorKind
  /** HTTP status of the answer, where there was one. */
  readonly status: number | null

  constructor(kind: OutgoingErrorKind, message: string, status: number | null = null) {
    super(message)
    this.name = 'OutgoingError'
    this.kind = kind
    this.status = status
  }
}

/** What a library says besides may name addresses. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
