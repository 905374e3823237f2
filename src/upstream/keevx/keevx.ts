// The adapter for Keevx: turns orders into its calls, and its answers into outcomes.
import type { Adapter, CallOptions, Order } from '../adapter.ts'
import { reasons } from '../../reasons.ts'
import { systemClock, type Clock } from '../../clock.ts'
import { createClient, type Call, type CallResult, type Client } from '../client.ts'
import type { Endpoint } from './endpoint.ts'
import { imageEndpoint } from './image.ts'
import { keevxMode } from './modes.ts'
import { isOperation } from './operations.ts'
import type { Operation } from './operations.ts'
import { observationIn } from './poll.ts'
import { submitOutcome } from './submit.ts'
import { uploadBody, uploadOutcome, uploadPath } from './upload.ts'
import { videoEndpoint } from './video.ts'
import { readCallback } from './answers/wire.ts'

export interface KeevxSettings {
  /** Including the version: `https://api.keevx.com/v1`. */
  readonly baseUrl: string
  /** Keevx's `source` header, which its pages require of every call. */
  readonly source: string
  readonly submitTimeoutMs: number
  readonly queryTimeoutMs?: number
  readonly uploadTimeoutMs?: number
  /** Only to read a `Retry-After` that is a date. */
  readonly clock?: Clock
  /** Receives the result of each call with a key. */
  readonly onCall?: (key: string, result: CallResult) => void
}

/** A query only reads a table; one that takes longer is repeated at the next poll. */
const queryTimeoutMsDefault = 20_000
/** 20 MB over a slow line. */
const uploadTimeoutMsDefault = 120_000
/** A connection that takes longer would not be useful either. */
const connectTimeoutMsMax = 10_000

/** Keevx's video skill document: seven days; nothing is documented for images. */
const resultsLastMs = 7 * 24 * 60 * 60_000

const endpoints: Readonly<Record<Operation, Endpoint>> = {
  image_generate: imageEndpoint,
  image_to_video: videoEndpoint,
}

const endpointOf = (operation: string): Endpoint | null =>
  isOperation(operation) ? endpoints[operation] : null

export function createKeevxAdapter(settings: KeevxSettings): Adapter {
  const baseUrl = settings.baseUrl.replace(/(?<!\/)\/+$/, '')
  const clock = settings.clock ?? systemClock
  const queryTimeoutMs = settings.queryTimeoutMs ?? queryTimeoutMsDefault
  const uploadTimeoutMs = settings.uploadTimeoutMs ?? uploadTimeoutMsDefault
  const submits = createClient({ reuse: false, connectTimeoutMs: connectTimeoutMs(settings.submitTimeoutMs) })
  const others = createClient({ reuse: true, connectTimeoutMs: connectTimeoutMs(queryTimeoutMs) })

  const callTo = (path: string, options: CallOptions, rest: Partial<Call> & { timeoutMs: number }): Call => ({
    method: 'POST',
    url: `${baseUrl}/${path}`,
    body: null,
    signal: options.signal,
    ...rest,
    headers: { ...headersOf(options.key, settings.source), ...rest.headers },
  })

  const perform = async (client: Client, call: Call, { key }: CallOptions): Promise<CallResult> => {
    const result = await client.call(call)
    settings.onCall?.(key, result)
    return result
  }

  return {
    resultsLastMs,

    async submit(order, options) {
      const posted = postOf(order)
      if (!posted) return unmade(order)
      const { endpoint, request } = posted
      const { callbackUrl } = options
      const sent = JSON.stringify(callbackUrl === null ? request : { ...request, callback_url: callbackUrl })
      const call = callTo(endpoint.operation, options, {
        body: sent,
        headers: { 'content-type': 'application/json', 'idempotency-key': options.idempotencyKey },
        timeoutMs: settings.submitTimeoutMs,
      })
      const secrets = [options.key, callbackUrl ?? '', tokenOf(callbackUrl)]
      const result = await perform(submits, call, options)
      return submitOutcome(result, { endpoint, count: order.count, sent, clock, secrets })
    },

    async fetch({ operation, upstreamTaskId }, options) {
      const endpoint = endpointOf(operation)
      if (!endpoint) return { kind: 'unclear', detail: `no operation ${operation}` }
      const path = `${operation}/${encodeURIComponent(upstreamTaskId.toWellFormed())}`
      const call = callTo(path, options, { method: 'GET', timeoutMs: queryTimeoutMs })
      const result = await perform(others, call, options)
      return observationIn(result, { endpoint, upstreamTaskId, clock, secrets: [options.key] })
    },

    async upload(file, options) {
      const { headers, body } = uploadBody(file)
      const call = callTo(uploadPath, options, { body, headers, timeoutMs: uploadTimeoutMs })
      const result = await perform(others, call, options)
      return uploadOutcome(result, clock, [options.key])
    },

    readCallback,

    async close() {
      await Promise.all([submits.close(), others.close()])
    },
  }
}

const headersOf = (key: string, source: string) => ({
  authorization: `Bearer ${key}`,
  source,
  accept: 'application/json',
  'user-agent': 'tollgate',
})

/** Shorter than the whole call, so that an address that drops all packets is known as never reached. */
function connectTimeoutMs(callTimeoutMs: number): number {
  return Math.min(connectTimeoutMsMax, Math.ceil(callTimeoutMs / 2))
}

/** Null if Keevx has no mode that takes these images: leaving some out would alter the order silently. */
function postOf(order: Order): { endpoint: Endpoint; request: Record<string, unknown> } | null {
  const endpoint = endpointOf(order.operation)
  const shape = keevxMode(order.operation, order.params)?.shapes.find(
    ({ images, endImage }) =>
      order.imageUrls.length >= images.min &&
      order.imageUrls.length <= images.max &&
      endImage === (order.endImageUrl !== null),
  )
  return endpoint && shape ? { endpoint, request: endpoint.requestOf(order, shape) } : null
}

/** The catalogue creates no such order; one stored before a rule change may still come. */
function unmade(order: Order): { kind: 'refused'; reason: string; detail: string } {
  const given = `${order.imageUrls.length} images${order.endImageUrl === null ? '' : ' and an end image'}`
  const detail = `no mode of ${order.operation} ${JSON.stringify(order.params)} takes ${given}`
  return { kind: 'refused', reason: reasons.imagesNotTaken, detail }
}

/** The long last segment of a callback's path is its secret; it may be echoed without the rest. */
function tokenOf(callbackUrl: string | null): string {
  return /(?<![^/])[^/]{16,}$/.exec(callbackUrl ?? '')?.[0] ?? ''
}
