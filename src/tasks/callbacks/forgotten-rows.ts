// Attempts whose orders are missing from a restored, older copy of the store.
import { eq, sql } from '../../db/drizzle.ts'
import { statement } from '../../db/statement.ts'
import type { Tables } from '../../db/tables.ts'

export type ForgottenAttempt = Tables['forgottenAttempts']['$inferSelect']

export const forgottenAttemptById = statement<ForgottenAttempt>('forgotten_attempt_by_id', (read) => {
  const { forgottenAttempts } = read.tables
  return read
    .select()
    .from(forgottenAttempts)
    .where(eq(forgottenAttempts.id, sql.placeholder('id')))
})
