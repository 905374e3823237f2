// Decides whether a picked order gets a key lease, or waits because the upstream answers 429 to orders like it.
import type { Upstream } from '../../context.ts'
import type { KeyLease } from '../../upstream/keys/held-key.ts'
import { fingerprintIn } from '../../upstream/keys/key-mark.ts'
import type { OrderScopes } from '../../upstream/rate-limits/blame.ts'
import type { Posted } from '../../upstream/rate-limits/holds.ts'
import type { RequestRow } from '../store.ts'
import type { Picked } from './pick.ts'

/** The scopes that a 429 may be blamed on. */
export const scopesOf = ({
  id,
  accountId,
  modelId,
}: Pick<RequestRow, 'id' | 'accountId' | 'modelId'>): OrderScopes => ({ requestId: id, accountId, modelId })

interface Turn {
  /** The lease that is used is removed from it. */
  readonly free: KeyLease[]
  /** Posted in the same turn: a hold that ends lets one order through at a time, as a test. */
  readonly posted: readonly Posted[]
  readonly nowMs: number
  /** The mark of the only key that may post it; null: any. */
  readonly onlyKey: string | null
}

/** The lease to post an order with; or until when it waits, null if only until another key has room. */
export function leaseFor(
  { keys, holds }: Upstream,
  pick: Picked,
  { free, posted, nowMs, onlyKey }: Turn,
): KeyLease | { readonly waitUntil: number | null } {
  const order = scopesOf(pick)
  const turn = { nowMs, posted }
  const mayPost = (key: string) =>
    (onlyKey === null || key === fingerprintIn(onlyKey)) && holds.heldUntil(key, order, turn) === null
  const usable = new Set(keys.fingerprints.filter(mayPost))
  const lease = keys.choose(
    free.filter(({ fingerprint }) => usable.has(fingerprint)),
    pick.id,
  )
  if (!lease && onlyKey !== null) return { waitUntil: null }
  if (!lease) return { waitUntil: holds.heldWithAll(keys.fingerprints, order, turn) }
  free.splice(free.indexOf(lease), 1)
  return lease
}
