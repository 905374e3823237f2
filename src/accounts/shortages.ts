// The accounts that wanted to order lately and could not pay, for the operator's alerts.
import type { Shortages as KnownShortages } from '../context.ts'

/** More at once are no single customers any more. */
const accountsMax = 1_000
/** An account that has not tried again for so long is forgotten. */
const rememberedMs = 60 * 60_000

export class Shortages implements KnownShortages {
  readonly #lastAt = new Map<string, number>()

  note(accountId: string, nowMs: number): void {
    // The one noted last is the last of the map.
    this.#lastAt.delete(accountId)
    this.#lastAt.set(accountId, nowMs)
    const [oldest] = this.#lastAt.keys()
    if (this.#lastAt.size > accountsMax && oldest !== undefined) this.#lastAt.delete(oldest)
  }

  recent(nowMs: number): string[] {
    for (const [accountId, atMs] of this.#lastAt) {
      // A clock that was set back must not keep an account here for ever.
      if (Math.abs(nowMs - atMs) > rememberedMs) this.#lastAt.delete(accountId)
    }
    return [...this.#lastAt.keys()]
  }

  forget(accountId: string): void {
    this.#lastAt.delete(accountId)
  }
}
