// Orders that are not posted with a key while the upstream answers 429 to their like, and takes the rest.
import { scopeIn, scopes } from './blame.ts'
import type { OrderScopes, Scope } from './blame.ts'

interface Hold {
  readonly since: number
  readonly until: number
  /** The order that finds out whether its like are taken again. */
  trying: string | null
  /** Orders that were to be posted meanwhile. */
  readonly parked: Set<string>
}

export interface NewHold {
  /** The key's fingerprint: with another key an order may be taken. */
  readonly key: string
  readonly scope: Scope
  readonly order: OrderScopes
  readonly nowMs: number
  readonly untilMs: number
}

interface Turn {
  readonly nowMs: number
  /** What is posted now, beside the order. */
  readonly posted?: readonly Posted[]
}

interface Posted {
  readonly key: string
  readonly order: OrderScopes
}

/** While one order tries, the others of its kind wait this long before they are looked at again. */
const waitForTrialMs = 5_000
/** Of each hold; beyond these an order waits until its own pause is over. */
const parkedMax = 1_000
/** Of more kinds the first one is forgotten, and may be posted. */
const holdsMax = 10_000

/** Of this process: after a restart the first 429 of each kind pauses its key once more. */
export class LimitHolds {
  readonly #holds = new Map<string, Hold>()

  hold({ key, scope, order, nowMs, untilMs }: NewHold): void {
    const name = nameOf(key, scope, order)
    const before = this.#holds.get(name)
    this.#holds.delete(name)
    this.#holds.set(name, {
      since: nowMs,
      // Of 429s that were under way together the last one says least.
      until: before && before.until > nowMs ? Math.max(before.until, untilMs) : untilMs,
      trying: null,
      parked: before?.parked ?? new Set(),
    })
    const [oldest] = this.#holds.keys()
    if (this.#holds.size > holdsMax && oldest !== undefined) this.#holds.delete(oldest)
  }

  /** Until when the order waits with this key, beside those that are posted now; null where it may be posted. */
  heldUntil(key: string, order: OrderScopes, { nowMs, posted = [] }: Turn): number | null {
    const times = this.#of(key, order).flatMap(([name, { since, until, trying }]) => {
      // A clock that was set back must not make the pause longer.
      if (nowMs >= since && nowMs < until) return [until]
      const isTried =
        (trying !== null && trying !== order.requestId) ||
        posted.some((other) => this.#of(other.key, other.order).some(([own]) => own === name))
      return isTried ? [nowMs + waitForTrialMs] : []
    })
    return times.length === 0 ? null : Math.max(...times)
  }

  /** Until when the order waits, whichever of these keys it is posted with; null where it may be posted now. */
  heldWithAll(keys: readonly string[], order: OrderScopes, turn: Turn): number | null {
    let first = Infinity
    for (const key of keys) {
      const until = this.heldUntil(key, order, turn)
      if (until === null) return null
      first = Math.min(first, until)
    }
    return first === Infinity ? null : first
  }

  /** It was to be posted, and waits. */
  park(keys: readonly string[], order: OrderScopes): void {
    for (const [, { parked }] of keys.flatMap((key) => this.#of(key, order)))
      if (parked.size < parkedMax) parked.add(order.requestId)
  }

  /** It is posted now: where its like were held, it is the one that tries. */
  began(key: string, order: OrderScopes): void {
    for (const [, hold] of this.#of(key, order)) {
      hold.trying ??= order.requestId
      hold.parked.delete(order.requestId)
    }
  }

  /** It tries no more, and nothing is known of its like. */
  ended(key: string, order: OrderScopes): void {
    for (const [, hold] of this.#of(key, order)) if (hold.trying === order.requestId) hold.trying = null
  }

  /** The upstream took or refused it, so its like are held no more. Returns those that may come back. */
  answered(key: string, order: OrderScopes): string[] {
    return this.#of(key, order).flatMap(([name, { parked }]) => {
      this.#holds.delete(name)
      return [...parked]
    })
  }

  /** Time was moved: what was to wait still waits as long as it had left. */
  shift(byMs: number): void {
    for (const [name, hold] of this.#holds)
      this.#holds.set(name, { ...hold, since: hold.since + byMs, until: hold.until + byMs })
  }

  #of(key: string, order: OrderScopes): [string, Hold][] {
    return scopes.flatMap((scope) => {
      const name = nameOf(key, scope, order)
      const hold = this.#holds.get(name)
      return hold ? [[name, hold] as [string, Hold]] : []
    })
  }
}

const nameOf = (key: string, scope: Scope, order: OrderScopes): string => `${key} ${scopeIn(scope, order)}`
