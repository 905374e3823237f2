// The store as somebody outside sees it: rows read with plain SQL, by a connection that the gateway knows nothing of.
import Sqlite from 'better-sqlite3'

export interface AccountRow {
  readonly id: string
  readonly status: string
  readonly balance: number
  readonly owed: number
  readonly tasks_open: number
  readonly credits_open: number
}

export interface TaskRow {
  readonly id: string
  readonly request_id: string
  readonly account_id: string
  readonly state: string
  readonly credits: number
  readonly credits_refunded: number
  readonly cancelled: number
  readonly upstream_task_id: string | null
  readonly image_url: string | null
  readonly video_url: string | null
  readonly error_message: string | null
  readonly due_at: number | null
  readonly finished_at: number | null
}

export interface RequestRow {
  readonly id: string
  readonly state: string
  readonly attempts_made: number
  readonly due_at: number | null
}

export interface EntryRow {
  readonly id: number
  readonly account_id: string
  readonly kind: string
  readonly amount: number
  readonly balance_after: number
  readonly task_id: string | null
  readonly note: string | null
  readonly owed_change: number | null
  readonly owed_after: number | null
}

export type Outside = ReturnType<typeof lookFromOutside>

export function lookFromOutside(file: string) {
  const client = new Sqlite(file, { readonly: true })
  const rows = <Row>(sql: string) => {
    const statement = client.prepare<unknown[], Row>(sql)
    return (...values: unknown[]) => statement.all(...values)
  }
  const count = rows<{ count: number }>('SELECT count(*) AS count FROM attempts WHERE request_id = ?')
  const cancelled = rows<{ count: number }>(
    'SELECT count(*) AS count FROM tasks WHERE request_id = ? AND cancelled = 1',
  )
  return {
    accounts: rows<AccountRow>('SELECT id, status, balance, owed, tasks_open, credits_open FROM accounts'),
    tasks:
      rows<TaskRow>(`SELECT id, request_id, account_id, state, credits, credits_refunded, cancelled, upstream_task_id,
      image_url, video_url, error_message, finished_at,
      (SELECT due_at FROM polls WHERE task_id = tasks.id) AS due_at FROM tasks ORDER BY id`),
    requests: rows<RequestRow>(
      'SELECT id, state, attempts_made, coalesce(not_before, due_at) AS due_at FROM requests',
    ),
    entriesAfter: rows<EntryRow>(
      `SELECT id, account_id, kind, amount, balance_after, task_id, note, owed_change, owed_after FROM entries
      WHERE id > ? ORDER BY id`,
    ),
    orphans: rows<{ upstream_task_id: string; request_id: string }>(
      'SELECT upstream_task_id, request_id FROM orphans',
    ),
    revokedKeys: rows<{ id: string }>('SELECT id FROM keys WHERE revoked_at IS NOT NULL'),
    attemptsOf: (requestId: string) => count(requestId)[0]?.count ?? 0,
    cancelledOf: (requestId: string) => cancelled(requestId)[0]?.count ?? 0,
    close: () => void client.close(),
  }
}
