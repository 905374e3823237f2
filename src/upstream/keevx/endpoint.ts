// The common interface of Keevx's image and video endpoints: requests, codes, results.
import type { Order, Shape, UpstreamResult } from '../adapter.ts'
import type { AnswerRules } from '../answers/rules.ts'
import type { WireTask } from '../answers/wire.ts'
import type { Operation } from './operations.ts'

export interface Endpoint {
  readonly operation: Operation
  readonly rules: AnswerRules
  /** The JSON body of a submit, without `callback_url`. */
  requestOf(order: Order, shape: Shape): Record<string, unknown>
  /** The result of a succeeded task, or null if there is no URL to fetch it from. */
  resultOf(task: WireTask): UpstreamResult | null
}
