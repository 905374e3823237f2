// The accounts that could not pay lately, or have spent all, for the operator's alerts.
import type { ShortageCause, Shortages as KnownShortages } from '../context.ts'

/** More at once are no single customers any more. */
const accountsMax = 1_000
/** An account of which nothing was heard for so long is forgotten. */
const rememberedMs = 60 * 60_000

export class Shortages implements KnownShortages {
  readonly #last = new Map<string, { readonly cause: ShortageCause; readonly atMs: number }>()

  note(accountId: string, cause: ShortageCause, nowMs: number): void {
    // The one noted last is the last of the map.
    this.#last.delete(accountId)
    this.#last.set(accountId, { cause, atMs: nowMs })
    const [oldest] = this.#last.keys()
    if (this.#last.size > accountsMax && oldest !== undefined) this.#last.delete(oldest)
  }

  recent(nowMs: number) {
    for (const [accountId, { atMs }] of this.#last) {
      // A clock that was set back must not keep an account here for ever.
      if (Math.abs(nowMs - atMs) > rememberedMs) this.#last.delete(accountId)
    }
    return [...this.#last].map(([accountId, { cause }]) => ({ accountId, cause }))
  }

  forget(accountId: string): void {
    this.#last.delete(accountId)
  }
}
