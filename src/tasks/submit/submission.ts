// A claimed request: passed from the claim to the post, and on to the recording of the answer.
import type { Upstream } from '../../context.ts'
import type { KeyLease } from '../../upstream/keys/held-key.ts'
import type { RequestRow } from '../store.ts'

/** A request that this process has claimed to post, and its attempt. */
export interface Submission {
  readonly upstream: Upstream
  readonly request: RequestRow
  /** How many outputs to order: one for each task that was not cancelled. */
  readonly outputs: number
  readonly attemptId: string
  readonly key: KeyLease
  /** Contains the attempt's secret: only the upstream may see it. Null: only polls tell how its tasks end. */
  readonly callbackUrl: string | null
  /** When it was claimed, by the monotonic clock. */
  readonly claimedAt: number
}
