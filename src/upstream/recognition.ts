// Whether it is the upstream that answers polls at its address, or something else: a proxy's page, a portal, a wrong path.
import { OrdersInTrouble } from './keys/key-blame.ts'

/** Answers to polls in a row, none of the upstream's own between them, after which new orders wait. */
const foreignMax = 3
const pauseFirstMs = 1_000
const pauseMaxMs = 60_000
/** While polls come closer together than this, they try the address, and an order is risked more rarely. */
const quietMs = 5_000
const growth = 2
const growthWhilePolled = 4
/** What a proxy's page usually says; any status that is not about the account would do. */
const statusOfPage = 404

export type Recognition = ReturnType<typeof createRecognition>

/**
 * Only what polls meet counts: nothing that a customer wrote goes with them. What orders meet may be a firewall's
 * answer to their words, so it is judged more carefully, and key by key. A work that meets it again although the
 * upstream has answered others since is odd itself, and says nothing of the address any more.
 */
export function createRecognition() {
  const works = new OrdersInTrouble()
  let inRow = 0
  let pauseMs = pauseFirstMs
  let heldUntil = 0
  let polledAt = 0
  const isEstranged = () => inRow >= foreignMax

  return {
    /** The upstream's own answer to a poll or an order, whatever it says. True where new orders had been held. */
    own(workId = ''): boolean {
      const wasEstranged = isEstranged()
      works.answered(workId)
      inRow = 0
      pauseMs = pauseFirstMs
      heldUntil = 0
      return wasEstranged
    },
    /** Something else than the upstream answered a poll. Returns true where that begins to hold new orders. */
    foreign(workId: string, nowMs: number): boolean {
      const isOdd = works.isProven(workId, statusOfPage)
      works.met(workId, { status: statusOfPage, isShared: true })
      if (isOdd) return false
      inRow += 1
      polledAt = nowMs
      if (inRow !== foreignMax) return false
      heldUntil = nowMs + pauseMs
      return true
    },
    /**
     * Something else answered when we asked with each of our keys for what no upstream has. That is asked again and
     * again, so an order is risked as rarely as ever.
     */
    distrust(nowMs: number): void {
      if (isEstranged()) return
      inRow = foreignMax
      pauseMs = pauseMaxMs
      heldUntil = nowMs + pauseMs
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
      if (due === 0 || isHeld) return 0
      const isPolled = Math.abs(nowMs - polledAt) < quietMs
      pauseMs = Math.min(pauseMaxMs, pauseMs * (isPolled ? growthWhilePolled : growth))
      heldUntil = nowMs + pauseMs
      return 1
    },
  }
}
