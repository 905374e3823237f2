// The writer: works wait in a queue, and those of one turn share a transaction and its fsync.
import type Sqlite from 'better-sqlite3'
import { connect } from './client.ts'
import { CommitUnknown, DatabaseRefused } from './database.ts'
import type { Backlog, Tx } from './database.ts'

/** One turn of the writer holds the event loop; more works than this wait for the next turn. */
const worksPerTurnMax = 500
/** Turns of the event loop that a work waits for others at most; it waits for one when it is alone. */
const gatherRoundsMax = 8
/**
 * A loop's works wait this long for others; a customer's never do. A submit waits for two such commits, so a longer
 * one takes its place at the upstream from the next order.
 */
const patienceMs = 5
/** Turns that run behind savepoints after one in which a work failed. */
const carefulTurnsAfterFailure = 20
interface Queued {
  readonly work: (tx: Tx) => Promise<unknown>
  readonly patient: boolean
  /** Of the monotonic clock. */
  readonly addedAt: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome =
  | { readonly kept: true; readonly value: unknown }
  | { readonly kept: false; readonly error: unknown }

export interface WriterEvents {
  /** Before anybody learns that his work was kept. */
  onCommit(): void
  onFatal(error: CommitUnknown): void
}

/** The one who writes through a connection: works queue, and those of a turn share a commit. */
export class Writer {
  readonly #tx: Tx
  readonly #client: Sqlite.Database
  readonly #on: WriterEvents
  readonly #sql: Record<'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'undo', Sqlite.Statement>
  readonly #queue: Queued[] = []
  #running: Promise<void> | null = null
  #refusal: Error | null = null
  #carefulTurns = 0
  #timer: NodeJS.Timeout | undefined

  constructor(client: Sqlite.Database, on: WriterEvents) {
    this.#client = client
    this.#on = on
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

  add<Result>(work: (tx: Tx) => Promise<Result>, patient: boolean): Promise<Result> {
    if (this.#refusal) return Promise.reject(this.#refusal)
    return new Promise<Result>((resolve, reject) => {
      const addedAt = performance.now()
      this.#queue.push({ work, patient, addedAt, resolve: resolve as (value: unknown) => void, reject })
      if (patient) this.#startSoon()
      else this.#start()
    })
  }

  backlog(): Backlog {
    const [oldest] = this.#queue
    return { works: this.#queue.length, oldestMs: oldest ? performance.now() - oldest.addedAt : 0 }
  }

  async end(): Promise<void> {
    while (this.#running || this.#queue.length > 0) {
      this.#start()
      await this.#running
    }
    this.#refusal ??= new DatabaseRefused('The store is closed.')
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
    } while (this.#queue.some(({ patient }) => !patient) || this.#queue.length >= worksPerTurnMax)
    this.#running = null
    if (this.#queue.length > 0) this.#startSoon()
  }

  /** Requests that are arriving get to queue their works too, for as long as they do, and share this turn's fsync. */
  async #gather(): Promise<void> {
    let seen = 0
    for (let round = 0; round < gatherRoundsMax && this.#queue.length > seen; round += 1) {
      seen = this.#queue.length
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /**
   * The works of a turn run one after another in one transaction. Savepoints would double what a work costs,
   * so a turn goes without until one throws: then all is undone and run again, each behind a savepoint, and
   * so are the next few turns, for failures come in swarms.
   */
  async #turn(works: Queued[]): Promise<void> {
    try {
      if (this.#carefulTurns === 0 && (await this.#together(works))) return
      this.#carefulTurns = this.#carefulTurns === 0 ? carefulTurnsAfterFailure : this.#carefulTurns - 1
      await this.#oneByOne(works)
    } catch (error) {
      // What can be neither finished nor undone would let no turn after it begin.
      if (this.#client.inTransaction) this.#fail(new CommitUnknown(error), works)
      else for (const { reject } of works) reject(error)
    }
  }

  async #together(works: Queued[]): Promise<boolean> {
    this.#sql.begin.run()
    const values: unknown[] = []
    try {
      for (const { work } of works) values.push(await work(this.#tx))
    } catch {
      if (this.#client.inTransaction) this.#sql.rollback.run()
      return false
    }
    if (this.#commit(works)) works.forEach(({ resolve }, at) => resolve(values[at]))
    return true
  }

  async #oneByOne(works: Queued[]): Promise<void> {
    this.#sql.begin.run()
    const outcomes: Outcome[] = []
    for (const { work } of works) {
      const outcome = await this.#one(work)
      outcomes.push(outcome)
      if (!this.#client.inTransaction) return undone(works, outcomes, outcome)
    }
    if (!this.#commit(works)) return
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

  #commit(works: Queued[]): boolean {
    try {
      this.#sql.commit.run()
      this.#on.onCommit()
      return true
    } catch (error) {
      this.#fail(new CommitUnknown(error), works)
      return false
    }
  }

  /** After a commit that failed nothing may be read or claimed from here: stop, and start from the file. */
  #fail(error: CommitUnknown, works: Queued[]): void {
    this.#refusal = error
    const waiting = this.#queue.splice(0)
    for (const { reject } of [...works, ...waiting]) reject(error)
    this.#on.onFatal(error)
  }
}

/**
 * A full disk or a failed read made SQLite undo the whole turn: none of its works was kept. Whoever was refused
 * for a reason of its own is told that one, and nobody else is.
 */
function undone(works: readonly Queued[], outcomes: readonly Outcome[], last: Outcome): void {
  const cause = last.kept ? new DatabaseRefused('The store undid the work.') : last.error
  works.forEach(({ reject }, at) => {
    const outcome = outcomes[at]
    reject(outcome && !outcome.kept ? outcome.error : cause)
  })
}
