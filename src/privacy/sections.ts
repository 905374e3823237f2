// What an export holds of an account, kind by kind, each in pages by an index.
import { sql } from '../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection } from '../db/database.ts'
import { documentsOf } from '../tasks/archive/orders.ts'

export type Row = Readonly<Record<string, unknown>>

export interface ExportedItem {
  /** What the next page of the section begins behind. */
  readonly cursor: string
  /** Null: nothing of the account; the walk has come so far. */
  readonly row: Row | null
}

export interface Section {
  readonly name: string
  /** What its items may be called; behind anything else a part of it would be left out without a word. */
  readonly cursors: RegExp
  /** The next items behind `after`; empty: there are no more. */
  page(read: Connection, of: PageOf): Promise<ExportedItem[]>
}

export interface PageOf {
  readonly accountId: string
  /** Empty: from the start. */
  readonly after: string
}

const rowsOfPage = 500
/** Each is all rows of an order. */
const tasksOfPage = 50
/** Codes have no index by who redeemed them. */
const codesOfPage = 5_000

const only = /^all$/
const numbers = /^\d{1,15}$/
const fileNames = /^[\w.-]{1,128}$/

/** Rows have the names of the store's columns, as orders have in the archive. */
export const sections: readonly Section[] = [
  {
    name: 'account',
    cursors: only,
    page: once((tables, id) => sql`SELECT * FROM ${tables.accounts} WHERE id = ${id}`),
  },
  {
    name: 'keys',
    cursors: /^key_[0-9a-z]{27}$/,
    page: byId((tables, { accountId, after }) => {
      const uses = sql`(SELECT u.used_at FROM ${tables.keyUses} u WHERE u.key_id = k.id) AS used_at`
      return sql`SELECT k.*, ${uses} FROM ${tables.keys} k
        WHERE k.account_id = ${accountId} AND k.id > ${after} ORDER BY k.id LIMIT ${rowsOfPage}`
    }),
  },
  {
    name: 'webhook_endpoints',
    cursors: only,
    page: once((tables, id) => sql`SELECT * FROM ${tables.webhookEndpoints} WHERE account_id = ${id}`),
  },
  {
    name: 'webhook_choices',
    cursors: only,
    page: once((tables, id) => sql`SELECT * FROM ${tables.webhookChoices} WHERE account_id = ${id}`),
  },
  { name: 'codes', cursors: /^code_[0-9a-z]{27}$/, page: redeemedCodes },
  {
    name: 'uploads',
    cursors: fileNames,
    page: byId(
      (tables, { accountId, after }) => sql`SELECT u.*, u.name AS id FROM ${tables.uploads} u
        WHERE u.account_id = ${accountId} AND u.name > ${after} ORDER BY u.name LIMIT ${rowsOfPage}`,
    ),
  },
  {
    name: 'entries',
    cursors: numbers,
    page: byId(
      (tables, { accountId, after }) => sql`SELECT * FROM ${tables.entries}
        WHERE account_id = ${accountId} AND id > ${Number(after)} ORDER BY id LIMIT ${rowsOfPage}`,
    ),
  },
  {
    name: 'deliveries',
    cursors: /^msg_[0-9a-z]{27}$/,
    // Those of tasks stand with their orders.
    page: byId(
      (tables, { accountId, after }) => sql`SELECT * FROM ${tables.webhookDeliveries}
        WHERE account_id = ${accountId} AND id > ${after} AND task_id IS NULL ORDER BY id LIMIT ${rowsOfPage}`,
    ),
  },
  { name: 'orders', cursors: /^task_[0-9a-z]{27}$/, page: orders },
  {
    name: 'acts',
    cursors: numbers,
    page: byId(
      (tables, { accountId, after }) => sql`SELECT * FROM ${tables.acts}
        WHERE (target = ${accountId} OR target IN (SELECT k.id FROM ${tables.keys} k WHERE k.account_id = ${accountId}))
        AND id > ${Number(after)} ORDER BY id LIMIT ${rowsOfPage}`,
    ),
  },
]

