// Orders whose turn has come and that wait all the same, because the upstream answers 429 to others like them.
import type { Upstream } from '../../context.ts'
import type { KeyLease } from '../../upstream/keys/held-key.ts'
import type { OrderScopes } from '../../upstream/rate-limits/blame.ts'
import type { RequestRow } from '../store.ts'
import type { Picked } from './pick.ts'

/** As the blame for a 429 names an order. */
export const scopesOf = ({
  id,
  accountId,
  modelId,
}: Pick<RequestRow, 'id' | 'accountId' | 'modelId'>): OrderScopes => ({ requestId: id, accountId, modelId })

interface Turn {
  /** The one that is used is taken out. */
  readonly free: KeyLease[]
  /** What is posted in the same turn: of those that a hold lets go one is taken at a time, to see what comes of it. */
  readonly taken: readonly { readonly request: RequestRow; readonly key: KeyLease }[]
  readonly nowMs: number
}

/** The lease to post an order with; or until when it waits, null where that is until there is room with another key. */
export function leaseFor(
  { keys, holds }: Upstream,
  pick: Picked,
  { free, taken, nowMs }: Turn,
): KeyLease | { readonly waitUntil: number | null } {
  const order = scopesOf(pick)
  const posted = taken.map(({ request, key }) => ({ key: key.fingerprint, order: scopesOf(request) }))
  const turn = { nowMs, posted }
  const usable = free.filter(({ fingerprint }) => holds.heldUntil(fingerprint, order, turn) === null)
  const lease = keys.choose(usable, pick.id)
  if (!lease) return { waitUntil: holds.heldWithAll(keys.fingerprints, order, turn) }
  free.splice(free.indexOf(lease), 1)
  return lease
}
