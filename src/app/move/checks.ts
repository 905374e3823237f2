// What is required of the two stores of a move, before it begins and before it ends.
import type { Ownership, Store } from '../../db/dialect.ts'
import { StoreRefused } from '../../db/errors.ts'
import type { MoveTarget } from '../../db/move/end.ts'
import { markedWords } from '../../db/move/mark.ts'
import { tableShapes } from '../../db/move/shapes.ts'
import type { Row } from '../../db/move/shapes.ts'
import { freshRows } from '../../db/move/fresh.ts'
import { neverLate, verifyLedger } from '../../ledger/verify.ts'

export interface Stores {
  readonly from: Store
  readonly to: Store
}

export async function requireSource({ from, to }: Stores): Promise<void> {
  if (from.name === to.name) throw new StoreRefused(`${from.name} cannot be moved into itself.`)
  if (!(await from.exists())) {
    throw new StoreRefused(`There is no store at ${from.name}, so there is nothing to move.`)
  }
  if (await from.isServed()) throw from.served(undefined)
  const { schema, damage } = await from.examine()
  if (schema !== 'current') {
    throw new StoreRefused(
      `${from.name} is of ${schema === 'newer' ? 'a newer' : 'an older'} tollgate than this one, and nothing was ` +
        'moved. Serve it once with this version, then move it.',
    )
  }
  if (damage.length === 0) return
  throw new StoreRefused(
    `${from.name} is damaged, and nothing was moved: ${damage.join('; ')}. Put a backup in its place, then move that.`,
  )
}

export interface Pair {
  /** The target is marked: a move of this source has begun to fill it. */
  readonly isBegun: boolean
  /** The source is marked, too: everything has arrived. */
  readonly isHandedOver: boolean
}

/** If the stores are marked, it must be by a move from the one to the other. */
export async function requirePair({ from, to }: Stores): Promise<Pair> {
  const [source, target] = [await from.mark(), await to.mark()]
  const isHandedOver = source?.state === 'moved' && source.move === target?.move
  if (source && !isHandedOver) throw new StoreRefused(markedWords(from.name, source))
  if (target?.state === 'moved') throw new StoreRefused(markedWords(to.name, target))
  if (target && target.from !== from.name) {
    throw new StoreRefused(
      `${to.name} is being filled from ${target.from}, and not from ${from.name}. Nothing was changed: name that ` +
        'source, or an empty target.',
    )
  }
  return { isBegun: target !== null, isHandedOver }
}

export interface Counted {
  readonly entries: number
  readonly accounts: number
}

export async function requireSound(store: Store): Promise<Counted> {
  const { ok, drift, entries, accounts } = await verifyLedger(store.lookAt(), Date.now(), neverLate)
  if (ok) return { entries, accounts }
  throw new StoreRefused(
    `${store.name} breaks ${drift.length} promises of the ledger, and nothing was handed over. The first: ` +
      `${drift[0]?.check} (${drift[0]?.id}). tollgate ledger verify lists them.`,
  )
}

/** A new store has a few rows of its own; any other row is somebody's. */
export async function requireEmpty(to: Store, target: MoveTarget): Promise<void> {
  const fresh = freshRows()
  for (const shape of tableShapes()) {
    const known = fresh.get(shape.name) ?? []
    const rows = await target.slice(shape, { after: null, limit: known.length + 1 })
    if (rows.every((row) => known.some((each) => isSame(each, row)))) continue
    throw new StoreRefused(
      `${to.name} is not empty: there are rows in ${shape.name}. Nothing was changed: name a store that is empty, or not there yet.`,
    )
  }
}

export const isSame = (one: Row | undefined, other: Row | undefined): boolean =>
  one !== undefined && other !== undefined && one.every((value, at) => value === other[at])

/** Guards, references, checks and the ledger of what has arrived. */
export async function requireArrived({ from, to }: Stores): Promise<Counted> {
  const { schema, damage } = await to.examine()
  if (schema !== 'current' || damage.length > 0) {
    throw new StoreRefused(
      `${to.name} is not whole, and nothing was handed over: ${[`its schema is ${schema}`, ...damage].join('; ')}. ` +
        `${from.name} still has everything. Run the same command with --restart.`,
    )
  }
  await requireSound(from)
  return await requireSound(to)
}

/** Both stores, for as long as the move takes. */
export class Owned {
  readonly #ownerships: Ownership[] = []
  #lost: Error | null = null

  async take(store: Store): Promise<void> {
    this.#ownerships.push(await store.own((error) => (this.#lost ??= error)))
  }

  /** Throws if another process has taken one of them meanwhile. */
  check(): void {
    if (this.#lost) throw this.#lost
  }

  async release(): Promise<void> {
    for (const ownership of this.#ownerships.toReversed()) await ownership.release()
  }
}
