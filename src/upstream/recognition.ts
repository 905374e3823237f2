// Whether it is the upstream that answers at its address, or something else: a proxy's page, a portal, a wrong path.

/** Answers in a row, none of the upstream's own between them, after which the address is not trusted with orders. */
const foreignMax = 3
const pauseFirstMs = 1_000
const pauseMaxMs = 60_000
/** Where only orders met it, words that a firewall dislikes may be all there is, and an innocent order may be waiting. */
const doubtfulPauseMaxMs = 10_000
/** Accounts whose orders must have met it, where no poll did. */
const accountsMin = 3
/** While polls come closer together than this, they try the address, and an order need not be risked. */
const quietMs = 5_000

export type Source =
  /** A question about a task of ours; nothing that a customer wrote goes with it. */
  | { readonly kind: 'poll' }
  /** An order. A firewall may refuse one for its words, so those of one account alone prove nothing. */
  | { readonly kind: 'submit'; readonly accountId: string }

export type Recognition = ReturnType<typeof createRecognition>

export function createRecognition() {
  let inRow = 0
  let pauses = 0
  let heldUntil = 0
  let polledAt: number | null = null
  let triedAt = 0
  const accounts = new Set<string>()
  const isEstranged = () => inRow >= foreignMax && (polledAt !== null || accounts.size >= accountsMin)
  const longestPauseMs = () => (polledAt === null ? doubtfulPauseMaxMs : pauseMaxMs)
  const beginPause = (nowMs: number) => {
    triedAt = nowMs
    heldUntil = nowMs + Math.min(longestPauseMs(), pauseFirstMs * 2 ** pauses)
    pauses += 1
  }

  return {
    /** The upstream's own answer, whatever it says. True where new orders had been held. */
    own(): boolean {
      const wasEstranged = isEstranged()
      inRow = 0
      pauses = 0
      heldUntil = 0
      polledAt = null
      accounts.clear()
      return wasEstranged
    },
    /** Somebody else's answer. True where new orders are held from now on. */
    foreign(source: Source, nowMs: number): boolean {
      const wasEstranged = isEstranged()
      inRow += 1
      if (source.kind === 'poll') polledAt = nowMs
      // So many are enough to tell; remembering more would only grow.
      else if (accounts.size < accountsMin) accounts.add(source.accountId)
      if (wasEstranged || !isEstranged()) return false
      beginPause(nowMs)
      return true
    },
    isEstranged,
    /** A poll met it too, with which nothing goes that a customer wrote: what an order meets is not its own trouble. */
    isCertain: () => isEstranged() && polledAt !== null,
    /**
     * How many of the orders that are due may be posted: while the address is not trusted one after each pause, to
     * try it. With it the next pause begins.
     */
    admit(due: number, nowMs: number): number {
      if (!isEstranged()) return due
      // A clock that was set back lengthens no pause.
      const isHeld = nowMs < heldUntil && heldUntil - nowMs <= pauseMaxMs
      const isPolled = polledAt !== null && Math.abs(nowMs - polledAt) < quietMs
      if (due === 0 || isHeld || (isPolled && nowMs - triedAt < pauseMaxMs)) return 0
      beginPause(nowMs)
      return 1
    },
  }
}
