// Moves a whole store into an empty one: copied in slices, compared row by row, audited, and only then handed over.
import { StoreRefused } from '../../db/errors.ts'
import type { MoveSource, MoveTarget } from '../../db/move/end.ts'
import type { Filling } from '../../db/move/mark.ts'
import { keyOf, tableShapes } from '../../db/move/shapes.ts'
import type { Row, TableShape } from '../../db/move/shapes.ts'
import { freshRows } from '../../db/move/fresh.ts'
import { randomText } from '../../ids.ts'
import {
  Owned,
  isSame,
  requireArrived,
  requireEmpty,
  requirePair,
  requireSound,
  requireSource,
} from './checks.ts'
import type { Counted, Stores } from './checks.ts'
import { Slices } from './slices.ts'

type Phase = 'checked' | 'begun' | 'copying' | 'copied' | 'comparing' | 'compared' | 'audited' | 'marked'

export interface Step {
  readonly phase: Phase
  readonly table?: string
  /** Of that table, so far. */
  readonly rows?: number
}

interface MoveTerms extends Stores {
  /** Whether to throw away what an interrupted move has written, and to begin anew. */
  readonly restart?: boolean
  /** Called between transactions; the move goes on when it has ended. */
  readonly onStep?: (step: Step) => void | Promise<void>
  /** Rows per slice at most; smaller in tests that need several slices. */
  readonly sliceRows?: number
}

export interface Moved extends Counted {
  /** How many each table has. */
  readonly rows: Readonly<Record<string, number>>
  /** Whether an interrupted move was taken up. */
  readonly resumed: boolean
  /** Texts in which the character 0 was replaced, because the target can hold it in none. */
  readonly replaced: number
}

/** Throws StoreRefused; then the source is as it was, and the target is as it was or can be taken up again. */
export async function moveStore(terms: MoveTerms): Promise<Moved> {
  const { from, to } = terms
  await requireSource(terms)
  const owned = new Owned()
  try {
    await owned.take(from)
    await requirePair(terms)
    await requireSound(from)
    await terms.onStep?.({ phase: 'checked' })
    await to.make()
    await owned.take(to)
    const source = await from.moveFrom()
    try {
      return await new Move(terms, { owned, source }).toEnd()
    } finally {
      await source.close()
    }
  } finally {
    await owned.release()
  }
}

interface Held {
  readonly owned: Owned
  readonly source: MoveSource
}

class Move {
  readonly #terms: MoveTerms
  readonly #owned: Owned
  readonly #source: MoveSource
  #replaced = 0

  constructor(terms: MoveTerms, { owned, source }: Held) {
    this.#terms = terms
    this.#owned = owned
    this.#source = source
  }

  async toEnd(): Promise<Moved> {
    const { to, restart = false } = this.#terms
    const { isBegun, isHandedOver } = await requirePair(this.#terms)
    const isAnew = restart && isBegun && !isHandedOver
    if (isAnew) {
      await to.remove()
      await to.make()
    }
    // Throws if it is of another version.
    await to.lookAt().snapshot(async () => undefined)
    const target = await to.moveInto()
    try {
      const mark = isBegun && !isAnew ? ((await target.mark()) as Filling) : await this.#begin(target)
      if (!isHandedOver) await this.#copy(target, mark)
      const rows = await this.#verify(target)
      const counted = await requireArrived(this.#terms)
      await this.#step({ phase: 'audited' })
      if (!isHandedOver) await this.#handOver(mark)
      await target.finish()
      return { rows, ...counted, resumed: isBegun && !isAnew, replaced: this.#replaced }
    } finally {
      await target.close()
    }
  }

  async #begin(target: MoveTarget): Promise<Filling> {
    const { from, to } = this.#terms
    await requireEmpty(to, target)
    const mark: Filling = {
      state: 'filling',
      move: randomText(20),
      from: from.name,
      begunAt: Date.now(),
      last: null,
    }
    await target.begin(mark, [...freshRows().keys()])
    await this.#step({ phase: 'begun' })
    return mark
  }

  /** Goes on behind the row that was written last. */
  async #copy(target: MoveTarget, begun: Filling): Promise<void> {
    const { last } = begun
    const shapes = tableShapes()
    const first = last ? shapes.findIndex(({ name }) => name === last.table) : 0
    for (const shape of shapes.slice(first)) {
      const slices = new Slices(shape, this.#terms.sliceRows)
      if (last?.table === shape.name) slices.after = last.key
      for (;;) {
        const rows = await slices.next(this.#source)
        if (rows.length === 0) break
        const mark = { ...begun, last: { table: shape.name, key: slices.after ?? [] } }
        await target.put(shape, this.#storable(target, shape, rows), mark)
        await this.#step({ phase: 'copying', table: shape.name, rows: slices.rows })
      }
    }
  }

  /** Every row of both, beside each other. Returns how many each table has. */
  async #verify(target: MoveTarget): Promise<Record<string, number>> {
    await target.settleNumbers(tableShapes())
    await this.#step({ phase: 'copied' })
    const counts: Record<string, number> = {}
    this.#replaced = 0
    for (const shape of tableShapes()) counts[shape.name] = await this.#compare(target, shape)
    await this.#step({ phase: 'compared' })
    return counts
  }

  async #compare(target: MoveTarget, shape: TableShape): Promise<number> {
    const slices = new Slices(shape, this.#terms.sliceRows)
    for (;;) {
      const arrived = await target.slice(shape, slices.terms())
      const wanted = this.#storable(target, shape, await slices.next(this.#source))
      for (let at = 0; at < Math.max(wanted.length, arrived.length); at += 1) {
        if (!isSame(wanted[at], arrived[at])) throw this.#differs(shape, wanted[at] ?? arrived[at])
      }
      if (wanted.length === 0) return slices.rows
      await this.#step({ phase: 'comparing', table: shape.name, rows: slices.rows })
    }
  }

  /** From here on the source may not be served, and the target not before its own mark is gone: never both. */
  async #handOver({ move }: Filling): Promise<void> {
    await this.#source.markMoved({ state: 'moved', move, to: this.#terms.to.name, movedAt: Date.now() })
    await this.#step({ phase: 'marked' })
  }

  #storable(target: MoveTarget, shape: TableShape, rows: readonly Row[]): Row[] {
    return rows.map((row) => {
      const stored = target.storable(row)
      const replaced = stored.filter((value, at) => value !== row[at]).length
      this.#replaced += replaced
      if (replaced > 0 && !isSame(keyOf(shape, stored), keyOf(shape, row))) {
        throw new StoreRefused(
          `${this.#terms.from.name} holds a row of ${shape.name} whose key has the character 0, which ` +
            `${this.#terms.to.name} cannot hold: ${JSON.stringify(keyOf(shape, row))}. Nothing was handed over.`,
        )
      }
      return stored
    })
  }

  #differs(shape: TableShape, row: Row | undefined): StoreRefused {
    const { from, to } = this.#terms
    const key = JSON.stringify(row ? keyOf(shape, row) : [])
    return new StoreRefused(
      `${to.name} does not hold what ${from.name} holds: they differ in the row ${key} of ${shape.name}. Most likely ` +
        `${from.name} was served since the move began. It still has everything, and nothing was handed over. ` +
        'Run the same command with --restart, which throws away what was written and begins anew.',
    )
  }

  async #step(step: Step): Promise<void> {
    this.#owned.check()
    await this.#terms.onStep?.(step)
  }
}
