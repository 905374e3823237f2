// Whose 429 it is that answers a poll: of one work, or of all.
import { OrdersInTrouble } from '../keys/key-blame.ts'

export interface LimitedPoll {
  /** How often the work has met it. */
  readonly times: number
  /** The upstream has answered others since, so it says nothing of them. */
  readonly isOwn: boolean
  /** Another work has met it too since the last answer, so that it may be all calls that are too many. */
  readonly isShared: boolean
}

const statusOfLimit = 429

/** Key by key: what another key is answered says nothing of this one's limit. `key` is its fingerprint. */
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
  /** Those that met it since the upstream's last answer to a poll or an order; one is enough beside another. */
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
