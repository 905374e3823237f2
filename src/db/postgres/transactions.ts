// The writer's connection: one transaction at a time, alone in the whole database, and what became of its commit.
import { randomText } from '../../ids.ts'
import { StoreAway } from '../errors.ts'
import type { Tx } from '../database.ts'
import { connect } from './connect.ts'
import { inTransaction } from './joined/join.ts'
import { hurriedConnectMs, Link } from './link/link.ts'
import type { Answer, LinkTerms, Statement } from './link/link.ts'
import { takeInTransaction, writerLock } from './link/locks.ts'

/**
 * `kept`: committed. `refused`: the server rolled it back. `unconfirmed`: committed here, but not known to be on
 * the standby that was to have it. `unknown`: the connection was lost; `settle` finds out.
 */
export type Ending =
  | { readonly kind: 'kept' }
  | { readonly kind: 'refused' | 'unconfirmed' | 'unknown'; readonly error: unknown }

/** Rows of writers that are gone are of no use any more; this one is ten times as long as any waits. */
const forgetWritersAfterMs = 24 * 60 * 60_000

export interface TransactionTerms extends LinkTerms {
  /** How long the server may take to begin one; longer than it waits for a lock. */
  readonly beginMs: number
  /** How long it may take to commit one; the server itself bounds no commit that waits for a standby. */
  readonly commitMs: number
}

export class Transactions {
  readonly tx: Tx
  readonly #url: string
  readonly #terms: TransactionTerms
  /** Names the row in which this writer notes its last turn: after an unknown commit, the row says what became of it. */
  readonly #writer = randomText(20)
  #turn = 0
  #connectMs: number | undefined
  #link: Link | null = null

  constructor(url: string, terms: TransactionTerms) {
    this.#url = url
    this.#terms = terms
    const run = async (statement: Statement): Promise<Answer> => await this.#linked().run(statement)
    this.tx = connect({ run }, inTransaction) as Tx
  }

  /** Whether the transaction that was begun can still go on. */
  get isConnected(): boolean {
    return this.#link?.isOpen ?? false
  }

  /**
   * `rowLockMs`: how long its statements wait for a lock; null: as long as on this connection. Throws StoreAway,
   * and the error of a lock if another process holds the store.
   */
  async begin(rowLockMs: number | null = null): Promise<void> {
    if (!this.isConnected)
      this.#link = await Link.open(this.#url, { ...this.#terms, connectMs: this.#connectMs })
    const link = this.#linked()
    try {
      // The lock comes before the first statement that reads, so that it sees what the process before committed.
      const within = rowLockMs === null ? '' : `; SET LOCAL lock_timeout = ${rowLockMs}`
      const text = `BEGIN ISOLATION LEVEL READ COMMITTED; ${takeInTransaction(writerLock)}${within}`
      // Works wait for it, and those that have waited too long must be told.
      await link.run({ text, timeoutMs: this.#terms.beginMs })
    } catch (error) {
      if (link.isOpen) await this.rollback()
      throw error
    }
  }

  async savepoint(): Promise<void> {
    await this.#linked().run({ text: 'SAVEPOINT work' })
  }

  async release(): Promise<void> {
    await this.#linked().run({ text: 'RELEASE work' })
  }

  async undo(): Promise<void> {
    await this.#linked().run({ text: 'ROLLBACK TO work; RELEASE work' })
  }

  /** Afterwards the transaction is over, whether or not the server could be told. */
  async rollback(): Promise<void> {
    try {
      await this.#link?.run({ text: 'ROLLBACK' })
    } catch {
      this.close()
    }
  }

  async commit(): Promise<Ending> {
    const link = this.#linked()
    link.takeWarning()
    this.#turn += 1
    try {
      const text = `${this.#note()}; COMMIT`
      const { command } = await link.run({ text, timeoutMs: this.#terms.commitMs })
      if (command !== 'COMMIT') return { kind: 'refused', error: new StoreAway(new Error(command)) }
      const warning = link.takeWarning()
      return warning === null ? { kind: 'kept' } : { kind: 'unconfirmed', error: new Error(warning) }
    } catch (error) {
      if (!link.isOpen) return { kind: 'unknown', error }
      await this.rollback()
      return { kind: 'refused', error }
    }
  }

  /**
   * Whether the last turn was committed, once its connection is lost. The lock is only had when the server has
   * ended that connection's transaction, so that the answer is final. Throws like `begin`.
   *
   * What was kept may not be on the standby that was to confirm it, and the warning of that was lost with the
   * answer. So something is committed behind it: a standby that confirms this one has the other too.
   */
  async settle(): Promise<boolean> {
    await this.begin()
    const noted = 'SELECT turn FROM writers WHERE id = $1'
    const [last] = await this.#linked().ask<{ turn: number }>(noted, [this.#writer])
    if (last?.turn !== this.#turn) {
      await this.rollback()
      return false
    }
    const link = this.#linked()
    link.takeWarning()
    const text = `UPDATE writers SET at = ${Date.now()} WHERE id = '${this.#writer}'; COMMIT`
    await link.run({ text, timeoutMs: this.#terms.commitMs })
    const warning = link.takeWarning()
    if (warning !== null) throw new StoreAway(new Error(warning))
    return true
  }

  /** The process is to end. */
  hurry(): void {
    this.#connectMs = hurriedConnectMs
  }

  /** Its connection, if it has one. */
  get link(): Link | null {
    return this.#link
  }

  close(): void {
    this.#link?.close()
    this.#link = null
  }

  #linked(): Link {
    if (!this.#link) throw new StoreAway(undefined)
    return this.#link
  }

  #note(): string {
    const nowMs = Date.now()
    const forget = `DELETE FROM writers WHERE at < ${nowMs - forgetWritersAfterMs}; `
    return `${this.#turn === 1 ? forget : ''}INSERT INTO writers (id, turn, at) VALUES ('${this.#writer}', ${this.#turn}, ${nowMs})
      ON CONFLICT (id) DO UPDATE SET turn = excluded.turn, at = excluded.at`
  }
}
