// Whose trouble a failed submit is: the order's own, or that of everybody who uses the key.

/** Different orders in a row that could not connect: one order's own trouble is no outage. */
const unconnectedOrdersMax = 3
/** Different accounts in a row whose orders met trouble: one account's prompts say nothing of the key. */
const troubledAccountsMax = 3

/** What happened in a row with one key. */
export class KeyBlame {
  readonly #unconnected = new Set<string>()
  /** The order of each account that met trouble last. */
  readonly #troubled = new Map<string, string>()

  /** An order could not connect; true where that is nothing of its own any more. */
  unconnected(requestId: string): boolean {
    this.#unconnected.add(requestId)
    return this.#unconnected.size >= unconnectedOrdersMax
  }

  connected(): void {
    this.#unconnected.clear()
  }

  /** An order met trouble; true where that is nothing of its account any more. */
  troubled({ requestId, accountId }: Blamed): boolean {
    this.#troubled.set(accountId, requestId)
    return this.#troubled.size >= troubledAccountsMax
  }

  /** The upstream itself answered an order. */
  answered(): void {
    this.#troubled.clear()
  }
}

export interface Blamed {
  readonly requestId: string
  readonly accountId: string
  /** Something else than the upstream answers at its address: what an order meets there is not its own trouble. */
  readonly isAtWrongAddress?: boolean
}

export interface OrderTroubles {
  /** How often in all. */
  readonly met: number
  /** How often while the upstream answered others, so that it was the order's own. */
  readonly own: number
}

interface Remembered extends OrderTroubles {
  /** How many answers of the upstream there had been to others. */
  readonly answers: number
}

/** More orders than are ever in trouble together; one that is forgotten is tried a little more often. */
const rememberedMax = 10_000
/** The path is not there, or not for POST: a wrong base URL provokes these, and hardly a prompt. */
export const addressStatuses: ReadonlySet<number> = new Set([404, 405, 410])

/** What single orders met, with whichever key. */
export class OrdersInTrouble {
  readonly #orders = new Map<string, Remembered>()
  #answers = 0

  /** The upstream itself has answered this order. */
  answered(requestId: string): void {
    this.#answers += 1
    this.#orders.delete(requestId)
  }

  /**
   * `isShared`: orders of others meet the same, so it is not laid to this one's charge; unless the upstream has
   * answered others since this one met trouble last, for then it is not what stands before all of them.
   */
  met(requestId: string, { status, isShared }: { status: number; isShared: boolean }): OrderTroubles {
    const before = this.#orders.get(requestId) ?? { met: 0, own: 0, answers: 0 }
    const isOnlyIts = this.#answers > before.answers
    const isOwn = isOnlyIts || (!isShared && !addressStatuses.has(status))
    const now = { met: before.met + 1, own: before.own + (isOwn ? 1 : 0), answers: this.#answers }
    this.#orders.delete(requestId)
    this.#orders.set(requestId, now)
    const [oldest] = this.#orders.keys()
    if (this.#orders.size > rememberedMax && oldest !== undefined) this.#orders.delete(oldest)
    return now
  }
}