type Tables = Connection['tables']

/** Nobody reads a key or a callback's token out of an export. */
const secrets = new Set(['hash', 'callback_token_hash', 'sealed'])

const withoutSecrets = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([column]) => !secrets.has(column)))

function byId(query: (tables: Tables, of: PageOf) => SQL): Section['page'] {
  return async (read, of) => {
    const rows = await read.rows<Row>(query(read.tables, of))
    return rows.map((row) => ({ cursor: String(row['id']), row: withoutSecrets(row) }))
  }
}

/** A few rows, all in one page. */
function once(query: (tables: Tables, accountId: string) => SQL): Section['page'] {
  return async (read, { accountId, after }) => {
    if (after !== '') return []
    const rows = await read.rows<Row>(query(read.tables, accountId))
    return rows.map((row) => ({ cursor: 'all', row: withoutSecrets(row) }))
  }
}

async function redeemedCodes(read: Connection, { accountId, after }: PageOf): Promise<ExportedItem[]> {
  const rows = await read.rows<Row & { id: string; redeemed_by: string | null }>(
    sql`SELECT id, batch_id, prefix, credits, redeemed_by, redeemed_at, created_at FROM ${read.tables.codes}
      WHERE id > ${after} ORDER BY id LIMIT ${codesOfPage}`,
  )
  const last = rows.at(-1)
  const theirs = rows.filter((row) => row.redeemed_by === accountId)
  const found = theirs.map((row) => ({ cursor: row.id, row: row as Row }))
  return last && found.at(-1)?.cursor !== last.id ? [...found, { cursor: last.id, row: null }] : found
}

/** An order stands where its first task does, with what is known of it besides its rows. */
async function orders(read: Connection, { accountId, after }: PageOf): Promise<ExportedItem[]> {
  const { acts, orphanDecisions, requests, tasks, unknownSubmits } = read.tables
  const first = sql`NOT EXISTS (SELECT 1 FROM ${tasks} e WHERE e.request_id = t.request_id AND e.id < t.id)`
  const found = await read.rows<{ id: string; request_id: string | null }>(
    sql`SELECT t.id AS id, CASE WHEN ${first} AND r.first_frame_of IS NULL THEN r.id END AS request_id
      FROM ${tasks} t JOIN ${requests} r ON r.id = t.request_id
      WHERE t.account_id = ${accountId} AND t.id > ${after} ORDER BY t.id LIMIT ${tasksOfPage}`,
  )
  const ids = found.flatMap(({ request_id: id }) => id ?? [])
  const documents = ids.length === 0 ? [] : await documentsOf(read, ids)
  const byRequest = new Map(documents.map((document) => [document.request['id'], document]))
  const items: ExportedItem[] = []
  for (const { id, request_id: requestId } of found) {
    const document = requestId === null ? undefined : byRequest.get(requestId)
    if (!document) {
      items.push({ cursor: id, row: null })
      continue
    }
    const taskIds = document.tasks.map((task) => String(task['id']))
    const orphanIds = document.orphans.map((orphan) => String(orphan['id']))
    const submits = await read.rows<Row & { id: string }>(
      sql`SELECT * FROM ${unknownSubmits} WHERE request_id = ${requestId}`,
    )
    const works = [...orphanIds, ...submits.map((submit) => submit.id)]
    const decisions =
      works.length === 0
        ? []
        : await read.rows<Row>(sql`SELECT * FROM ${orphanDecisions} WHERE orphan_id IN ${works}`)
    const noted = await read.rows<Row>(
      sql`SELECT * FROM ${acts} WHERE target IN ${[...taskIds, ...works]} ORDER BY id`,
    )
    items.push({ cursor: id, row: { ...document, unknown_submits: submits, decisions, acts: noted } })
  }
  return items
}
