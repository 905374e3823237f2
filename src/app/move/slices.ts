// Walks through a table of any size in slices whose memory is bounded: by their rows, and by their bytes.
import { setImmediate } from 'node:timers/promises'
import type { MoveSource } from '../../db/move/end.ts'
import { keyOf } from '../../db/move/shapes.ts'
import type { Row, TableShape } from '../../db/move/shapes.ts'

/** The first slice of a table is small, because nobody knows yet how long its rows are. */
const rowsFirst = 64
const rowsMax = 2_000
/** What a slice holds is held several times while it is on its way. */
const charactersMax = 4 * 1024 * 1024

export class Slices {
  /** The key of the last row that was read. */
  after: Row | null = null
  rows = 0
  readonly #shape: TableShape
  readonly #rowsMax: number
  #limit: number

  constructor(shape: TableShape, most = rowsMax) {
    this.#shape = shape
    this.#rowsMax = most
    this.#limit = Math.min(rowsFirst, most)
  }

  /** Of the next slice. */
  terms(): { readonly after: Row | null; readonly limit: number } {
    return { after: this.after, limit: this.#limit }
  }

  async next(source: Pick<MoveSource, 'slice'>): Promise<Row[]> {
    // SQLite answers within the turn; statements that are done with, and lost locks, are looked after between turns.
    await setImmediate()
    const rows = await source.slice(this.#shape, this.terms())
    const last = rows.at(-1)
    if (!last) return rows
    this.after = keyOf(this.#shape, last)
    this.rows += rows.length
    this.#limit = this.#limitAfter(rows)
    return rows
  }

  /** As many rows of that length as fit, and never more than twice as many as before. */
  #limitAfter(rows: readonly Row[]): number {
    const characters = rows.reduce(
      (sum, row) => sum + row.reduce((some, value) => some + (value?.length ?? 0), 0),
      1,
    )
    const fit = Math.floor((charactersMax * rows.length) / characters)
    return Math.max(1, Math.min(fit, this.#limit * 2, this.#rowsMax))
  }
}
