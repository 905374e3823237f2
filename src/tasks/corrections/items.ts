// Work that was made, or may have been, and was not sold: what is known of each piece, and what the operator decides.
import { and, count, desc, eq, inArray, isNotNull, isNull, lt, sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Connection, Tx } from '../../db/database.ts'
import { cutPage } from '../../db/page.ts'
import type { Page } from '../../db/page.ts'
import { statement } from '../../db/statement.ts'
import type { reconcileDecisions, Tables } from '../../db/tables.ts'
import { conflictsNow, GatewayError } from '../../errors.ts'
import { idAfterAll } from '../../ids.ts'

type OrphanRow = Tables['orphans']['$inferSelect']
type DecisionRow = Tables['orphanDecisions']['$inferSelect']
type AttemptRow = Tables['attempts']['$inferSelect']
type TaskRow = Tables['tasks']['$inferSelect']
export type Decision = (typeof reconcileDecisions)[number]
export type ItemStatus = 'open' | 'decided' | 'all'

/** A piece of work, or a submit of which nobody knows whether it made one. */
export interface Work {
  readonly id: string
  readonly reason: OrphanRow['reason'] | 'unknown_submit'
  readonly upstream: string
  /** Empty: the upstream never told one. */
  readonly upstreamTaskId: string
  readonly requestId: string
  readonly attemptId: string | null
  readonly taskId: string | null
  readonly accountId: string
  readonly credits: number
  /** What it cost us, in millionths; null: unknown. */
  readonly cost: number | null
  readonly createdAt: number
}

export interface ReconcileItem {
  readonly id: string
  readonly work: Work
  /** Null: it waits for one. */
  readonly decision: DecisionRow | null
  /** The task whose customer got the credits back, if it is known; and the attempts of its order. */
  readonly task: TaskRow | null
  readonly attempts: readonly AttemptRow[]
  /** How many outputs of its order were given back without a word of their work; of a work that is known 1. */
  readonly outputs: number
}

export interface ItemFilter {
  readonly status: ItemStatus
  readonly before: string | null
  readonly limit: number
}

interface Found {
  readonly id: string
  readonly work: Work
  readonly decision: DecisionRow | null
}

/** Newest first. An orphan is listed for as long as its order is in the store. */
export async function listItems(read: Connection, filter: ItemFilter): Promise<Page<ReconcileItem>> {
  const { limit } = filter
  const found = [...(await orphansFound(read, filter)), ...(await submitsFound(read, filter))]
  // Ids of both are of one kind, and sort by age.
  const page = cutPage(found.toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit + 1), limit)
  const [tasks, attempts] = [await tasksOf(read, page.rows), await attemptsOf(read, page.rows)]
  const outputs = await outputsOf(read, page.rows)
  const rows = page.rows.map((row) => ({
    ...row,
    outputs: outputs.get(row.id) ?? 1,
    task: tasks.get(row.work.taskId ?? '') ?? null,
    attempts: attempts.get(row.work.requestId) ?? [],
  }))
  return { rows, next: page.next }
}

function decidedOrNot({ tables: { orphanDecisions } }: Connection, status: ItemStatus): SQL | undefined {
  switch (status) {
    case 'open':
      return isNull(orphanDecisions.orphanId)
    case 'decided':
      return isNotNull(orphanDecisions.orphanId)
    case 'all':
      return undefined
  }
}

async function orphansFound(read: Connection, { status, before, limit }: ItemFilter): Promise<Found[]> {
  const { orphanDecisions: decisions, orphans, requests } = read.tables
  const rows = await read
    .select({ orphan: orphans, accountId: requests.accountId, decision: decisions })
    .from(orphans)
    .innerJoin(requests, eq(requests.id, orphans.requestId))
    .leftJoin(decisions, eq(decisions.orphanId, orphans.id))
    .where(and(decidedOrNot(read, status), lt(orphans.id, before ?? idAfterAll('orph'))))
    .orderBy(desc(orphans.id))
    .limit(limit + 1)
  return rows.map(({ orphan, accountId, decision }) => ({
    id: orphan.id,
    work: { ...orphan, accountId },
    decision,
  }))
}

async function submitsFound(read: Connection, { status, before, limit }: ItemFilter): Promise<Found[]> {
  const { orphanDecisions: decisions, unknownSubmits: submits } = read.tables
  const rows = await read
    .select({ submit: submits, decision: decisions })
    .from(submits)
    .leftJoin(decisions, eq(decisions.orphanId, submits.id))
    .where(
      and(
        decidedOrNot(read, status),
        status === 'open' ? isStillUnknown(read) : undefined,
        lt(submits.id, before ?? idAfterAll('orph')),
      ),
    )
    .orderBy(desc(submits.id))
    .limit(limit + 1)
  return rows.map(({ submit, decision }) => ({ id: submit.id, work: ofSubmit(submit), decision }))
}

/** Once a work of each try that may have been taken is known, those are the items: nothing is unknown any more. */
function isStillUnknown({ tables: { attempts, orphans, unknownSubmits: submits } }: Connection): SQL {
  const tries = sql`${attempts} a WHERE a.request_id = ${submits.requestId} AND a.state NOT IN ('refused', 'not_accepted')`
  const known = sql`${orphans} o WHERE o.request_id = ${submits.requestId} AND o.attempt_id = a.id`
  return sql`(NOT EXISTS (SELECT 1 FROM ${tries})
    OR EXISTS (SELECT 1 FROM ${tries} AND NOT EXISTS (SELECT 1 FROM ${known})))`
}

