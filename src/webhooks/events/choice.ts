// The event types that an account receives, at its own URL and at those that its requests name.
import { eq, sql } from '../../db/drizzle.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { eventTypes } from '../../db/tables.ts'
import { defaultTypes } from './types.ts'
import type { EventType } from './types.ts'

const choiceOf = statement<{ type: EventType }>('webhook_choice', (read) => {
  const { webhookChoices: choices } = read.tables
  return read
    .select({ type: choices.type })
    .from(choices)
    .where(eq(choices.accountId, sql.placeholder('accountId')))
})

/** In the order of the list of types. An account that has chosen nothing gets the default ones. */
export async function typesFor(read: Connection, accountId: string): Promise<readonly EventType[]> {
  const chosen = await choiceOf(read, { accountId })
  if (chosen.length === 0) return defaultTypes
  return eventTypes.filter((type) => chosen.some((row) => row.type === type))
}

/** The account receives these types (at least one) from now on; null: the defaults, even if they change. */
export async function choose(tx: Tx, accountId: string, types: readonly EventType[] | null): Promise<void> {
  const { webhookChoices: choices } = tx.tables
  await tx.delete(choices).where(eq(choices.accountId, accountId))
  const rows = [...new Set(types)].map((type) => ({ accountId, type }))
  if (rows.length > 0) await tx.insert(choices).values(rows)
}
