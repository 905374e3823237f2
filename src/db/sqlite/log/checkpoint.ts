// Checkpoints in a thread: copying thousands of pages into the store would hold the event loop.
import { Worker } from 'node:worker_threads'
import type Sqlite from 'better-sqlite3'
import { ownProgram } from '../../../own-files.ts'
import { copyLog } from './copy.ts'
import type { Copied } from './copy.ts'

/** If a long read keeps pages in the log, the next try waits for this many more. */
const retryPages = 2_000
/** Looking how long the log is costs microseconds. */
const commitsPerLook = 16
/** What is copied while works wait: it takes some ten milliseconds. */
const restPagesMax = 500
/** Works write on meanwhile, so copying may never catch up. */
const copiesMax = 4

export interface CheckpointOptions {
  readonly file: string
  readonly client: Sqlite.Database
  /** Pages in the log before a checkpoint; a higher number copies hot pages less often. */
  readonly pages: number
  /** Calls `work` when no transaction is open and every commit is durable; works wait until it has resolved. */
  pause(work: () => Promise<void>): Promise<void>
  /** What the disk holds of the store is unknown: it has to be read afresh. */
  onDistrust(error: Error): void
}

/**
 * SQLite begins the log anew only if all of it is in the store when a transaction begins. The thread copies most
 * of it while works go on; then they pause for the rest.
 */
export class Checkpoints {
  readonly #options: CheckpointOptions
  readonly #lengths: Sqlite.Statement<[], { log: number; checkpointed: number }>
  #commits = 0
  #nextAt: number
  #underWay: Promise<void> | null = null

  constructor(options: CheckpointOptions) {
    this.#options = options
    this.#nextAt = options.pages
    this.#lengths = options.client.prepare('PRAGMA wal_checkpoint(NOOP)')
  }

  /** Call it when no transaction is open. */
  afterCommit(): void {
    this.#commits += 1
    if (this.#underWay || this.#commits % commitsPerLook !== 0) return
    const lengths = this.#lengths.get()
    if (!lengths || lengths.log - lengths.checkpointed < this.#nextAt) return
    this.#underWay = this.#run()
      .catch(this.#options.onDistrust)
      .finally(() => (this.#underWay = null))
  }

  async end(): Promise<void> {
    await this.#underWay
  }

  async #run(): Promise<void> {
    const { file, client, pages, pause } = this.#options
    const thread = startThread(file)
    try {
      const copy = async () => this.#leftOf(await thread.copy())
      let left = await copy()
      for (let copies = 1; left > restPagesMax && copies < copiesMax; copies += 1) left = await copy()
      await pause(async () => void (left = await copy()))
      this.#nextAt = left === 0 ? pages : Math.max(pages, left + retryPages)
    } catch {
      // Without the thread a checkpoint holds the event loop, which is better than a log without end.
      await pause(async () => void this.#leftOf(copyLog(client)))
    } finally {
      await thread.end()
    }
  }

  #leftOf({ left, failure }: Copied): number {
    // After a failed write or sync, what is in the store's file is unknown, but the log still has all of it.
    if (failure?.code.startsWith('SQLITE_IOERR')) this.#options.onDistrust(new Error(failure.message))
    return left ?? this.#options.pages
  }
}

interface CopyThread {
  copy(): Promise<Copied>
  end(): Promise<void>
}

function startThread(file: string): CopyThread {
  const worker = new Worker(ownProgram('db/sqlite/log/checkpoint-thread'), {
    workerData: file,
    name: 'checkpoint',
  })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const dead = Promise.withResolvers<never>()
  worker.once('error', dead.reject)
  worker.once('exit', () => dead.reject(new Error('the thread of the checkpoint has ended')))
  dead.promise.catch(() => undefined)
  return {
    async copy() {
      const copied = new Promise<Copied>((resolve) => worker.once('message', resolve))
      worker.postMessage('copy')
      return await Promise.race([copied, dead.promise])
    },
    async end() {
      worker.postMessage('end')
      await ended
    },
  }
}
