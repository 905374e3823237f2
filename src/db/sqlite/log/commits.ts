// What follows a COMMIT: the log is synced, then our reads may see it, then its callers are answered.
import type { Reader } from '../reader.ts'
import type { LogSync } from './sync.ts'

export interface CommitEnd {
  /** The commit is on the disk. */
  durable(): void
  /** Whether it is on the disk is unknown. */
  unknown(error: unknown): void
}

/**
 * Without a `log`, COMMIT itself waits for the disk. With one, COMMIT only writes to the log, and one commit at
 * a time waits for the sync: the next turn's works run meanwhile, but their COMMIT waits, so that there is
 * always a moment between two commits in which all that is committed is durable.
 */
export class Commits {
  readonly #reader: Reader
  readonly #log: LogSync | null
  #syncing: Promise<void> | null = null
  #failure: { readonly error: unknown } | null = null
  readonly #looks: (() => void)[] = []

  constructor(reader: Reader, log: LogSync | null) {
    this.#reader = reader
    this.#log = log
  }

  /** Resolves when no commit waits for the disk. Null if none does. */
  settled(): Promise<void> | null {
    return this.#syncing
  }

  /**
   * Call it before COMMIT, when nothing waits for the disk: our reads stay with what is durable now. Returns the
   * error if they cannot; then nothing may be committed.
   */
  begin(): unknown {
    if (!this.#log) return null
    try {
      this.#reader.hold()
      return null
    } catch (error) {
      return error
    }
  }

  /** Call it if COMMIT was refused and has done nothing. */
  undo(): void {
    this.#reader.refresh()
  }

  end(then: CommitEnd): void {
    if (this.#log) this.#syncing = this.#sync(this.#log, then)
    else this.#show(then)
  }

  async #sync(log: LogSync, then: CommitEnd): Promise<void> {
    try {
      await log.sync()
    } catch (error) {
      this.#syncing = null
      // Reads stay with what was durable before, for as long as the process lives.
      this.#failure = { error }
      this.#showToLooks()
      return then.unknown(error)
    }
    this.#syncing = null
    this.#show(then)
  }

  /** Before anybody else can commit: until the promise of the sync resolves, the next COMMIT waits. */
  #show({ durable }: CommitEnd): void {
    this.#reader.refresh()
    this.#showToLooks()
    durable()
  }

  #showToLooks(): void {
    for (const look of this.#looks.splice(0)) look()
  }

  /** Calls `look` when all that is committed is durable. */
  async whenDurable<Result>(look: () => Result): Promise<Result> {
    if (this.#syncing) await new Promise<void>((resolve) => this.#looks.push(resolve))
    if (this.#failure) throw this.#failure.error
    return look()
  }
}
