// Decides whether a failed submit is the order's own trouble or affects everything posted with the key.

/** Different orders in a row that could not connect: one order's own trouble is no outage. */
const unconnectedOrdersMax = 3
/** Different accounts in a row whose orders failed: one account's prompts say nothing about the key. */
const troubledAccountsMax = 3
/**
 * Payment, permission, legal and rate limit statuses concern our account at the upstream, unless they concern
 * the order. All others suggest that the upstream is not at this address, which its own answer to a poll
 * refutes.
 */
export const accountStatuses: ReadonlySet<number> = new Set([401, 402, 403, 429, 451])
/**
 * For these, only an accepted order proves that the account is good: an upstream may refuse an order for its
 * content before it checks payment.
 */
const payingStatuses: ReadonlySet<number> = new Set([402, 403, 451])
/** These concern the account of one key: answers to another key say nothing about them. */
const keyStatuses: ReadonlySet<number> = new Set([401, ...payingStatuses])

/** The current series of failures with one key. */
export class KeyBlame {
  readonly #unconnected = new Set<string>()
  /** The last failure status of each account's orders. */
  readonly #troubled = new Map<string, number>()
  /** The attempt that got the first of these. */
  #firstAttempt = Infinity

  /** An order could not connect. Returns true if that is no longer one order's own trouble. */
  unconnected(requestId: string): boolean {
    this.#unconnected.add(requestId)
    return this.#unconnected.size >= unconnectedOrdersMax
  }

  connected(): void {
    this.#unconnected.clear()
  }

  /** An order met trouble. Returns true if that is no longer one account's own trouble. */
  troubled({ accountId, isProven }: Blamed, status: number, attempt: number): boolean {
    if (isProven !== true) {
      if (this.#troubled.size === 0) this.#firstAttempt = attempt
      this.#troubled.set(accountId, status)
    }
    return this.isShared
  }

  /** The attempt with which the current series began. An earlier attempt that is answered well ends it. */
  get firstAttempt(): number {
    return this.#firstAttempt
  }

  get isShared(): boolean {
    return this.#troubled.size >= troubledAccountsMax
  }

  isTroubled(accountId: string): boolean {
    return this.#troubled.has(accountId)
  }

  /** The upstream itself answered an order, accepting it or not. */
  answered(isAccepted: boolean): void {
    for (const [accountId, status] of this.#troubled)
      if (isAccepted || !payingStatuses.has(status)) this.#troubled.delete(accountId)
  }

  /** The upstream itself answered a poll, so the address is right. */
  polled(): void {
    for (const [accountId, status] of this.#troubled)
      if (!accountStatuses.has(status)) this.#troubled.delete(accountId)
  }
}

export interface Blamed {
  readonly requestId: string
  readonly accountId: string
  readonly modelId: string
  /** Something other than the upstream answers at its address: an order's trouble there is not its own. */
  readonly isAtWrongAddress?: boolean
  /**
   * The order met trouble before, and the upstream has answered since: its trouble says nothing about others.
   */
  readonly isProven?: boolean
}

export interface OrderTroubles {
  /** How often in all. */
  readonly met: number
  /** How often while the upstream answered others, so that it was the order's own. */
  readonly own: number
  /** The upstream has accepted another order since this one last met trouble, so its key is good. */
  readonly isAlone: boolean
}

interface Remembered extends OrderTroubles {
  /** Fingerprints of the keys it met trouble with, the latest first. */
  readonly keys: readonly string[]
  /** The upstream's answers to others, counted when this order last met trouble. */
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
/** More orders than are ever in trouble at once; a forgotten one is tried a little more often. */
const rememberedMax = 10_000
/** The path does not exist, or not for POST: caused by a wrong base URL, hardly ever by a prompt. */
const addressStatuses: ReadonlySet<number> = new Set([404, 405, 410])

type Before = Pick<Remembered, 'keys' | 'answers' | 'answersOfKey'>

interface Met {
  readonly status: number
  readonly isShared: boolean
  /** The key's fingerprint. */
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

  /**
   * Whether the upstream has answered others since the order first met trouble, so that this trouble is its
   * own.
   */
  isProven(requestId: string, status: number, key = noKey): boolean {
    const before = this.#orders.get(requestId)
    return before !== undefined && (before.isProven || this.#isAnsweredSince(before, status, key))
  }

  /**
   * `isShared`: other orders meet the same, so it does not count against this one; unless the upstream has
   * answered others since this order last met trouble, which rules out a cause common to all.
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

  /** Number of answers since then that are relevant to this status. */
  #since(before: Before, status: number, key: string): Answers {
    if (!keyStatuses.has(status)) return minus(this.#answers, before.answers)
    // It has met nothing with another key yet.
    return before.keys[0] === key ? minus(this.#answersOf(key), before.answersOfKey) : noAnswers
  }
}
