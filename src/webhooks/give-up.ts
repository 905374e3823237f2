// Ends what waits for an account's URL that is gone, some at a time, however much waits.
import type { Tx } from '../db/database.ts'
import type { LaneName } from './queue/fair-queue.ts'
import { giveUpInLane } from './store.ts'

/** In one transaction; the deliver loop goes on with the rest. */
const atOnceMax = 200

/** Returns whether some may be left. */
export async function giveUpSome(tx: Tx, lane: LaneName & { readonly lastError: string }): Promise<boolean> {
  const ended = await giveUpInLane(tx, { ...lane, max: atOnceMax })
  return ended.length === atOnceMax
}
