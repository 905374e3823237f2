// Whether it is the upstream that answers polls at its address, or something else: a proxy's page, a portal, a wrong path.

/** Answers to polls in a row, none of the upstream's own between them, after which new orders wait. */
const foreignMax = 3
const pauseFirstMs = 1_000
const pauseMaxMs = 60_000
/** While polls come closer together than this, they try the address, and an order need not be risked. */
const quietMs = 5_000

export type Recognition = ReturnType<typeof createRecognition>

/**
 * Only what polls meet counts: nothing that a customer wrote goes with them. What orders meet may be a firewall's
 * answer to their words, so it is judged more carefully, and key by key.
 */
export function createRecognition() {
  let inRow = 0
  let pauses = 0
  let heldUntil = 0
  let polledAt = 0
  let triedAt = 0
  const isEstranged = () => inRow >= foreignMax
  const beginPause = (nowMs: number) => {
    triedAt = nowMs
    heldUntil = nowMs + Math.min(pauseMaxMs, pauseFirstMs * 2 ** pauses)
    pauses += 1
  }

  return {
    /** The upstream's own answer to a poll or an order, whatever it says. True where new orders had been held. */
    own(): boolean {
      const wasEstranged = isEstranged()
      inRow = 0
      pauses = 0
      heldUntil = 0
      return wasEstranged
    },
    /** Something else than the upstream answered a poll. Returns true where that begins to hold new orders. */
    foreign(nowMs: number): boolean {
      inRow += 1
      polledAt = nowMs
      if (inRow !== foreignMax) return false
      beginPause(nowMs)
      return true
    },
    isEstranged,
    /**
     * How many of the orders that are due may be posted: while the address is not trusted one after each pause, to
     * try it. With it the next pause begins.
     */
    admit(due: number, nowMs: number): number {
      if (!isEstranged()) return due
      // A clock that was set back lengthens no pause.
      const isHeld = nowMs < heldUntil && heldUntil - nowMs <= pauseMaxMs
      const isPolled = Math.abs(nowMs - polledAt) < quietMs
      if (due === 0 || isHeld || (isPolled && nowMs - triedAt < pauseMaxMs)) return 0
      beginPause(nowMs)
      return 1
    },
  }
}
