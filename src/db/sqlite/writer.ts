// The writer: works wait in a queue, and those of one turn share a transaction and its fsync.
import { setTimeout as pause } from 'node:timers/promises'
import type Sqlite from 'better-sqlite3'
import { connect } from './client.ts'
import { CommitUnknown, StoreRefused, StoreBusy, StoreDisplaced } from '../errors.ts'
import { backlogOf } from '../backlog.ts'
import type { Backlog, TransactionOptions, Tx } from '../database.ts'
import type { Displaced } from './ownership/file-identity.ts'

/** One turn of the writer holds the event loop; more works than this wait for the next turn. */
const worksPerTurnMax = 500
/** Most event loop turns that a work waits for others; alone, it waits for one. */
const gatherRoundsMax = 8
/**
 * Works of a loop wait this long for others, a customer's never. A submit waits for two such commits, so a
 * longer wait would delay the next order's slot at the upstream.
 */
const patienceMs = 5
/** Turns that run behind savepoints after one in which a work failed. */
const carefulTurnsAfterFailure = 20
/** Another process may hold the store: retries follow at growing intervals, while everything else goes on. */
const busyPauseFirstMs = 5
const busyPauseMaxMs = 100
/** How long works wait for a store that another process holds. */
export interface BusyMax {
  readonly customerMs: number
  /** A loop's work may be an upstream's answer, which cannot be requested again. */
  readonly patientMs: number
}

const busyMaxDefault: BusyMax = { customerMs: 5_000, patientMs: 30_000 }

interface Queued {
  readonly work: (tx: Tx) => Promise<unknown>
  readonly mayDelay: boolean
  readonly items: () => number
  /** Monotonic clock. */
  readonly addedAt: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome =
  | { readonly kept: true; readonly value: unknown }
  | { readonly kept: false; readonly error: unknown }

export interface WriterEvents {
  /** Names the store's file that has moved since it was opened. */
  readonly displaced: Displaced
  /** Default: suitable for a gateway. */
  readonly busyMax?: BusyMax | undefined
  /** Called before any work is acknowledged. */
  onCommit(): void
  onFatal(error: CommitUnknown): void
}

/** The only writer of a connection: works queue, and those of a turn share a commit. */
export class Writer {
  readonly #tx: Tx
  readonly #client: Sqlite.Database
  readonly #on: WriterEvents
  readonly #busyMax: BusyMax
  readonly #sql: Record<'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'undo', Sqlite.Statement>
  readonly #queue: Queued[] = []
  #running: Promise<void> | null = null
  #refusal: Error | null = null
  #carefulTurns = 0
  #timer: NodeJS.Timeout | undefined
  #ending = false

  constructor(client: Sqlite.Database, on: WriterEvents) {
    this.#client = client
    this.#on = on
    this.#busyMax = on.busyMax ?? busyMaxDefault
    this.#tx = connect(client) as Tx
    this.#sql = {
      begin: client.prepare('BEGIN IMMEDIATE'),
      commit: client.prepare('COMMIT'),
      rollback: client.prepare('ROLLBACK'),
      savepoint: client.prepare('SAVEPOINT work'),
      release: client.prepare('RELEASE work'),
      undo: client.prepare('ROLLBACK TO work'),
    }
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

