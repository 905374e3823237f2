// The connections that read: each is used by one at a time, and one that was lost is replaced.
import { StoreAway } from '../../errors.ts'
import { hurriedConnectMs, Link } from './link.ts'
import type { Answer, LinkTerms, Statement } from './link.ts'

/** A read that waits for a connection for so long is better refused. */
const waitMaxMs = 5_000

/** Its customer is told rather than kept waiting; the server itself gives more time to statements of audits. */
const answerMaxMs = 10_000

export interface PoolTerms extends LinkTerms {
  readonly linksMax: number
}

interface Taken {
  readonly link: Link
  /** It stood idle since its last statement: the server may have gone away meanwhile. */
  readonly wasIdle: boolean
}

export class Pool {
  readonly #url: string
  #terms: PoolTerms
  readonly #idle: Link[] = []
  readonly #waiting: (() => void)[] = []
  readonly #inUse = new Set<Link>()
  #taken = 0
  #closed = false

  constructor(url: string, terms: PoolTerms) {
    this.#url = url
    this.#terms = terms
  }

  /** Once more on a fresh connection if the one at hand turns out to have been lost while it was idle. */
  async run(asked: Statement): Promise<Answer> {
    const statement = { timeoutMs: answerMaxMs, ...asked }
    const { link, wasIdle } = await this.#take()
    try {
      return await link.run(statement)
    } catch (error) {
      if (!wasIdle || link.isOpen || isTimeout(error)) throw error
    } finally {
      this.#give(link)
    }
    return await this.use(async (fresh) => await fresh.run(statement))
  }

  /** A connection for several statements. */
  async use<Result>(work: (link: Link) => Promise<Result>): Promise<Result> {
    const { link } = await this.#take()
    try {
      return await work(link)
    } finally {
      this.#give(link)
    }
  }

  /** The process is to end. */
  hurry(): void {
    this.#terms = { ...this.#terms, connectMs: hurriedConnectMs }
  }

  /** The connections on which something is under way. */
  get inUse(): readonly Link[] {
    return [...this.#inUse]
  }

  close(): void {
    this.#closed = true
    for (const link of this.#idle.splice(0)) link.close()
    for (const wake of this.#waiting.splice(0)) wake()
  }

  async #take(): Promise<Taken> {
    if (this.#taken >= this.#terms.linksMax) await this.#turnCome()
    if (this.#closed) throw new StoreAway(new Error('the store is closed'))
    this.#taken += 1
    const idle = this.#idle.pop()
    if (idle?.isOpen) return this.#lend({ link: idle, wasIdle: true })
    // If one was lost while it was idle, so were the others.
    for (const link of this.#idle.splice(0)) link.close()
    try {
      return this.#lend({ link: await Link.open(this.#url, this.#terms), wasIdle: false })
    } catch (error) {
      this.#release()
      throw error
    }
  }

  #lend(taken: Taken): Taken {
    this.#inUse.add(taken.link)
    return taken
  }

  #give(link: Link): void {
    this.#inUse.delete(link)
    if (this.#closed) link.close()
    else if (link.isOpen) this.#idle.push(link)
    this.#release()
  }

  #release(): void {
    this.#taken -= 1
    this.#waiting.shift()?.()
  }

  async #turnCome(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const wake = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1)
        reject(new StoreAway(new Error(`no connection was free for ${waitMaxMs / 1_000} s`)))
      }, waitMaxMs)
      this.#waiting.push(wake)
    })
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof StoreAway && error.cause instanceof Error && /timeout/i.test(error.cause.message)
