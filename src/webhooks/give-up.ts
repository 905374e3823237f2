// Ends deliveries that wait for an account's URL that is gone, in bounded batches.
import type { Tx } from '../db/database.ts'
import type { LaneName } from './queue/fair-queue.ts'
import { giveUpInLane } from './store.ts'

/** Per transaction; the deliver loop continues with the rest. */
const atOnceMax = 200

/** Returns whether some may be left. */
export async function giveUpSome(tx: Tx, lane: LaneName & { readonly lastError: string }): Promise<boolean> {
  const ended = await giveUpInLane(tx, { ...lane, max: atOnceMax })
  return ended.length === atOnceMax
}
