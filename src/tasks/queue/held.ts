// Whose turn has come, and waits all the same: the upstream answers 429 to others of its kind.
import type { Upstream } from '../../context.ts'
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
  /** What is posted in the same turn: of those that a hold lets go one is taken at a time, to see what comes of it. */
  readonly taken: readonly { readonly request: RequestRow }[]
  readonly nowMs: number
}

/** Until when it waits; null where it may be posted now. */
export function heldUntil({ holds }: Upstream, pick: Picked, { taken, nowMs }: Turn): number | null {
  const order = scopesOf(pick)
  const heldMs = holds.heldUntil(order, nowMs)
  if (heldMs !== null) return heldMs
  return holds.trialAmong(
    order,
    taken.map(({ request }) => scopesOf(request)),
    nowMs,
  )
}
