// What the answer to a submit has meant.
import type { Limited } from '../rate-limits/blame.ts'
import type { OrderTroubles } from './key-blame.ts'
import type { RestReason } from './key-rest.ts'

/** What an answer to a submit meant for its key, for waiting orders, and for its own order. */
export interface Settled {
  /** When a key may be tried again; null if one may be used now. */
  readonly restsUntil: number | null
  /** The order's troubles so far, if its answer was `order_trouble` or refused the key. */
  readonly troubles: OrderTroubles
  /** The order met the same before, and the upstream has answered others since. */
  readonly isProven: boolean
  /** What the limit applies to, if the order was answered 429. */
  readonly limited: Limited
  /** The key started or ended a rest. */
  readonly change: RestReason | 'works' | null
  /** There was no room before, so orders may be waiting for it. */
  readonly makesRoom: boolean
}

export const nothing: OrderTroubles = { met: 0, own: 0, isAlone: false }
export const notLimited: Limited = { scope: 'key', times: 0, ofOrder: 0, revokes: false }
