// Paused orders: out of the queue until the pause is over, then back at their old place.
import type { Connection, Tx } from '../../db/database.ts'
import { beginPause, endPause, pausesOver, pausesTooLong } from './store.ts'

/** At most this many orders whose pause is over return in one turn. */
export const backMax = 256

interface Pauses {
  readonly upstream: string
  readonly nowMs: number
  /** The longest pause that this upstream allows. */
  readonly longestMs: number
  /** How many may come back now. */
  readonly max: number
}

export async function isAnyPauseOver(read: Connection, pauses: Pauses): Promise<boolean> {
  return (await over(read, { ...pauses, max: 1 })).length > 0
}

export async function endPauses(tx: Tx, pauses: Pauses): Promise<void> {
  for (const { id } of await over(tx, pauses)) await endPause(tx, { id })
}

/** Returns orders to the queue before their pause is over. */
export async function bringBackEarly(tx: Tx, requestIds: readonly string[]): Promise<void> {
  for (const id of requestIds) await endPause(tx, { id })
}

/** Takes an order whose turn has come out of the queue until `untilMs`. */
export async function park(tx: Tx, id: string, untilMs: number): Promise<void> {
  await beginPause(tx, { id, untilMs })
}

async function over(
  read: Connection,
  { upstream, nowMs, longestMs, max }: Pauses,
): Promise<readonly { id: string }[]> {
  const ended = await pausesOver(read, { upstream, untilMs: nowMs, max })
  if (ended.length >= max) return ended
  return [...ended, ...(await pausesTooLong(read, { upstream, longestMs: nowMs + longestMs, max }))]
}
