// The accounts that wanted to order lately and could not pay: known to this process alone, for the operator's alerts.

/** More at once are no single customers any more. */
const accountsMax = 1_000
/** An account that has not tried again for so long is forgotten. */
const rememberedMs = 60 * 60_000

export class Shortages {
  readonly #lastAt = new Map<string, number>()

  /** The account's balance did not cover an order. */
  note(accountId: string, nowMs: number): void {
    // The one noted last is the last of the map.
    this.#lastAt.delete(accountId)
    this.#lastAt.set(accountId, nowMs)
    const [oldest] = this.#lastAt.keys()
    if (this.#lastAt.size > accountsMax && oldest !== undefined) this.#lastAt.delete(oldest)
  }

  /** Within the last hour, or since the account was last given credits. */
  recent(nowMs: number): string[] {
    for (const [accountId, atMs] of this.#lastAt) {
      // A clock that was set back must not keep an account here for ever.
      if (Math.abs(nowMs - atMs) > rememberedMs) this.#lastAt.delete(accountId)
    }
    return [...this.#lastAt.keys()]
  }

  /** The account can pay again. */
  forget(accountId: string): void {
    this.#lastAt.delete(accountId)
  }
}
