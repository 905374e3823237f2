// What tells an upstream's own answers from those of others, and what its codes mean.
import type { Envelope } from './wire.ts'

export type Meaning =
  | { readonly kind: 'refused'; readonly reason: string }
  /** Its documents say: send it again. */
  | { readonly kind: 'retry' }
  /** The key was refused, or what stands behind it: nothing can be ordered with it. */
  | { readonly kind: 'key' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'rate_limited' }
  /** Paid work may be under way, although the answer names none. */
  | { readonly kind: 'unclear' }
  /** It may be about this order, or about everything; `status` is the HTTP status that says as much. */
  | { readonly kind: 'order_trouble'; readonly status: number }

export interface Said {
  readonly envelope: Envelope | null
  readonly status: number
}

export interface AnswerRules {
  /** What the code of an answer means; undefined: nothing that is documented. */
  meaningOf(said: Said): Meaning | undefined
  /** Whether the answer is in the upstream's own format, not from a proxy, a firewall or another API. */
  isOwn(said: Said): boolean
  claimsSuccess(code: number | null): boolean
}
