// How a surface's answers are described in the OpenAPI documents.
import type { z } from 'zod'
import type { GatewayError } from '../../../errors.ts'

export interface DocumentedStatus {
  /** Names the response as a component, such as `Unauthorized`; unique in its document. */
  readonly name: string
  readonly description: string
  readonly example: GatewayError
  /** The answer bears a `Retry-After`. */
  readonly retryAfter?: true
}

/** As `Endpoint.flat`: the fields of `data` stand beside it as well, with these. */
export type Flat = Readonly<Record<string, number>>

export interface SurfaceDocs {
  /** One of the security schemes in `http/docs/documents.ts`. */
  readonly security: 'key' | 'adminToken'
  /** The whole body of a successful answer as a named component; the same for the same `data`. */
  success(data: z.ZodType, flat?: Flat): z.ZodType
  /** An example of that body around an example of `data`. */
  successExample(data: unknown, flat?: Flat): unknown
  /** The whole body of a refusal, as a named component. */
  readonly failure: z.ZodType
  failureExample(error: GatewayError): unknown
  /** Refusals that are answered with the status of a success; null: there are none. */
  readonly refusedAsSuccess: GatewayError | null
  /** The other statuses that any route of the surface may answer. */
  readonly statuses: Readonly<Record<number, DocumentedStatus>>
}
