// Callbacks for attempts that a restored, older copy of the store does not know: their work is recorded.
import type { SQL } from 'drizzle-orm'
import { eq, inArray, lte, sql } from '../../db/drizzle.ts'
import type { Order } from '../../upstream/adapter.ts'
import type { Context, TimedTx } from '../../context.ts'
import type { Connection, Database, Tx } from '../../db/database.ts'
import { idTime } from '../../ids.ts'
import { tokenLifeMs } from './url.ts'
import { countOrphans } from './orphans.ts'
import { persist } from '../submit/persist.ts'
import type { ForgottenAttempt } from './forgotten-rows.ts'
import { insertAttempt } from '../attempts.ts'
import { moveRequest } from '../store.ts'

/** What the upstream has posted to the callback URL of an attempt. */
export interface Posted {
  readonly body: unknown
  /** The token of the URL. */
  readonly secret: string
}

/** The same bound as for a known attempt. */
const worksOfAttemptMax = 32
/** Rows read from the replaced store, and written, in one turn. */
const carriedAtOnce = 500

/** Its token is right, but its order is unknown: the work that it names is recorded, once. */
export async function hearOfForgotten(
  ctx: Context,
  attempt: ForgottenAttempt,
  { body, secret }: Posted,
): Promise<'unreadable' | 'repeated' | 'too_many' | 'forgotten'> {
  const hint = ctx.upstreams.get(attempt.upstream)?.adapter.readCallback(body)
  if (!hint || hint.operation !== attempt.operation) return 'unreadable'
  const { upstreamTaskId } = hint
  // An id that contains our own secret is not an id, and would put the secret into rows and logs.
  if (upstreamTaskId.includes(secret)) return 'unreadable'
  const heard = await persist(ctx, (tx) =>
    recordWork({ tx, nowMs: ctx.clock.now() }, attempt, upstreamTaskId),
  )
  if (heard !== 'forgotten') return heard
  countOrphans(ctx, ['forgotten'])
  const { id, requestId: request, upstream, credits } = attempt
  ctx.log.warn(
    { attempt: id, request, upstream, upstreamTaskId, credits },
    'work was made for an order that this copy of the store does not know; it may be paid for',
  )
  return heard
}

async function recordWork(
  { tx, nowMs }: TimedTx,
  { id: attemptId, upstream, requestId, credits }: ForgottenAttempt,
  upstreamTaskId: string,
): Promise<'repeated' | 'too_many' | 'forgotten'> {
  const { forgottenWorks } = tx.tables
  const ofAttempt = await tx
    .select({ upstreamTaskId: forgottenWorks.upstreamTaskId })
    .from(forgottenWorks)
    .where(eq(forgottenWorks.attemptId, attemptId))
    .limit(worksOfAttemptMax)
  if (ofAttempt.length >= worksOfAttemptMax) return 'too_many'
  const rows = await tx
    .insert(forgottenWorks)
    .values({ upstream, upstreamTaskId, attemptId, requestId, credits, createdAt: nowMs })
    .onConflictDoNothing()
    .returning({ attemptId: forgottenWorks.attemptId })
  return rows.length > 0 ? 'forgotten' : 'repeated'
}

/** Deletes attempts whose tokens are too old for a callback. Returns how many there were. */
export async function forgetForgotten(ctx: Context, limit: number): Promise<number> {
  if (!ctx.time.mayEnd(tokenLifeMs)) return 0
  const { forgottenAttempts } = ctx.db.read.tables
  const old = await ctx.db.read
    .select({ id: forgottenAttempts.id })
    .from(forgottenAttempts)
    .where(lte(forgottenAttempts.startedAt, ctx.clock.now() - tokenLifeMs))
    .limit(limit)
  if (old.length === 0) return 0
  const ids = old.map(({ id }) => id)
  const forget = async (tx: Tx) =>
    void (await tx.delete(tx.tables.forgottenAttempts).where(inArray(tx.tables.forgottenAttempts.id, ids)))
  await ctx.db.transaction(forget, { mayDelay: true })
  return old.length
}

