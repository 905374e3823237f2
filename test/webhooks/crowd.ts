// Many deliveries, each to a receiver of its own, straight into the store: tests of the queue need not end so many tasks.
import type { TestStore } from '../support/stores/dialect.ts'

interface Crowd {
  readonly accountId: string
  readonly count: number
  readonly dueAt: number
  /** The account's own URL instead of receivers of their own. */
  readonly toAccountUrl?: true
}

export async function crowdDeliveries(
  store: TestStore,
  { accountId, count, dueAt, toAccountUrl }: Crowd,
): Promise<void> {
  const [source, receiver] = toAccountUrl ? ['account', "''"] : ['request', "'r' || i || '.invalid'"]
  await store.spoil(
    `
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver, body, state, due_at, claimed,
        attempts_made, retries_made, created_at)
      SELECT 'msg_' || i, '${accountId}', 'crowd_' || i, 'task.failed', '${source}', 'https://r.invalid/' || i, ${receiver},
        '{}', 'pending', ${dueAt}, false, 0, 0, ${dueAt} FROM n`,
    'references',
  )
}
