// Writes ended orders into files and then removes them from the store, a few in each turn.
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { beginFile } from './file.ts'
import type { ArchiveFile } from './file.ts'
import { candidatesAfter, documentsOf, termsOf } from './orders.ts'
import type { Candidate, Stay, Terms } from './orders.ts'
import { documentWithoutTexts } from '../texts/without.ts'
import { removeOrders } from './remove.ts'
import type { Written } from './remove.ts'

/** Orders per file: after a crash at most this many are written a second time. */
const ordersOfFileMax = 10_000
/** So that a file of orders with long prompts can still be opened in an editor. */
const bytesOfFileMax = 64 * 1024 * 1024

export const archiveFolder = ({ config }: Pick<Context, 'config'>): string => join(config.dataDir, 'archive')

export interface Archived {
  /** Complete and synced to the disk. */
  readonly files: readonly string[]
  readonly orders: number
  readonly tasks: number
  /** How many old orders stay, and why. */
  readonly stay: Readonly<Partial<Record<Stay, number>>>
}

export interface ArchiveOptions {
  /** Archives orders that ended at least this long ago. */
  readonly olderThanMs: number
  /** Orders per file; smaller in tests that need several files. */
  readonly ordersOfFile?: number
}

/**
 * One round over all orders that are old now. First the file is completed and synced, then its rows are
 * removed: after a crash in between, the next round writes the orders once more, under the same ids.
 */
export class Archiving {
  readonly #ctx: Context
  readonly #terms: Terms
  readonly #ordersOfFile: number
  /** Whether files hold what customers wrote. */
  readonly #hasTexts: boolean
  readonly #files: string[] = []
  readonly #stay: Partial<Record<Stay, number>> = {}
  #orders = 0
  #tasks = 0
  #after = ''
  #isScanned = false
  #file: ArchiveFile | null = null
  /** The orders of the file that is being written, and of the last complete one. */
  #written: Written[] = []
  #removing: Written[] = []

  constructor(ctx: Context, { olderThanMs, ordersOfFile = ordersOfFileMax }: ArchiveOptions) {
    this.#ctx = ctx
    const { promptsMs } = ctx.config.privacy
    this.#hasTexts = promptsMs === null
    // An order in a file has lost its texts, and must not lose them before their time.
    this.#terms = termsOf(ctx, Math.max(olderThanMs, promptsMs ?? 0))
    this.#ordersOfFile = ordersOfFile
  }

  /** Writes or removes up to `max` orders. False: nothing is left. Orders not written stay in the store. */
  async turn(max: number): Promise<boolean> {
    if (this.#removing.length > 0) await this.#remove(max)
    else if (!this.#isScanned) await this.#write(max)
    return this.#removing.length > 0 || !this.#isScanned
  }

  result(): Archived {
    return { files: [...this.#files], orders: this.#orders, tasks: this.#tasks, stay: { ...this.#stay } }
  }

  async #write(max: number): Promise<void> {
    try {
      const free = await this.#scan(max)
      if (free.length > 0) await this.#add(free)
      const isFull = this.#written.length >= this.#ordersOfFile || (this.#file?.bytes ?? 0) >= bytesOfFileMax
      if (this.#file && (this.#isScanned || isFull)) await this.#finish(this.#file)
    } catch (error) {
      // Its orders are still in the store, and the next round finds them again.
      await this.#file?.discard().catch(() => undefined)
      this.#isScanned = true
      throw error
    }
  }

  /** The next orders that may be archived. */
  async #scan(max: number): Promise<Candidate[]> {
    const found = await candidatesAfter(this.#ctx.db.read, this.#terms, { after: this.#after, limit: max })
    this.#after = found.at(-1)?.id ?? this.#after
    this.#isScanned = found.length < max
    for (const { stays } of found) if (stays) this.#count(stays)
    return found.filter(({ stays }) => stays === null)
  }

  async #add(orders: readonly Candidate[]): Promise<void> {
    const ids = orders.map(({ id }) => id)
    const documents = await documentsOf(this.#ctx.db.read, ids)
    this.#file ??= await beginFile(archiveFolder(this.#ctx), this.#ctx.clock.now())
    const written = this.#hasTexts
      ? documents
      : documents.map((document) => documentWithoutTexts(document, this.#ctx.clock.now()))
    await this.#file.add(written.map((document) => JSON.stringify(document)))
    this.#written.push(...orders.map(({ id, mark }) => ({ id, mark })))
  }

  async #finish(file: ArchiveFile): Promise<void> {
    await file.finish()
    this.#files.push(file.path)
    this.#ctx.log.info(
      { file: file.path, orders: this.#written.length },
      'ended orders were written into the archive',
    )
    this.#file = null
    this.#removing = this.#written
    this.#written = []
  }

  async #remove(max: number): Promise<void> {
    const some = this.#removing.slice(0, max)
    const removed = await this.#ctx.db.transaction(async (tx) => await removeOrders(tx, this.#terms, some), {
      mayDelay: true,
    })
    this.#removing = this.#removing.slice(max)
    this.#orders += removed.orders
    this.#tasks += removed.tasks
    for (const why of removed.stay) this.#count(why)
  }

  #count(why: Stay): void {
    this.#stay[why] = (this.#stay[why] ?? 0) + 1
  }
}
