// Holds orders of one scope back from a key while the upstream answers 429 to them but accepts the rest.
import { scopeIn, scopes } from './blame.ts'
import type { OrderScopes, Scope } from './blame.ts'

interface Wait {
  readonly since: number
  readonly until: number
}

interface Hold extends Wait {
  /** The order that tests whether its scope is accepted again. */
  trying: string | null
  /** Orders that were due meanwhile. */
  readonly parked: Set<string>
}

export interface NewHold {
  /** The key's fingerprint: another key may accept the order. */
  readonly key: string
  readonly scope: Scope
  readonly order: OrderScopes
  readonly nowMs: number
  readonly untilMs: number
  /** The documented pause of the order itself: with this key, nothing that others are answered shortens it. */
  readonly ownUntilMs: number
}

interface Turn {
  readonly nowMs: number
  /** Orders that are posted at the same time. */
  readonly posted?: readonly Posted[]
}

export interface Posted {
  readonly key: string
  readonly order: OrderScopes
}

/** While one order tests the hold, the others in its scope wait this long before they are checked again. */
const waitForTrialMs = 5_000
/** Per hold; further orders wait until their own pause is over. */
const parkedMax = 1_000
/** Beyond this number the oldest hold is dropped, and its orders may be posted. */
const holdsMax = 10_000

/** In memory: after a restart the first 429 of each kind pauses its key once more. */
export class LimitHolds {
  readonly #holds = new Map<string, Hold>()
  /** Of the orders that were answered 429 themselves. */
  readonly #own = new Map<string, Wait>()

  hold({ key, scope, order, nowMs, untilMs, ownUntilMs }: NewHold): void {
    setLast(this.#own, nameOf(key, 'order', order), { since: nowMs, until: ownUntilMs })
    const name = nameOf(key, scope, order)
    const before = this.#holds.get(name)
    setLast(this.#holds, name, {
      since: nowMs,
      // Of several 429s in flight together the last one is the least informative.
      until: before && before.until > nowMs ? Math.max(before.until, untilMs) : untilMs,
      trying: null,
      parked: before?.parked ?? new Set(),
    })
  }

  /**
   * Until when the order waits with this key, given the orders posted at the same time; null if it may be
   * posted.
   */
  heldUntil(key: string, order: OrderScopes, { nowMs, posted = [] }: Turn): number | null {
    if (this.#holds.size === 0 && this.#own.size === 0) return null
    const times = this.#of(key, order).flatMap(([name, { since, until, trying }]) => {
      if (isDuring({ since, until }, nowMs)) return [until]
      const isTried =
        (trying !== null && trying !== order.requestId) ||
        posted.some((other) => this.#of(other.key, other.order).some(([own]) => own === name))
      return isTried ? [nowMs + waitForTrialMs] : []
    })
    const own = this.#own.get(nameOf(key, 'order', order))
    if (own && isDuring(own, nowMs)) times.push(own.until)
    return times.length === 0 ? null : Math.max(...times)
  }

  /** Until when the order waits with every one of these keys; null if one of them may post it now. */
  heldWithAll(keys: readonly string[], order: OrderScopes, turn: Turn): number | null {
    let first = Infinity
    for (const key of keys) {
      const until = this.heldUntil(key, order, turn)
      if (until === null) return null
      first = Math.min(first, until)
    }
    return first === Infinity ? null : first
  }

  /** The order was due, and waits. */
  park(keys: readonly string[], order: OrderScopes): void {
    for (const [, { parked }] of keys.flatMap((key) => this.#of(key, order)))
      if (parked.size < parkedMax) parked.add(order.requestId)
  }

  /** The order is posted now: if its scope is held, it becomes the test. */
  began(key: string, order: OrderScopes): void {
    for (const [, hold] of this.#of(key, order)) {
      hold.trying ??= order.requestId
      hold.parked.delete(order.requestId)
    }
  }

  /** The test ended without a result. */
  ended(key: string, order: OrderScopes): void {
    for (const [, hold] of this.#of(key, order)) if (hold.trying === order.requestId) hold.trying = null
  }

  /**
   * The upstream accepted or refused the order, so the holds on its scopes end. Returns the parked orders.
   */
  answered(key: string, order: OrderScopes): string[] {
    return this.#of(key, order).flatMap(([name, { parked }]) => {
      this.#holds.delete(name)
      return [...parked]
    })
  }

  /** The clock was moved: remaining waiting times stay the same. */
  shift(byMs: number): void {
    for (const [name, hold] of this.#holds) this.#holds.set(name, { ...hold, ...shifted(hold, byMs) })
    for (const [name, wait] of this.#own) this.#own.set(name, shifted(wait, byMs))
  }

  #of(key: string, order: OrderScopes): readonly [string, Hold][] {
    if (this.#holds.size === 0) return []
    return scopes.flatMap((scope) => {
      const name = nameOf(key, scope, order)
      const hold = this.#holds.get(name)
      return hold ? [[name, hold] as [string, Hold]] : []
    })
  }
}

/** A clock that was set back must not make the pause longer. */
const isDuring = ({ since, until }: Wait, nowMs: number): boolean => nowMs >= since && nowMs < until

const shifted = ({ since, until }: Wait, byMs: number): Wait => ({ since: since + byMs, until: until + byMs })

function setLast<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name)
  map.set(name, value)
  const [oldest] = map.keys()
  if (map.size > holdsMax && oldest !== undefined) map.delete(oldest)
}

const nameOf = (key: string, scope: Scope, order: OrderScopes): string => `${key} ${scopeIn(scope, order)}`
