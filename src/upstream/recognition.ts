// Detects whether the upstream itself answers polls, or something else: a proxy, a portal, a wrong path.
import { OrdersInTrouble } from './keys/key-blame.ts'

/**
 * After this many foreign answers to polls in a row, with none of the upstream's own in between, new orders
 * wait.
 */
const foreignMax = 3
const pauseFirstMs = 1_000
const pauseMaxMs = 60_000
/** While polls are less than this apart, they test the address, so orders test it less often. */
const quietMs = 5_000
const growth = 2
const growthWhilePolled = 4
/** The usual status of a proxy's page; any status that is not about the account would do. */
const statusOfPage = 404

export type Recognition = ReturnType<typeof createRecognition>

/**
 * Only answers to polls count, because polls contain no customer text. A foreign answer to an order may come
 * from a firewall that objects to its text, so those are assessed more carefully, and per key. Work that gets
 * a foreign answer again, although the upstream has answered other polls since, is itself the cause and says
 * nothing about the address any more.
 */
export function createRecognition() {
  const works = new OrdersInTrouble()
  let inRow = 0
  let pauseMs = pauseFirstMs
  let heldUntil = 0
  let polledAt = 0
  const isEstranged = () => inRow >= foreignMax
  // A clock that was set back does not lengthen the pause.
  const isPausing = (nowMs: number) => nowMs < heldUntil && heldUntil - nowMs <= pauseMaxMs

  return {
    /**
     * The upstream itself answered a poll or an order, with whatever result. Returns true if new orders had
     * been held.
     */
    own(workId = ''): boolean {
      const wasEstranged = isEstranged()
      works.answered(workId)
      inRow = 0
      pauseMs = pauseFirstMs
      heldUntil = 0
      return wasEstranged
    },
    /** Something other than the upstream answered a poll. Returns true if this starts holding new orders. */
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
     * A query for a task that cannot exist got a foreign answer with each of our keys. That query is
     * repeated, so orders test the address as rarely as possible.
     */
    distrust(nowMs: number): void {
      if (isEstranged()) return
      inRow = foreignMax
      pauseMs = pauseMaxMs
      heldUntil = nowMs + pauseMs
    },
    isEstranged,
    /** While something else answers at the address, and it is not tested again yet. */
    isHeld: (nowMs: number): boolean => isEstranged() && isPausing(nowMs),
    /**
     * How many of the due orders may be posted. While the address is not trusted: one after each pause, to
     * test it; the next pause begins with it.
     */
    admit(due: number, nowMs: number): number {
      if (!isEstranged()) return due
      if (due === 0 || isPausing(nowMs)) return 0
      const isPolled = Math.abs(nowMs - polledAt) < quietMs
      pauseMs = Math.min(pauseMaxMs, pauseMs * (isPolled ? growthWhilePolled : growth))
      heldUntil = nowMs + pauseMs
      return 1
    },
  }
}
