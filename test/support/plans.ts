// What the store was asked, statement by statement, and how it would look each up.
import Sqlite from 'better-sqlite3'
import { vi } from 'vitest'

/** From before the store is opened, since a connection prepares on itself. Restore it when the file ends. */
export function watchStatements() {
  const prepare = vi.spyOn(Sqlite.prototype, 'prepare')
  const asked = (from = 0): string[] =>
    prepare.mock.calls
      .slice(from)
      .map(([statement]) => statement)
      .filter((statement) => /^\s*(select|update|delete|insert|with)\b/i.test(statement))
  return {
    /** Every statement so far. */
    all: () => [...new Set(asked())],
    /** Those that the work brought. */
    async during(work: () => Promise<unknown>): Promise<string[]> {
      const before = prepare.mock.calls.length
      await work()
      return asked(before)
    },
    restore: () => prepare.mockRestore(),
  }
}

/** The steps of the plan, as `EXPLAIN QUERY PLAN` words them. */
export function planOf(file: string, statement: string): string[] {
  const client = new Sqlite(file, { readonly: true })
  try {
    const explained = client.prepare(`EXPLAIN QUERY PLAN ${statement}`)
    const blanks = Array.from({ length: statement.split('?').length - 1 }, () => null)
    return (explained.all(...blanks) as { detail: string }[]).map(({ detail }) => detail)
  } finally {
    client.close()
  }
}