/** Call it before an archived order is removed: its rows say that nothing of it was unknown any more. */
export const forgetKnownSubmits = statement('archive_known_submits', (tx) => {
  const { orphanDecisions: decisions, unknownSubmits: submits } = tx.tables
  const isDecided = sql`EXISTS (SELECT 1 FROM ${decisions} d WHERE d.orphan_id = ${submits.id})`
  return tx
    .delete(submits)
    .where(
      sql`${submits.requestId} = ${sql.placeholder('id')} AND NOT ${isDecided} AND NOT ${isStillUnknown(tx)}`,
    )
})

const ofSubmit = (submit: Tables['unknownSubmits']['$inferSelect']): Work => ({
  ...submit,
  reason: 'unknown_submit',
  upstreamTaskId: '',
  attemptId: null,
  cost: null,
})

async function tasksOf(read: Connection, found: readonly Found[]): Promise<Map<string, TaskRow>> {
  const { tasks } = read.tables
  const ids = found.flatMap(({ work: { taskId } }) => (taskId === null ? [] : [taskId]))
  const rows = ids.length === 0 ? [] : await read.select().from(tasks).where(inArray(tasks.id, ids))
  return new Map(rows.map((task) => [task.id, task]))
}

async function attemptsOf(read: Connection, found: readonly Found[]): Promise<Map<string, AttemptRow[]>> {
  const { attempts } = read.tables
  const ids = found.map(({ work: { requestId } }) => requestId)
  const rows =
    ids.length === 0
      ? []
      : await read.select().from(attempts).where(inArray(attempts.requestId, ids)).orderBy(attempts.number)
  return Map.groupBy(rows, ({ requestId }) => requestId)
}

async function outputsOf(read: Connection, found: readonly Found[]): Promise<Map<string, number>> {
  const { tasks } = read.tables
  const unknown = found.filter(({ work }) => work.reason === 'unknown_submit')
  const requestIds = unknown.map(({ work: { requestId } }) => requestId)
  if (requestIds.length === 0) return new Map()
  const rows = await read
    .select({ requestId: tasks.requestId, outputs: count().as('outputs') })
    .from(tasks)
    .where(
      and(
        inArray(tasks.requestId, requestIds),
        eq(tasks.state, 'failed'),
        eq(tasks.cancelled, false),
        isNull(tasks.upstreamTaskId),
      ),
    )
    .groupBy(tasks.requestId)
  const ofRequest = new Map(rows.map(({ requestId, outputs }) => [requestId, outputs]))
  return new Map(unknown.map(({ id, work }) => [id, ofRequest.get(work.requestId) ?? 1]))
}

/** What is known of its fate: nobody knows whether it was made, it was made after the refund, or no task has it. */
export function kindOf({ reason }: Pick<Work, 'reason'>): 'unknown_submit' | 'late_success' | 'orphan' {
  if (reason === 'unanswered' || reason === 'unknown_submit') return 'unknown_submit'
  return reason === 'late_success' ? 'late_success' : 'orphan'
}

/** Throws not_found. */
export async function workById(read: Connection, id: string): Promise<Work> {
  const { orphans, requests, unknownSubmits } = read.tables
  const [orphan] = await read
    .select({ orphan: orphans, accountId: requests.accountId })
    .from(orphans)
    .innerJoin(requests, eq(requests.id, orphans.requestId))
    .where(eq(orphans.id, id))
  if (orphan) return { ...orphan.orphan, accountId: orphan.accountId }
  const [submit] = await read.select().from(unknownSubmits).where(eq(unknownSubmits.id, id))
  if (!submit) throw noSuchItem()
  return ofSubmit(submit)
}

/** Throws invalid_request: a decision stands. */
export async function requireUndecided(read: Connection, id: string): Promise<void> {
  const { orphanDecisions } = read.tables
  const ofItem = eq(orphanDecisions.orphanId, id)
  const [decision] = await read.select({ id: orphanDecisions.orphanId }).from(orphanDecisions).where(ofItem)
  if (decision) throw decidedBefore()
}

/** The first row stands, whoever writes it: each is decided once. */
export async function recordDecision(tx: Tx, decision: DecisionRow): Promise<void> {
  const { orphanDecisions } = tx.tables
  const written = await tx
    .insert(orphanDecisions)
    .values(decision)
    .onConflictDoNothing()
    .returning({ id: orphanDecisions.orphanId })
  if (written.length === 0) throw decidedBefore()
}

const noSuchItem = () =>
  new GatewayError(
    'not_found',
    {
      en: 'There is no item with this id, or its order was archived. Nothing was decided.',
      zh: '没有这个 id 的条目,或其订单已归档。未作任何决定。',
    },
    { field: 'id' },
  )

const decidedBefore = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'This item was decided before. Nothing was changed: each is decided once.',
      zh: '该条目此前已作出决定。未作任何改动:每个条目只能决定一次。',
    },
    { field: 'id', detail: conflictsNow },
  )
