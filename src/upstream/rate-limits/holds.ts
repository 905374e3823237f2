// Orders that are not posted while the upstream answers 429 to others of their account or model, and takes the rest.
import { scopeIn, scopes } from './blame.ts'
import type { OrderScopes, Scope } from './blame.ts'

export type LimitHolds = ReturnType<typeof createLimitHolds>

interface Hold {
  readonly since: number
  readonly until: number
  /** The order that finds out whether its like are taken again. */
  trying: string | null
  /** Orders that were to be posted meanwhile. */
  readonly parked: Set<string>
}

/** While one order tries, the others of its kind wait this long before they are looked at again. */
const waitForTrialMs = 5_000
/** Of each hold; beyond these an order waits until its own pause is over. */
const parkedMax = 1_000

/** Of this process: after a restart the first 429 of each kind pauses its key once more. */
export function createLimitHolds() {
  const holds = new Map<string, Hold>()
  const of = (order: OrderScopes): [string, Hold][] =>
    scopes.flatMap((scope) => {
      const name = scopeIn(scope, order)
      const hold = holds.get(name)
      return hold ? [[name, hold] as [string, Hold]] : []
    })

  return {
    hold(scope: Scope, order: OrderScopes, { nowMs, untilMs }: { nowMs: number; untilMs: number }): void {
      // One order alone waits by its own pause.
      if (scope === 'order') return
      const name = scopeIn(scope, order)
      const parked = holds.get(name)?.parked ?? new Set()
      holds.set(name, { since: nowMs, until: untilMs, trying: null, parked })
    },

    /** Until when the order waits; null where it may be posted now. */
    heldUntil(order: OrderScopes, nowMs: number): number | null {
      const times = of(order).flatMap(([, { since, until, trying }]) => {
        // A clock that was set back must not make the pause longer.
        if (nowMs >= since && nowMs < until) return [until]
        return trying !== null && trying !== order.requestId ? [nowMs + waitForTrialMs] : []
      })
      return times.length === 0 ? null : Math.max(...times)
    },

    /** The same where one of these is posted now, and tries for it. */
    trialAmong(order: OrderScopes, taken: readonly OrderScopes[], nowMs: number): number | null {
      const held = new Set(of(order).map(([name]) => name))
      if (held.size === 0) return null
      const isTried = taken.some((other) => scopes.some((scope) => held.has(scopeIn(scope, other))))
      return isTried ? nowMs + waitForTrialMs : null
    },

    /** It was to be posted, and waits. */
    park(order: OrderScopes): void {
      for (const [, { parked }] of of(order)) if (parked.size < parkedMax) parked.add(order.requestId)
    },

    /** It is posted now: where its like were held, it is the one that tries. */
    began(order: OrderScopes): void {
      for (const [, hold] of of(order)) {
        hold.trying ??= order.requestId
        hold.parked.delete(order.requestId)
      }
    },

    /** What came of it says nothing of 429. */
    ended(order: OrderScopes): void {
      for (const [, hold] of of(order)) if (hold.trying === order.requestId) hold.trying = null
    },

    /** The upstream took or refused it, so its like are held no more. Returns those that may come back. */
    answered(order: OrderScopes): string[] {
      return of(order).flatMap(([name, { parked }]) => {
        holds.delete(name)
        return [...parked]
      })
    },
  }
}