  /** See `Database.inPlace`. */
  inPlace(): boolean {
    if (this.#refusal) return !(this.#refusal instanceof StoreDisplaced)
    const words = this.#on.displaced()
    if (words !== null) this.#fail(new StoreDisplaced(words), [])
    return words === null
  }

  backlog(): Backlog {
    return backlogOf(this.#queue)
  }

  async end(): Promise<void> {
    this.#ending = true
    while (this.#running || this.#queue.length > 0) {
      this.#start()
      await this.#running
    }
    this.#refusal ??= new StoreRefused('The store is closed.')
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
      await this.#gather()
      await this.#turn(this.#queue.splice(0, worksPerTurnMax))
    } while (this.#queue.some(({ mayDelay }) => !mayDelay) || this.#queue.length >= worksPerTurnMax)
    this.#running = null
    if (this.#queue.length > 0) this.#startSoon()
  }

  /** Lets arriving requests queue their works too, as long as more arrive, to share this turn's fsync. */
  async #gather(): Promise<void> {
    let seen = 0
    for (let round = 0; round < gatherRoundsMax && this.backlog().works > seen; round += 1) {
      seen = this.backlog().works
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /**
   * The works of a turn run one after another in one transaction. Savepoints would double a work's cost, so a
   * turn runs without them until one throws: then everything is rolled back and run again with a savepoint
   * each, and so are the next few turns, because failures come in clusters.
   */
  async #turn(queued: Queued[]): Promise<void> {
    let works = queued
    try {
      works = await this.#begin(works)
      if (works.length === 0) return
      if (this.#carefulTurns === 0) {
        if (await this.#together(works)) return
        works = await this.#begin(works)
      }
      this.#carefulTurns = this.#carefulTurns === 0 ? carefulTurnsAfterFailure : this.#carefulTurns - 1
      if (works.length > 0) await this.#oneByOne(works)
    } catch (error) {
      // A transaction that can be neither committed nor rolled back would block every later turn.
      if (this.#client.inTransaction) this.#fail(new CommitUnknown(error), works)
      else for (const { reject } of works) reject(error)
    }
  }

  /**
   * Begins the transaction of a turn. Returns the works that still wait for it; if none is left, it does not
   * begin.
   */
  async #begin(works: readonly Queued[]): Promise<Queued[]> {
    let waiting = [...works]
    for (
      let pauseMs = busyPauseFirstMs;
      waiting.length > 0;
      pauseMs = Math.min(pauseMs * 2, busyPauseMaxMs)
    ) {
      try {
        this.#sql.begin.run()
        break
      } catch (error) {
        if (!isBusy(error)) throw error
      }
      waiting = waiting.filter((each) => this.#mayWait(each))
      // The queued works wait for the same lock.
      this.#queue.splice(0, this.#queue.length, ...this.#queue.filter((each) => this.#mayWait(each)))
      if (waiting.length > 0) await pause(pauseMs)
    }
    return waiting
  }

  /** Whether a work still waits for a busy store; one that has waited too long is rejected. */
  #mayWait({ mayDelay, addedAt, reject }: Queued): boolean {
    const waitedMs = performance.now() - addedAt
    const { customerMs, patientMs } = this.#busyMax
    if (waitedMs < (mayDelay && !this.#ending ? patientMs : customerMs)) return true
    reject(new StoreBusy(waitedMs))
    return false
  }

  async #together(works: Queued[]): Promise<boolean> {
    const values: unknown[] = []
    try {
      for (const { work } of works) values.push(await work(this.#tx))
    } catch {
      if (this.#client.inTransaction) this.#sql.rollback.run()
      return false
    }
    if (await this.#commit(works)) works.forEach(({ resolve }, at) => resolve(values[at]))
    return true
  }

  async #oneByOne(works: Queued[]): Promise<void> {
    const outcomes: Outcome[] = []
    for (const { work } of works) {
      const outcome = await this.#one(work)
      outcomes.push(outcome)
      if (!this.#client.inTransaction) return undone(works, outcomes, outcome)
    }
    if (!(await this.#commit(works))) return
    works.forEach(({ resolve, reject }, at) => {
      const outcome = outcomes[at]
      if (outcome?.kept) resolve(outcome.value)
      else reject(outcome?.error)
    })
  }

  async #one(work: (tx: Tx) => Promise<unknown>): Promise<Outcome> {
    try {
      this.#sql.savepoint.run()
      const value = await work(this.#tx)
      this.#sql.release.run()
      return { kept: true, value }
    } catch (error) {
      if (this.#client.inTransaction) {
        this.#sql.undo.run()
        this.#sql.release.run()
      }
      return { kept: false, error }
    }
  }

  async #commit(works: Queued[]): Promise<boolean> {
    for (let pauseMs = busyPauseFirstMs; ; pauseMs = Math.min(pauseMs * 2, busyPauseMaxMs)) {
      try {
        this.#sql.commit.run()
        return this.#confirm(works)
      } catch (error) {
        // A commit refused because of a lock has done nothing: it can be retried, or safely rolled back.
        const isHeld = isBusy(error) && this.#client.inTransaction
        if (!isHeld) {
          this.#fail(new CommitUnknown(error), works)
          return false
        }
        const oldestMs = Math.max(...works.map(({ addedAt }) => performance.now() - addedAt))
        if (oldestMs >= this.#busyMax.customerMs) {
          this.#sql.rollback.run()
          for (const { reject } of works) reject(new StoreBusy(oldestMs))
          return false
        }
      }
      await pause(pauseMs)
    }
  }

  /** A commit to a file that was moved or unlinked must not be acknowledged. */
  #confirm(works: Queued[]): boolean {
    this.#on.onCommit()
    const words = this.#on.displaced()
    if (words === null) return true
    this.#fail(new StoreDisplaced(words), works)
    return false
  }

  /** After a failed commit the state in memory is unreliable: stop, and restart from the file. */
  #fail(error: CommitUnknown, works: Queued[]): void {
    this.#refusal = error
    const waiting = this.#queue.splice(0)
    for (const { reject } of [...works, ...waiting]) reject(error)
    this.#on.onFatal(error)
  }
}

/**
 * SQLite rolled back the whole turn because of a full disk or a failed read: no work was stored. A work that
 * failed by itself gets its own error, all others get the cause.
 */
function undone(works: readonly Queued[], outcomes: readonly Outcome[], last: Outcome): void {
  const cause = last.kept ? new StoreRefused('The store undid the work.') : last.error
  works.forEach(({ reject }, at) => {
    const outcome = outcomes[at]
    reject(outcome && !outcome.kept ? outcome.error : cause)
  })
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
