// The writer: works wait in a queue, and those of one turn share a transaction, its round trips and its commit.
import { setTimeout as pause } from 'node:timers/promises'
import { CommitUnknown, StoreAway, StoreRefused } from '../errors.ts'
import { backlogOf } from '../backlog.ts'
import type { Backlog, TransactionOptions, Tx } from '../database.ts'
import { codes, hasCode, isUnavailable } from './error-codes.ts'
import { waitedTooLong } from './refused.ts'
import type { Ending, Transactions } from './transactions.ts'
import { Patience } from './writing/patience.ts'
import type { WaitMax } from './writing/patience.ts'
import { acknowledge, rejectAll } from './writing/works.ts'
import type { Done, Outcome, Queued } from './writing/works.ts'

/** Each of their statements is a round trip, and those that come meanwhile wait for all of them. */
const worksPerTurnMax = 100
/** Works of a loop wait this long for others, a customer's never. */
const patienceMs = 5
/** How often the works behind a turn are looked at that the server leaves without an answer. */
const lookAfterMs = 1_000
/** Turns that run behind savepoints after one in which a work failed. */
const carefulTurnsAfterFailure = 20
/** While the server is away: the next try follows at growing intervals. */
const awayPauseFirstMs = 20
const awayPauseMaxMs = 500

/** Works of a turn after one that waited for a lock in vain, most likely for the same one. */
const heldLockMs = 20

export interface WriterTerms {
  readonly transactions: Transactions
  /** Why the store may not be written now; null: it may. */
  readonly hindrance: () => Error | null
  readonly onFatal: (error: CommitUnknown) => void
  readonly waitMax?: WaitMax | undefined
}

export class Writer {
  readonly #terms: WriterTerms
  readonly #patience: Patience
  readonly #queue: Queued[] = []
  #running: Promise<void> | null = null
  #refusal: Error | null = null
  #carefulTurns = 0
  #timer: NodeJS.Timeout | undefined
  /** A foreign session holds a row: the works that need it are refused soon, and the others go on. */
  #isLockHeld = false

  constructor(terms: WriterTerms) {
    this.#terms = terms
    this.#patience = new Patience(terms.waitMax)
  }

