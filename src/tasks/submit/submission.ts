// What is handed from a claim to the post, and from the answer to the store.
import type { Upstream } from '../../context.ts'
import type { KeyLease } from '../../upstream/keys/held-key.ts'
import type { RequestRow } from '../store.ts'

/** A request that is ours to post, and the attempt that says so. */
export interface Submission {
  readonly upstream: Upstream
  readonly request: RequestRow
  /** How many of its tasks are to be made: those that were cancelled are not ordered. */
  readonly outputs: number
  readonly attemptId: string
  readonly key: KeyLease
  /** With the attempt's secret in it: for the upstream alone. Null: polls alone tell how its tasks end. */
  readonly callbackUrl: string | null
}