interface AttemptRow extends Record<string, unknown> {
  readonly id: string
  readonly request_id: string
  readonly number: number
  readonly upstream_key: string
  readonly callback_token_hash: string
  readonly started_at: number
  readonly upstream: string
  readonly order_json: string
  readonly credits: number
}

interface Carried extends AttemptRow {
  readonly operation: string
}

/**
 * Copies the attempts whose callbacks may still come from the replaced store to the copy, if it lacks them.
 * Reads and writes in turns. An order that is queued in the copy is then known to have been posted. Returns
 * how many there were.
 */
export async function carryAttempts(
  replaced: Connection,
  copy: Pick<Database, 'transaction'>,
  nowMs: number,
): Promise<number> {
  let after = `att_${idTime(nowMs - tokenLifeMs)}`
  let carried = 0
  for (;;) {
    const rows = await attemptsAfter(replaced, after)
    carried += await copy.transaction((tx) => carrySome(tx, rows, nowMs))
    const last = rows.at(-1)
    if (!last || rows.length < carriedAtOnce) return carried
    after = last.id
  }
}

/** None if the store is too old to have callbacks, or too damaged to be read. */
async function attemptsAfter(replaced: Connection, after: string): Promise<Carried[]> {
  try {
    // A store from before there were first frames has no column for their price.
    const rows = await attemptRows(replaced, { after, frameCredits: sql`r.first_frame_credits` }).catch(
      async () => await attemptRows(replaced, { after, frameCredits: sql`NULL` }),
    )
    return rows.map((row) => ({ ...row, operation: (JSON.parse(row.order_json) as Order).operation }))
  } catch {
    return []
  }
}

/** The task of a first frame costs nothing: its price is in its request. */
const attemptRows = async (
  replaced: Connection,
  { after, frameCredits }: { readonly after: string; readonly frameCredits: SQL },
): Promise<AttemptRow[]> =>
  await replaced.rows<AttemptRow>(sql`SELECT a.id, a.request_id, a.number, a.upstream_key,
    a.callback_token_hash, a.started_at, r.upstream, r.order_json, coalesce(${frameCredits},
      (SELECT max(t.credits) FROM tasks t WHERE t.request_id = a.request_id), 0) AS credits
    FROM attempts a JOIN requests r ON r.id = a.request_id
    WHERE a.id > ${after} AND a.callback_token_hash IS NOT NULL ORDER BY a.id LIMIT ${carriedAtOnce}`)

async function carrySome(tx: Tx, rows: readonly Carried[], nowMs: number): Promise<number> {
  const { attempts, forgottenAttempts, requests } = tx.tables
  const ids = rows.map(({ id }) => id)
  const known = await tx.select({ id: attempts.id }).from(attempts).where(inArray(attempts.id, ids))
  const isKnown = new Set(known.map(({ id }) => id))
  let carried = 0
  for (const row of rows) {
    if (isKnown.has(row.id)) continue
    const [request] = await tx
      .select({ id: requests.id, state: requests.state, attemptsMade: requests.attemptsMade })
      .from(requests)
      .where(eq(requests.id, row.request_id))
    if (!request) {
      const { id, request_id: requestId, upstream, operation, credits } = row
      const { callback_token_hash: callbackTokenHash, started_at: startedAt } = row
      const inserted = await tx
        .insert(forgottenAttempts)
        .values({ id, requestId, upstream, operation, callbackTokenHash, credits, startedAt })
        .onConflictDoNothing()
        .returning({ id: forgottenAttempts.id })
      carried += inserted.length
    } else if (row.number > request.attemptsMade) {
      await addAttempt(tx, row, nowMs)
      await moveRequest(tx, request.id, { from: [request.state], to: { attemptsMade: row.number } })
      carried += 1
    }
  }
  return carried
}

async function addAttempt(tx: Tx, row: Carried, nowMs: number): Promise<void> {
  await insertAttempt(tx, {
    id: row.id,
    requestId: row.request_id,
    number: row.number,
    upstreamKey: row.upstream_key,
    callbackTokenHash: row.callback_token_hash,
    state: 'unknown',
    detail: 'made after the copy that was restored; what it was answered is not known',
    startedAt: row.started_at,
    finishedAt: nowMs,
  })
}
