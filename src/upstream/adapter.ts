// The interface of an upstream: what it can make, how it is called, and what its answers mean.
import type { Readable } from 'node:stream'

/** One paid order to an upstream, in our own terms. It is stored as charged. */
export interface Order {
  /** The adapter's name for the call, as in a route of the catalogue: `image_generate`. */
  readonly operation: string
  /** Fixed by the route: `{ module: 'pro' }`. */
  readonly params: Readonly<Record<string, string>>
  readonly prompt: string
  readonly imageUrls: readonly string[]
  readonly endImageUrl: string | null
  readonly aspectRatio: string
  readonly resolution: string
  readonly durationSeconds: number | null
  readonly generateAudio: boolean | null
  /** How many outputs; each has an upstream task of its own. */
  readonly count: number
}

/** What the upstream's documents allow for one operation with given route parameters. */
export interface Mode {
  readonly taskType: 'image' | 'video'
  readonly countMax: number
  readonly aspectRatios: readonly string[]
  readonly resolutions: readonly string[]
  /** The upstream's own defaults if a request leaves the fields out. */
  readonly defaults: { readonly aspectRatio: string; readonly resolution: string }
  /** The ways in which images can be given; a request fits one of them. */
  readonly shapes: readonly Shape[]
}

export interface Shape {
  readonly name: 'text' | 'start_frame' | 'start_and_end_frame' | 'references'
  readonly images: { readonly min: number; readonly max: number }
  readonly endImage: boolean
  /** Allowed seconds; empty if the output has no duration. The first is the default. */
  readonly durations: readonly number[]
  readonly audio: boolean
}

export interface CallOptions {
  /** The upstream's API key to use. */
  readonly key: string
  readonly signal: AbortSignal
}

export interface SubmitOptions extends CallOptions {
  readonly callbackUrl: string | null
  /** The same for every attempt of one order with one count: for upstreams that take an Idempotency-Key. */
  readonly orderKey: string
}

/**
 * What the answer to a submit means. `detail` is for the log and the operator, `reason` for the customer.
 * Only `accepted` and `unknown` may mean that paid work is under way.
 */
export type SubmitOutcome =
  | {
      readonly kind: 'accepted'
      readonly taskIds: readonly string[]
      /** Number of unread entries of an id list that is longer than anything that was ordered. */
      readonly idsOmitted?: number
      /** The answer was cut off: the missing part may contain more ids of the same order. */
      readonly isCut?: true
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string }
  /**
   * Refused, possibly not by the upstream: a firewall, a proxy, a wrong address. It says nothing about the
   * key.
   */
  | { readonly kind: 'order_trouble'; readonly status: number; readonly detail: string }
  /** `isForeign`: not in the upstream's format, so it may be a firewall's answer to this order. */
  | { readonly kind: 'key_rejected'; readonly detail: string; readonly isForeign?: true }
  /** `isPage`: not in the form of an answer of any API. */
  | {
      readonly kind: 'rate_limited'
      readonly retryAfterMs: number | null
      readonly detail: string
      readonly isPage?: true
    }
  | { readonly kind: 'not_accepted'; readonly detail: string }
  | { readonly kind: 'retry_documented'; readonly detail: string }
  | {
      readonly kind: 'ambiguous'
      /** `redirect`: a redirect that names no work. */
      readonly cause: 'server_error' | 'broken_connection' | 'redirect'
      readonly detail: string
    }
  /** `isForeign`: something other than the upstream answered. */
  | { readonly kind: 'unknown'; readonly detail: string; readonly isForeign?: true }

/** The state of one of the upstream's tasks, as it reports it now. */
export type Observation =
  | { readonly kind: 'pending' }
  | { readonly kind: 'running' }
  | { readonly kind: 'succeeded'; readonly result: UpstreamResult }
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string }
  /** The upstream says that it has no such task; believed only if repeated. */
  | { readonly kind: 'missing'; readonly detail: string }
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number | null; readonly detail: string }
  | { readonly kind: 'key_rejected'; readonly detail: string }
  /** Anything that decides nothing: an outage, garbage, an unknown word, success without a URL. */
  | {
      readonly kind: 'unclear'
      readonly detail: string
      /** Something other than the upstream answered: a proxy, a portal, another API. */
      readonly isForeign?: true
      /** A status from the upstream itself that is not known. */
      readonly isUnknownStatus?: true
      /**
       * The upstream does not know the task, but was queried with another key than the one that ordered it.
       */
      readonly isElsewhere?: true
      /** The upstream reports success, but the file it delivers is not a valid result. */
      readonly isNoResult?: true
    }

export interface UpstreamResult {
  readonly imageUrl: string | null
  readonly videoUrl: string | null
  readonly thumbnailUrl: string | null
  readonly width: number | null
  readonly height: number | null
  readonly durationSeconds: number | null
  /** Where the upstream says until when it keeps the result; else `resultsLastMs` counts. */
  readonly keptUntilMs?: number | null
}

export interface UploadFile {
  /** Called once; the caller must consume or destroy the stream. */
  open(): Readable
  /** The length of the stream. */
  readonly bytes: number
  readonly fileName: string
  readonly mediaType: string
}

export type UploadOutcome =
  | { readonly kind: 'stored'; readonly url: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number | null; readonly detail: string }
  /** Also if the key was refused: an upload says nothing about the key's submits. */
  | { readonly kind: 'unavailable'; readonly detail: string }

/** The task a callback names; its claims about the outcome are not believed. */
export interface CallbackHint {
  readonly operation: string
  readonly upstreamTaskId: string
}

/** No method throws because of an upstream's answer or silence: every outcome is a value. */
export interface Adapter {
  /** How long the upstream keeps a result, counted from when it reports it. */
  readonly resultsLastMs: number
  /** A repeated submit with the same `orderKey` and the same key of ours is the same order. */
  readonly repeatsByKey?: true
  submit(order: Order, options: SubmitOptions): Promise<SubmitOutcome>
  fetch(task: { operation: string; upstreamTaskId: string }, options: CallOptions): Promise<Observation>
  upload(file: UploadFile, options: CallOptions): Promise<UploadOutcome>
  readCallback(body: unknown): CallbackHint | null
  close(): Promise<void>
}
