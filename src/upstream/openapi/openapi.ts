// The adapter for any site of the tasks API, another tollgate among them.
import { systemClock } from '../../clock.ts'
import type { Clock } from '../../clock.ts'
import type { Adapter } from '../adapter.ts'
import { submitOutcome } from '../answers/submit.ts'
import { createCalls, pathPart } from '../calls.ts'
import type { CallSettings } from '../calls.ts'
import { multipartOf } from '../multipart.ts'
import { observationIn } from './poll.ts'
import { requestOf } from './request.ts'
import { openApiRules } from './rules.ts'
import { uploadOutcome } from './upload.ts'

export interface OpenApiSettings extends CallSettings {
  /** Only to read a `Retry-After` that is a date. */
  readonly clock?: Clock
}

/** Nothing is documented; a site that tells when a result expires is believed. */
const resultsLastMs = 24 * 60 * 60_000

export function createOpenApiAdapter(settings: OpenApiSettings): Adapter {
  const clock = settings.clock ?? systemClock
  const calls = createCalls(settings)
  return {
    resultsLastMs,
    repeatsByKey: true,

    /**
     * Without a `callback_url`: it differs for each attempt, and a site that honours the Idempotency-Key takes
     * the same order again only with the same body.
     */
    async submit(order, options) {
      const sent = JSON.stringify(requestOf(order))
      const headers = { 'content-type': 'application/json', 'idempotency-key': options.orderKey }
      const result = await calls.submit('tasks/create', options, { body: sent, headers })
      const secrets = [options.key]
      const rules = openApiRules(secrets)
      return submitOutcome(result, { rules, operation: 'tasks', count: order.count, sent, clock, secrets })
    },

    async fetch({ upstreamTaskId }, options) {
      const result = await calls.query(`tasks/${pathPart(upstreamTaskId)}`, options)
      return observationIn(result, { upstreamTaskId, clock, secrets: [options.key] })
    },

    async upload(file, options) {
      const result = await calls.upload('files', options, multipartOf(file))
      return uploadOutcome(result, clock, [options.key])
    },

    readCallback: () => null,
    close: () => calls.close(),
  }
}