  add<Result>(work: (tx: Tx) => Promise<Result>, options: TransactionOptions = {}): Promise<Result> {
    if (this.#refusal) return Promise.reject(this.#refusal)
    const { mayDelay = false, items = () => 1 } = options
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#queue.push({ work, mayDelay, items, addedAt: performance.now(), resolve, reject })
    if (mayDelay) this.#startSoon()
    else this.#start()
    return promise as Promise<Result>
  }

  backlog(): Backlog {
    return backlogOf(this.#queue)
  }

  /** The process is to end. */
  hurry(): void {
    this.#patience.hurry()
  }

  async end(): Promise<void> {
    this.hurry()
    while (this.#running || this.#queue.length > 0) {
      this.#start()
      await this.#running
    }
    this.#refusal ??= new StoreRefused('The store is closed.')
    this.#terms.transactions.close()
  }

  #startSoon(): void {
    if (!this.#running) this.#timer ??= setTimeout(() => this.#start(), patienceMs)
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    do {
      // Requests of the same turn of the event loop share the transaction.
      await new Promise((resolve) => setImmediate(resolve))
      await this.#turnInTime(this.#queue.splice(0, worksPerTurnMax))
    } while (this.#queue.some(({ mayDelay }) => !mayDelay) || this.#queue.length >= worksPerTurnMax)
    this.#running = null
    if (this.#queue.length > 0) this.#startSoon()
  }

  /** A turn that has no answer: the works behind it have not begun, and are told. */
  async #turnInTime(works: Queued[]): Promise<void> {
    const startedAt = performance.now()
    const refuseLate = () => {
      if (performance.now() - startedAt < this.#patience.customerMs) return
      const words = 'a transaction before it has had no answer'
      this.#keepQueued((each) => this.#mayWait(each, () => new StoreAway(new Error(words))))
    }
    const timer = setInterval(refuseLate, Math.min(lookAfterMs, this.#patience.customerMs))
    try {
      await this.#turn(works)
    } finally {
      clearInterval(timer)
    }
  }

  #keepQueued(mayWait: (each: Queued) => boolean): void {
    this.#queue.splice(0, this.#queue.length, ...this.#queue.filter(mayWait))
  }

  /**
   * The works of a turn run one after another in one transaction. One that fails makes the server refuse what
   * follows, so everything is rolled back and run again with a savepoint around each, and so are the next few
   * turns, because failures come in clusters. What was lost with its connection is run again as well.
   */
  async #turn(queued: Queued[]): Promise<void> {
    let works = queued
    while (works.length > 0) {
      works = await this.#begin(works)
      if (works.length === 0) return
      this.#isLockHeld = false
      const isCareful = this.#carefulTurns > 0
      const done = isCareful ? await this.#oneByOne(works) : await this.#together(works)
      if (isCareful) this.#carefulTurns -= 1
      else if (!done && this.#terms.transactions.isConnected) this.#carefulTurns = carefulTurnsAfterFailure
      if (done) works = await this.#commit(done)
      else works = await this.#again(works)
    }
  }

  /** Nothing was stored. A work with which the connection is lost again and again waits no longer than others. */
  async #again(works: readonly Queued[]): Promise<Queued[]> {
    const { transactions } = this.#terms
    if (transactions.isConnected) {
      await transactions.rollback()
      return [...works]
    }
    return works.filter((each) => this.#mayWait(each, () => new StoreAway(undefined)))
  }

  /** Begins the transaction of a turn; returns the works that still wait for it. If none is left, there is none. */
  async #begin(works: readonly Queued[]): Promise<Queued[]> {
    return await this.#whileWaiting(
      works,
      async () => await this.#terms.transactions.begin(this.#isLockHeld ? heldLockMs : null),
      {
        tooLong: waitedTooLong,
      },
    )
  }

  /** Tries until it succeeds, or until no work waits for it any more: each waits for as long as it may. */
  async #whileWaiting(
    works: readonly Queued[],
    attempt: () => Promise<void>,
    { tooLong }: { readonly tooLong: (error: unknown, waitedMs: number) => Error },
  ): Promise<Queued[]> {
    let waiting = [...works]
    for (let pauseMs = awayPauseFirstMs; ; pauseMs = Math.min(pauseMs * 2, awayPauseMaxMs)) {
      try {
        const hindrance = this.#terms.hindrance()
        if (hindrance) throw hindrance
        await attempt()
        return waiting
      } catch (error) {
        const mayWait = (each: Queued) => this.#mayWait(each, (waitedMs) => tooLong(error, waitedMs))
        waiting = waiting.filter(mayWait)
        // The queued works wait for the same.
        this.#keepQueued(mayWait)
      }
      if (waiting.length === 0) return []
      await pause(pauseMs)
    }
  }

  /** Whether a work still waits; one that has waited too long is rejected. */
  #mayWait(each: Queued, tooLong: (waitedMs: number) => Error): boolean {
    if (this.#patience.lasts(each)) return true
    each.reject(tooLong(performance.now() - each.addedAt))
    return false
  }

  /** Null if one failed. */
  async #together(works: readonly Queued[]): Promise<Done[] | null> {
    const done: Done[] = []
    try {
      for (const each of works) {
        done.push([each, { kept: true, value: await each.work(this.#terms.transactions.tx) }])
      }
      return done
    } catch (error) {
      this.#noteLock(error)
      return null
    }
  }

  /** Null if the connection was lost: nothing of the turn was stored. */
  async #oneByOne(works: readonly Queued[]): Promise<Done[] | null> {
    const done: Done[] = []
    for (const each of works) {
      const outcome = await this.#one(each.work)
      if (!this.#terms.transactions.isConnected) return null
      done.push([each, outcome])
    }
    return done
  }

  async #one(work: (tx: Tx) => Promise<unknown>): Promise<Outcome> {
    const { transactions } = this.#terms
    try {
      await transactions.savepoint()
      const value = await work(transactions.tx)
      await transactions.release()
      return { kept: true, value }
    } catch (error) {
      this.#noteLock(error)
      if (transactions.isConnected) await transactions.undo().catch(() => transactions.close())
      return { kept: false, error }
    }
  }

  #noteLock(error: unknown): void {
    if (hasCode(error, codes.lockNotAvailable)) this.#isLockHeld = true
  }

  /** Acknowledges what was kept. Returns the works that were not, and that are run again. */
  async #commit(done: readonly Done[]): Promise<Queued[]> {
    const ending = await this.#terms.transactions.commit()
    if (ending.kind === 'kept') {
      acknowledge(done)
      return []
    }
    if (ending.kind === 'unknown') return await this.#settle(done, ending.error)
    if (hasCode(ending.error, codes.transactionAborted)) {
      // A work went on after a statement that was refused: behind savepoints it fails alone.
      this.#carefulTurns = carefulTurnsAfterFailure
      return done.map(([queued]) => queued)
    }
    this.#refused(done, ending)
    return []
  }

  #refused(done: readonly Done[], { kind, error }: Exclude<Ending, { kind: 'kept' }>): void {
    // A standby may lack it. It stands here, but if that standby takes over it was never there.
    if (kind === 'unconfirmed') rejectAll(done, new CommitUnknown(error))
    else if (isUnavailable(error)) rejectAll(done, error)
    else this.#fail(new CommitUnknown(error), done)
  }

  /** The connection was lost at its commit: each work waits, as long as it may, until the server says what became of it. */
  async #settle(done: readonly Done[], cause: unknown): Promise<Queued[]> {
    let isKept = false
    const works = done.map(([queued]) => queued)
    const waiting = await this.#whileWaiting(
      works,
      async () => void (isKept = await this.#terms.transactions.settle()),
      { tooLong: () => new CommitUnknown(cause) },
    )
    if (!isKept) return waiting
    acknowledge(done.filter(([queued]) => waiting.includes(queued)))
    return []
  }

  /** No commit is refused that the schema allows: what this process believes of the store is wrong. */
  #fail(error: CommitUnknown, done: readonly Done[]): void {
    this.#refusal = error
    rejectAll(done, error)
    for (const { reject } of this.#queue.splice(0)) reject(error)
    this.#terms.onFatal(error)
  }
}
