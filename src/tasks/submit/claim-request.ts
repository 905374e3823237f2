// Takes a queued order for a post, if it is as it was when it was picked.
import { and, eq, sql } from '../../db/drizzle.ts'
import { statement } from '../../db/statement.ts'
import type { RequestRow } from '../store.ts'

/**
 * Not if another instance has claimed, posted and queued it again since it was picked: what was decided of it, such
 * as that no callback can have named work of it, was decided of an order that was never posted.
 */
export const claimRequest = statement<RequestRow>(
  'request_claim',
  (tx) => {
    const { requests } = tx.tables
    return tx
      .update(requests)
      .set({
        state: 'submitting',
        dueAt: sql`${sql.placeholder('leaseEndsAt')}`,
        attemptsMade: sql`${requests.attemptsMade} + 1`,
        startTag: sql`${sql.placeholder('startTag')}`,
      })
      .where(
        and(
          eq(requests.id, sql.placeholder('id')),
          eq(requests.state, 'queued'),
          eq(requests.attemptsMade, sql.placeholder('attemptsMade')),
        ),
      )
      .returning()
  },
  { row: 'id' },
)
