// Many deliveries, each to a receiver of its own, straight into the file: tests of the queue need not end so many tasks.
import Sqlite from 'better-sqlite3'

interface Crowd {
  readonly accountId: string
  readonly count: number
  readonly dueAt: number
  /** The account's own URL instead of receivers of their own. */
  readonly toAccountUrl?: true
}

export function crowdDeliveries(file: string, { accountId, count, dueAt, toAccountUrl }: Crowd): void {
  const client = new Sqlite(file)
  try {
    client.pragma('foreign_keys = OFF')
    const [source, receiver] = toAccountUrl ? ['account', "''"] : ['request', "'r' || i || '.invalid'"]
    client.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      INSERT INTO webhook_deliveries (id, account_id, task_id, type, source, url, receiver, body, state, due_at, claimed,
        attempts_made, retries_made, created_at)
      SELECT 'msg_' || i, '${accountId}', 'crowd_' || i, 'task.failed', '${source}', 'https://r.invalid/' || i, ${receiver},
        '{}', 'pending', ${dueAt}, 0, 0, 0, ${dueAt} FROM n`)
  } finally {
    client.close()
  }
}
