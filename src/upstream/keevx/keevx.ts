// The adapter for Keevx: turns orders into its calls, and its answers into outcomes.
import type { Adapter, Order } from '../adapter.ts'
import { reasons } from '../../reasons.ts'
import { systemClock, type Clock } from '../../clock.ts'
import { createCalls, pathPart, tokenOf, type CallSettings } from '../calls.ts'
import { multipartOf } from '../multipart.ts'
import type { Endpoint } from './endpoint.ts'
import { imageEndpoint } from './image.ts'
import { keevxMode } from './modes.ts'
import { isOperation } from './operations.ts'
import type { Operation } from './operations.ts'
import { observationIn } from './poll.ts'
import { submitOutcome } from '../answers/submit.ts'
import { uploadOutcome, uploadPath } from './upload.ts'
import { videoEndpoint } from './video.ts'
import { readCallback } from './callback.ts'

export interface KeevxSettings extends CallSettings {
  /** Keevx's `source` header, which its pages require of every call. */
  readonly source: string
  /** Only to read a `Retry-After` that is a date. */
  readonly clock?: Clock
}

/** Keevx's video skill document: seven days; nothing is documented for images. */
const resultsLastMs = 7 * 24 * 60 * 60_000

const endpoints: Readonly<Record<Operation, Endpoint>> = {
  image_generate: imageEndpoint,
  image_to_video: videoEndpoint,
}

const endpointOf = (operation: string): Endpoint | null =>
  isOperation(operation) ? endpoints[operation] : null

export function createKeevxAdapter(settings: KeevxSettings): Adapter {
  const clock = settings.clock ?? systemClock
  const calls = createCalls(settings, { source: settings.source })
  return {
    resultsLastMs,

    async submit(order, options) {
      const posted = postOf(order)
      if (!posted) return unmade(order)
      const { endpoint, request } = posted
      const { rules, operation } = endpoint
      const { callbackUrl } = options
      const sent = JSON.stringify(callbackUrl === null ? request : { ...request, callback_url: callbackUrl })
      // Keevx does not know it; another tollgate in its place answers a repetition with what it has made.
      const headers = { 'content-type': 'application/json', 'idempotency-key': options.orderKey }
      const secrets = [options.key, callbackUrl ?? '', tokenOf(callbackUrl)]
      const result = await calls.submit(operation, options, { body: sent, headers })
      return submitOutcome(result, { rules, operation, count: order.count, sent, clock, secrets })
    },

    async fetch({ operation, upstreamTaskId }, options) {
      const endpoint = endpointOf(operation)
      if (!endpoint) return { kind: 'unclear', detail: `no operation ${operation}` }
      const result = await calls.query(`${operation}/${pathPart(upstreamTaskId)}`, options)
      return observationIn(result, { endpoint, upstreamTaskId, clock, secrets: [options.key] })
    },

    async upload(file, options) {
      const result = await calls.upload(uploadPath, options, multipartOf(file))
      return uploadOutcome(result, clock, [options.key])
    },

    readCallback,
    close: () => calls.close(),
  }
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
