// The mark on a store that was moved, or into which another one is being moved: neither may be served.
import { StoreRefused } from '../errors.ts'
import type { Row } from './shapes.ts'

/** Only a marked store has this table, with one row. */
export const markTable = 'store_move'

export const makeMarkTable = `CREATE TABLE ${markTable} (mark text NOT NULL)`

/** The target, from the first row to the last check. */
export interface Filling {
  readonly state: 'filling'
  /** Random: the same on both stores of a move. */
  readonly move: string
  /** The name of the source. */
  readonly from: string
  readonly begunAt: number
  /** The table and the key of the row that was written last; null before the first. */
  readonly last: { readonly table: string; readonly key: Row } | null
}

/** The source, once everything has arrived. */
export interface MovedAway {
  readonly state: 'moved'
  readonly move: string
  /** The name of the target. */
  readonly to: string
  readonly movedAt: number
}

export type Mark = Filling | MovedAway

export const readMark = (text: string | undefined): Mark | null =>
  text === undefined ? null : (JSON.parse(text) as Mark)

/** Why a marked store is not opened. */
export function markedWords(name: string, mark: Mark): string {
  if (mark.state === 'moved') {
    return (
      `${name} was moved to ${mark.to} on ${new Date(mark.movedAt).toISOString()}. What has happened there since is ` +
      'not in it: orders would be posted twice, and credits spent twice. Set DATABASE_URL to that store. The way ' +
      'back is in docs/operating.md, "Moving a store".'
    )
  }
  return (
    `${name} is not whole: tollgate migrate-store has begun to move ${mark.from} into it and has not finished. ` +
    'Run it again with the same --from and --to, and it goes on where it stopped. ' +
    `Unless it says otherwise, ${mark.from} still has everything and can be served meanwhile.`
  )
}

export function requireUnmarked(name: string, mark: Mark | null): void {
  if (mark) throw new StoreRefused(markedWords(name, mark))
}
