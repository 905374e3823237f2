// One HTTP call to an upstream: what is asked for, and what became of it.
import type { Readable } from 'node:stream'

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** A stream goes with a `content-length`; it is destroyed when the call ends. */
  readonly body: string | Uint8Array | Readable | null
  /** For the whole call: connecting, sending, and the last byte of the answer. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/**
 * `not_connected`: certainly no byte of the request was sent, whatever the cause. With every other kind, some
 * may have been. `head` is set if a status was already read; `unreadable` is an answer that is too long, or
 * not HTTP.
 */
export type CallResult =
  | ({ readonly kind: 'answer'; readonly body: string } & Head)
  | { readonly kind: 'not_connected'; readonly detail: string }
  | {
      readonly kind: CutKind
      readonly head: Head | null
      readonly detail: string
      /** The part of an uncompressed answer that had arrived, up to the general limit. */
      readonly begun?: string
    }

export type CutKind = 'broken' | 'timed_out' | 'aborted' | 'unreadable'

export interface Client {
  call(call: Call): Promise<CallResult>
  /** Waits for the calls under way, each within its own deadline. */
  close(): Promise<void>
}
