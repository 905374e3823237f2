// Attributes a 429 to a poll: to one task, or to all polls.
import { OrdersInTrouble } from '../keys/key-blame.ts'

export interface LimitedPoll {
  /** How often this task's polls got a 429. */
  readonly times: number
  /** The upstream has answered others since, so this 429 says nothing about them. */
  readonly isOwn: boolean
  /** Another task got a 429 too since the last answer, so the total number of calls may be too high. */
  readonly isShared: boolean
}

const statusOfLimit = 429

/** Per key: answers to another key say nothing about this key's limit. `key` is its fingerprint. */
export function createPollLimits() {
  const ofKeys = new Map<string, ReturnType<typeof limitsOfKey>>()
  const of = (key: string) => {
    const found = ofKeys.get(key) ?? limitsOfKey()
    ofKeys.set(key, found)
    return found
  }
  return {
    answered: (key: string, workId: string): void => of(key).answered(workId),
    met: (key: string, workId: string): LimitedPoll => of(key).met(workId),
  }
}

function limitsOfKey() {
  const works = new OrdersInTrouble()
  /** Tasks that got a 429 since the upstream's last answer to a poll or an order; two are enough to know. */
  const recent = new Set<string>()
  return {
    answered(workId: string): void {
      works.answered(workId)
      recent.clear()
    },
    met(workId: string): LimitedPoll {
      const isOwn = works.isProven(workId, statusOfLimit)
      const { met: times } = works.met(workId, { status: statusOfLimit, isShared: true })
      if (recent.size < 2) recent.add(workId)
      return { times, isOwn, isShared: recent.size > 1 }
    },
  }
}
