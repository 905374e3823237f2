// The figures of reports, as the rows of the store say them: what rollups have to add up to.
import { sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection, Tx } from '../../db/database.ts'
import { quarterMs } from '../../db/tables.ts'

/** What a rollup is of. `leak`: why its work was made and not sold; empty: what was sold. */
export const dimensions = ['quarter', 'account_id', 'model_id', 'upstream', 'key_id', 'leak'] as const
/** What can be added up. */
export const figures = [
  'works',
  'tasks',
  'succeeded',
  'failed',
  'charged',
  'refunded',
  'cost',
  'cost_unknown',
] as const
export type Figure = (typeof figures)[number]

/** Each as `as` writes it. */
export const listed = (names: readonly string[], as = (name: string): string => name, between = ', '): SQL =>
  sql.raw(names.map(as).join(between))

/** Sums of whole numbers have no fraction; PostgreSQL's have a type of their own. */
export const summed = (names: readonly string[]): SQL =>
  listed(names, (name) => `CAST(sum(${name}) AS bigint) AS ${name}`)

/** Accounts after an id, up to another one; null: all that are behind it. */
export interface AccountRange {
  readonly after: string
  readonly until: string | null
}

/** Which rows are added up. */
export type Among = { readonly requestIds: readonly string[] } | AccountRange

export const inRange = (column: string, { after, until }: AccountRange): SQL =>
  until === null
    ? sql`${sql.raw(column)} > ${after}`
    : sql`${sql.raw(column)} > ${after} AND ${sql.raw(column)} <= ${until}`

const quarterOf = (time: string): SQL => sql.raw(`${time} / ${quarterMs}`)
const one = (condition: string): SQL => sql.raw(`CASE WHEN ${condition} THEN 1 ELSE 0 END`)
const ofTask = sql.raw('t.account_id, t.model_id, t.upstream, r.key_id')
const ended = (task: string): string => `coalesce(${task}.finished_at, ${task}.created_at)`

/**
 * One row for each charge, refund, correction by hand, success, first frame and orphan that the store has rows of. Charges and refunds
 * count when they are made, everything else when it ends; work that was made and not sold when that becomes known.
 */
export function figuresOf({ tables }: Connection, among: Among): SQL {
  const { entries, orphanDecisions, orphans, requests, tasks } = tables
  const only = (requestId: string, accountId: string): SQL =>
    'requestIds' in among ? sql`${sql.raw(requestId)} IN ${among.requestIds}` : inRange(accountId, among)
  const moved = (
    ofEntry: string,
  ): SQL => sql`SELECT ${quarterOf('e.created_at')} AS quarter, e.account_id AS account_id, t.model_id AS model_id,
      t.upstream AS upstream, r.key_id AS key_id, '' AS leak, 0 AS works, ${one("e.kind = 'charge'")} AS tasks,
      0 AS succeeded, ${one("e.kind = 'refund'")} AS failed,
      CASE WHEN e.amount < 0 THEN -e.amount ELSE 0 END AS charged,
      CASE WHEN e.amount > 0 THEN e.amount ELSE 0 END AS refunded, 0 AS cost, 0 AS cost_unknown
    FROM ${tasks} t JOIN ${requests} r ON r.id = t.request_id JOIN ${entries} e ON ${sql.raw(ofEntry)} = t.id
    WHERE ${only('t.request_id', 't.account_id')}`
  const succeeded = sql`SELECT ${quarterOf(ended('t'))}, ${ofTask}, '', 1, 0, 1, 0, 0, 0, coalesce(t.cost, 0), ${one('t.cost IS NULL')}
    FROM ${tasks} t JOIN ${requests} r ON r.id = t.request_id
    WHERE t.state = 'succeeded' AND coalesce(t.step, '') <> 'first_frame' AND ${only('t.request_id', 't.account_id')}`
  // The first output bears the price of the first frame: if it failed, that came back, and the frame was not sold.
  const frames = sql`SELECT ${quarterOf('CASE WHEN v.finished_at > f.finished_at THEN v.finished_at ELSE f.finished_at END')}, f.account_id, f.model_id, f.upstream, p.key_id,
      CASE v.state WHEN 'succeeded' THEN '' ELSE 'first_frame' END, 1, 0, 0, 0, 0, 0, coalesce(f.cost, 0), ${one('f.cost IS NULL')}
    FROM ${requests} p JOIN ${tasks} f ON f.request_id = p.id
    JOIN ${tasks} v ON v.id = (SELECT min(w.id) FROM ${tasks} w WHERE w.request_id = p.first_frame_of)
    WHERE p.first_frame_of IS NOT NULL AND f.state = 'succeeded' AND v.state IN ('succeeded', 'failed')
      AND ${only('p.first_frame_of', 'p.account_id')}`
  // A repeated id names work that another order has: nothing more was made. What was charged again is sold.
  const leaked = sql`SELECT ${quarterOf('o.created_at')}, r.account_id, r.model_id, o.upstream, r.key_id, o.reason,
      1, 0, 0, 0, 0, 0, coalesce(o.cost, 0), ${one('o.cost IS NULL')}
    FROM ${orphans} o JOIN ${requests} r ON r.id = o.request_id
    WHERE o.reason <> 'repeated_id' AND ${only('o.request_id', 'r.account_id')} AND NOT EXISTS (
      SELECT 1 FROM ${orphanDecisions} d WHERE d.orphan_id = o.id AND d.decision = 'charge')`
  return sql.join([moved('e.task_id'), moved('e.for_task_id'), succeeded, frames, leaked], sql` UNION ALL `)
}

type Rolled = 'rollups' | 'rollupsArchived'

/** Adds rows of figures, which may be negative, to those that are there. */
export async function addFigures(tx: Tx, into: Rolled, rows: SQL): Promise<void> {
  const table = tx.tables[into]
  const name = into === 'rollups' ? 'rollups' : 'rollups_archived'
  await tx.rows(sql`INSERT INTO ${table} (${listed([...dimensions, ...figures])})
    SELECT ${listed(dimensions)}, ${summed(figures)} FROM (${rows}) g WHERE 1 = 1 GROUP BY ${listed(dimensions)}
    ON CONFLICT (${listed(dimensions)}) DO UPDATE SET ${listed(figures, (each) => `${each} = ${name}.${each} + excluded.${each}`)} RETURNING 1 AS done`)
}

/**
 * Keeps the figures of orders that are archived: call it in the transaction that removes them, before it does. Of a
 * first frame, with the order that it was made for.
 */
export async function keepFigures(tx: Tx, requestIds: readonly string[]): Promise<void> {
  await addFigures(tx, 'rollupsArchived', figuresOf(tx, { requestIds }))
}
