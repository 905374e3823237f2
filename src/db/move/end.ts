// The two ends of a move: rows as they stand, without what the rooms make of them.
import type { Filling, Mark, MovedAway } from './mark.ts'
import type { Row, TableShape } from './shapes.ts'

export interface SliceTerms {
  /** The key of the row before the first; null: from the beginning. */
  readonly after: Row | null
  readonly limit: number
}

interface MoveEnd {
  mark(): Promise<Mark | null>
  /** The next rows in the order of their keys. */
  slice(shape: TableShape, terms: SliceTerms): Promise<Row[]>
  close(): Promise<void>
}

/** Nobody else writes to it, from its opening to its close. */
export interface MoveSource extends MoveEnd {
  /** Durable when it resolves. */
  markMoved(mark: MovedAway): Promise<void>
}

export interface MoveTarget extends MoveEnd {
  /** Leaves the mark, and empties the tables in which a new store has rows. */
  begin(mark: Filling, filled: readonly string[]): Promise<void>
  /**
   * Writes rows and the mark in one transaction. Triggers are lifted within it alone: rows that were counted and
   * checked when they were made are not counted again, and no crash leaves the store without its guards. Checks,
   * references and unique indexes hold throughout.
   */
  put(shape: TableShape, rows: readonly Row[], mark: Filling): Promise<void>
  /** Numbers that the store gives out go on behind the highest one. */
  settleNumbers(shapes: readonly TableShape[]): Promise<void>
  /** The row as this dialect can store it. */
  storable(row: Row): Row
  /** Removes the mark: from now on it may be served. */
  finish(): Promise<void>
}
