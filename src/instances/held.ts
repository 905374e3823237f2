// Whether the instance that has claimed something still serves the store.
import { eq, exists } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'

/** Whether a claim is held by an instance that serves the store; without a holder it is not. */
export function isHeld(tx: Connection, holder: Holder) {
  const { instances } = tx.tables
  return exists(tx.select({ id: instances.id }).from(instances).where(eq(instances.id, holder)))
}

type Holder = Tables['attempts' | 'keeps' | 'webhookDeliveries' | 'pollClaims']['holder']
