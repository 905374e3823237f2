// One life of the gateway's inside: from opening the store to an end that may come between any two steps of it.
import { appendFileSync, copyFileSync, existsSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import { createUpstreams, modeOf } from '../../src/app/upstreams.ts'
import { createLiveCatalog } from '../../src/catalog/live.ts'
import type { Clock } from '../../src/clock.ts'
import type { Config } from '../../src/config/config.ts'
import type { Context, LoopName } from '../../src/context.ts'
import { CommitUnknown } from '../../src/db/errors.ts'
import type { Database, Tx } from '../../src/db/database.ts'
import { openSqlite } from '../../src/db/sqlite/sqlite.ts'
import type { Adapter } from '../../src/upstream/adapter.ts'

/** What a killed process would have gone on to do, and does not. */
class Killed extends Error {}

/** What the store does to the next transaction. */
export type StoreFault = 'busy' | 'full' | 'commit fails' | 'kept but not confirmed' | 'a neighbour throws'

export interface Birth {
  readonly number: number
  readonly file: string
  /** Where the files go as the process leaves them when it is killed. */
  readonly image: string
  readonly config: Config
  readonly base: Context
  readonly clock: Clock
  readonly adapter: (life: Life) => Adapter
  readonly wake: (loop: LoopName) => void
  readonly onEnd: (where: string) => void
  /** What a write that was cut off leaves behind the last commit. */
  readonly torn: () => Uint8Array | null
}

const never = new Promise<never>(() => undefined)

export class Life {
  readonly number: number
  readonly ctx: Context
  dead = false
  /** Something was done to its store: errors are to be expected, and not everything is written down at once. */
  troubled = false
  /** How many passages until it is killed; null: it lives. */
  killIn: number | null = null
  /** Transactions under way. */
  busy = 0
  readonly faults: StoreFault[] = []
  readonly #birth: Birth
  readonly #db: Database

  constructor(birth: Birth) {
    const { config, base, adapter, clock, wake } = birth
    this.#birth = birth
    this.number = birth.number
    this.#db = openSqlite({ file: birth.file, onFatal: (error) => this.kill(error.message) })
    const upstreams = [...createUpstreams(config, clock)].map(
      ([name, upstream]) => [name, { ...upstream, adapter: adapter(this) }] as const,
    )
    this.ctx = {
      ...base,
      config,
      log: base.log.child({ life: birth.number }),
      clock: {
        now: clock.now,
        monotonic: clock.monotonic,
        boot: clock.boot,
        // Nobody wakes in a process that is gone.
        sleep: async (ms, signal) => {
          await (this.dead ? never : clock.sleep(ms, signal))
          if (this.dead) await never
        },
      },
      catalog: createLiveCatalog(config, modeOf(config)),
      upstreams: new Map(upstreams),
      db: {
        ...this.#db,
        transaction: (work) => this.#transaction(work),
      },
      wake,
    }
  }

  get file(): string {
    return this.#birth.file
  }

  /** A place at which the process may be killed. Throws where it was. */
  point(where: string): void {
    if (this.killIn !== null && !this.dead) {
      this.killIn -= 1
      if (this.killIn < 0) this.kill(where)
    }
    if (this.dead) throw new Killed(where)
  }

  /** The files stay as they are at this moment; whatever still runs reaches nothing any more. */
  kill(where: string): void {
    if (this.dead) return
    this.dead = true
    const { file, image, torn, onEnd } = this.#birth
    copyFileSync(file, image)
    if (existsSync(`${file}-wal`)) {
      copyFileSync(`${file}-wal`, `${image}-wal`)
      const rest = torn()
      if (rest) appendFileSync(`${image}-wal`, rest)
    }
    onEnd(where)
  }

  async close(): Promise<void> {
    this.dead = true
    await this.#db.close()
  }

  /** As many pages as there are, or as many as it takes. */
  async limitPages(isFull: boolean): Promise<void> {
    await this.#db.transaction(async (tx) => {
      const [{ page_count: pages } = { page_count: 0 }] = await tx.rows<{ page_count: number }>(
        sql`PRAGMA page_count`,
      )
      await tx.rows(sql.raw(`PRAGMA max_page_count = ${isFull ? pages : 1_000_000}`))
    })
  }

  async #transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    this.point('before a transaction')
    const fault = this.faults.shift()
    if (fault !== undefined) this.troubled = true
    if (fault === 'busy') throw Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })
    this.busy += 1
    try {
      if (fault === 'full') await this.limitPages(true)
      // Patience would only cost time: nothing of what is proved here depends on it.
      const kept = this.#db.transaction(async (tx) => {
        if (this.dead) throw new Killed('in a transaction')
        const result = await work(tx)
        this.point('before a commit')
        return result
      })
      const saboteur = fault === undefined ? undefined : saboteurs[fault]
      if (saboteur) this.#db.transaction(saboteur).catch(() => undefined)
      const result = await kept
      if (fault === 'kept but not confirmed') {
        this.kill('a commit that was kept was not confirmed')
        throw new CommitUnknown(new Error('fsync'))
      }
      this.point('after a commit')
      return result
    } finally {
      this.busy -= 1
    }
  }
}

const saboteurs: Partial<Record<StoreFault, (tx: Tx) => Promise<void>>> = {
  'a neighbour throws': async () => {
    throw new Error('the work beside it threw')
  },
  /** A reference that is only looked at when the turn commits makes that commit fail. */
  'commit fails': async (tx) => {
    await tx.run(sql`PRAGMA defer_foreign_keys = ON`)
    const key = { id: 'key_nobody', accountId: 'nobody', name: '', hash: 'none', prefix: '', createdAt: 1 }
    await tx.insert(tx.tables.keys).values(key)
  },
}
