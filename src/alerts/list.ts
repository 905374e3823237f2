// Lists alerts, newest first, with what became of their messages.
import type { Context } from '../context.ts'
import type { Connection } from '../db/database.ts'
import { idAfterAll } from '../ids.ts'
import { alertsBefore, messagesOf, openAlerts } from './store.ts'
import type { AlertRow, MessageRow } from './store.ts'
import { tell } from './words.ts'

export interface ListedAlert extends AlertRow {
  readonly title: string
  readonly text: string
  readonly messages: readonly MessageRow[]
}

export interface AlertQuery {
  readonly before: string | null
  readonly limit: number
  readonly language: 'en' | 'zh'
}

/** One more than asked for, to tell whether there are more. */
export async function listAlerts(read: Connection, query: AlertQuery): Promise<ListedAlert[]> {
  const before = query.before ?? idAfterAll('alert')
  return await withMessages(read, await alertsBefore(read, { before, limit: query.limit + 1 }), query)
}

/** Those that are not over. */
export async function listOpenAlerts(
  read: Connection,
  query: Pick<AlertQuery, 'language'>,
): Promise<ListedAlert[]> {
  return await withMessages(read, await openAlerts(read, {}), query)
}

/** How many are not over, for each rule. */
export async function firingByRule({ db, config }: Context): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const rule of Object.keys(config.alerts.rules)) counts[rule] = 0
  for (const { rule } of await openAlerts(db.read, {})) counts[rule] = (counts[rule] ?? 0) + 1
  return counts
}

async function withMessages(
  read: Connection,
  rows: readonly AlertRow[],
  { language }: Pick<AlertQuery, 'language'>,
): Promise<ListedAlert[]> {
  return await Promise.all(
    rows.map(async (row) => ({
      ...row,
      ...tell({ ...row, kind: 'fired' }, language, (value) => String(value ?? '–')),
      messages: await messagesOf(read, { alertId: row.id }),
    })),
  )
}
