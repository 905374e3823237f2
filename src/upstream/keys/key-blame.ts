// Whose trouble a failed submit is: the order's own, or that of everybody who uses the key.

/** Different orders in a row that could not connect: one order's own trouble is no outage. */
const unconnectedOrdersMax = 3
/** Different accounts in a row whose orders met trouble: one account's prompts say nothing of the key. */
const troubledAccountsMax = 3
/**
 * Payment, permission, law and how much may be asked say something of our account at the upstream, if anything but
 * the order. Everything else says that the upstream is not at this address, which its own answer to a poll refutes.
 */
export const accountStatuses: ReadonlySet<number> = new Set([401, 402, 403, 429, 451])
/**
 * Of these alone an order that was taken proves that the account is good: an upstream may well refuse an order for what
 * stands in it before it looks at who pays.
 */
const payingStatuses: ReadonlySet<number> = new Set([402, 403, 451])
/** These speak of the account of one key: what another key was answered says nothing of them. */
const keyStatuses: ReadonlySet<number> = new Set([401, ...payingStatuses])

/** What happened in a row with one key. */
export class KeyBlame {
  readonly #unconnected = new Set<string>()
  /** The status that each account's orders met last. */
  readonly #troubled = new Map<string, number>()
  /** The attempt that met the first of these. */
  #firstAttempt = Infinity

  /** An order could not connect; true where that is nothing of its own any more. */
  unconnected(requestId: string): boolean {
    this.#unconnected.add(requestId)
    return this.#unconnected.size >= unconnectedOrdersMax
  }

  connected(): void {
    this.#unconnected.clear()
  }

  /** An order met trouble; true where that is nothing of its account any more. */
  troubled({ accountId, isProven }: Blamed, status: number, attempt: number): boolean {
    if (isProven !== true) {
      if (this.#troubled.size === 0) this.#firstAttempt = attempt
      this.#troubled.set(accountId, status)
    }
    return this.isShared
  }

  /** The attempt with which the present troubles began. What began before it and is answered well ends them. */
  get firstAttempt(): number {
    return this.#firstAttempt
  }

  get isShared(): boolean {
    return this.#troubled.size >= troubledAccountsMax
  }

  isTroubled(accountId: string): boolean {
    return this.#troubled.has(accountId)
  }

  /** The upstream itself answered an order, and took it or not. */
  answered(isAccepted: boolean): void {
    for (const [accountId, status] of this.#troubled)
      if (isAccepted || !payingStatuses.has(status)) this.#troubled.delete(accountId)
  }

  /** The upstream itself answered a poll, so it is where it should be. */
  polled(): void {
    for (const [accountId, status] of this.#troubled)
      if (!accountStatuses.has(status)) this.#troubled.delete(accountId)
  }
}

export interface Blamed {
  readonly requestId: string
  readonly accountId: string
  readonly modelId: string
  /** Something else than the upstream answers at its address: what an order meets there is not its own trouble. */
  readonly isAtWrongAddress?: boolean
  /** The order met trouble before, and the upstream has answered since: what it meets now says nothing of others. */
  readonly isProven?: boolean
}

export interface OrderTroubles {
  /** How often in all. */
  readonly met: number
  /** How often while the upstream answered others, so that it was the order's own. */
  readonly own: number
  /** The upstream has taken an order of others since this one met trouble last, so its key is good. */
  readonly isAlone: boolean
}

interface Remembered extends OrderTroubles {
  /** That it met trouble with, the last one first. */
  readonly keys: readonly string[]
  /** How many answers of the upstream there had been to others when it met the last. */
  readonly answers: Answers
  readonly answersOfKey: Answers
  readonly isProven: boolean
}

interface Answers {
  readonly submits: number
  readonly polls: number
  readonly accepted: number
}

const noAnswers: Answers = { submits: 0, polls: 0, accepted: 0 }
const nothingMet = { met: 0, own: 0, keys: [], answers: noAnswers, answersOfKey: noAnswers, isProven: false }
const noKey = ''
/** More orders than are ever in trouble together; one that is forgotten is tried a little more often. */
const rememberedMax = 10_000
/** The path is not there, or not for POST: a wrong base URL provokes these, and hardly a prompt. */
const addressStatuses: ReadonlySet<number> = new Set([404, 405, 410])

/** What single orders met, with whichever key. */
type Before = Pick<Remembered, 'keys' | 'answers' | 'answersOfKey'>

interface Met {
  readonly status: number
  readonly isShared: boolean
  /** Its fingerprint. */
  readonly key?: string
}

const minus = (now: Answers, before: Answers): Answers => ({
  submits: now.submits - before.submits,
  polls: now.polls - before.polls,
  accepted: now.accepted - before.accepted,
})

export class OrdersInTrouble {
  readonly #orders = new Map<string, Remembered>()
  #answers: Answers = noAnswers
  readonly #answersOfKeys = new Map<string, Answers>()

  /** The upstream itself has answered this order, which was posted with this key. */
  answered(requestId: string, kind: 'accepted' | 'otherwise' = 'otherwise', key = noKey): void {
    const more = kind === 'accepted' ? 1 : 0
    const counted = (before: Answers): Answers => ({
      ...before,
      submits: before.submits + 1,
      accepted: before.accepted + more,
    })
    this.#answers = counted(this.#answers)
    this.#answersOfKeys.set(key, counted(this.#answersOf(key)))
    this.#orders.delete(requestId)
  }

  #answersOf(key: string): Answers {
    return this.#answersOfKeys.get(key) ?? noAnswers
  }

  /** The upstream itself has answered a poll. */
  polled(): void {
    this.#answers = { ...this.#answers, polls: this.#answers.polls + 1 }
  }

  has(requestId: string): boolean {
    return this.#orders.has(requestId)
  }

  /** The keys that this order met trouble with, the last one first. */
  keysOf(requestId: string): readonly string[] {
    return this.#orders.get(requestId)?.keys ?? []
  }

  /** Whether the upstream has answered others since the order first met trouble, so that this time it is its own. */
  isProven(requestId: string, status: number, key = noKey): boolean {
    const before = this.#orders.get(requestId)
    return before !== undefined && (before.isProven || this.#isAnsweredSince(before, status, key))
  }

  /**
   * `isShared`: orders of others meet the same, so it is not laid to this one's charge; unless the upstream has
   * answered others since this one met trouble last, for then it is not what stands before all of them.
   */
  met(requestId: string, { status, isShared, key = noKey }: Met): OrderTroubles {
    const isProven = this.isProven(requestId, status, key)
    const known = this.#orders.get(requestId)
    const before = known ?? nothingMet
    const isOnlyIts = this.#isAnsweredSince(before, status, key)
    const isOwn = isOnlyIts || (!isShared && !addressStatuses.has(status))
    const now = {
      met: before.met + 1,
      own: before.own + (isOwn ? 1 : 0),
      isAlone: known !== undefined && this.#since(known, status, key).accepted > 0,
      keys: [key, ...before.keys.filter((each) => each !== key)],
      answers: this.#answers,
      answersOfKey: this.#answersOf(key),
      isProven,
    }
    this.#orders.delete(requestId)
    this.#orders.set(requestId, now)
    const [oldest] = this.#orders.keys()
    if (this.#orders.size > rememberedMax && oldest !== undefined) this.#orders.delete(oldest)
    return now
  }

  #isAnsweredSince(before: Before, status: number, key: string): boolean {
    const { submits, accepted, polls } = this.#since(before, status, key)
    if (payingStatuses.has(status)) return accepted > 0
    return submits > 0 || (!accountStatuses.has(status) && polls > 0)
  }

  /** How many answers there have been since, that say something of this status. */
  #since(before: Before, status: number, key: string): Answers {
    if (!keyStatuses.has(status)) return minus(this.#answers, before.answers)
    // With another key it has met nothing yet.
    return before.keys[0] === key ? minus(this.#answersOf(key), before.answersOfKey) : noAnswers
  }
}
