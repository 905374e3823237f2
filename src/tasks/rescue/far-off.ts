// Corrects due times that are further away than any pause may be: they were written by a clock that was ahead.
import { and, eq, gt, inArray, isNotNull, sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Context, Upstream } from '../../context.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { submitLeaseMs } from '../submit/lease.ts'
import { keepLeaseMs, keepPauseMaxMs } from '../results/downloads.ts'
import { limitedPollPauseMaxMs, slowerTimes, spread } from '../poll/interval.ts'
import { storingMaxMs } from '../results/store-result.ts'
import { pollLeaseMs } from '../poll/claim.ts'
import { isOfTask } from '../poll/rows.ts'
import { longestPauseMs } from '../submit/retry-policy.ts'

/** One turn changes at most this many of each kind. */
const farOffMax = 200

/**
 * Reads the indexes that the loops claim by, from their far end: if nothing is wrong, this reads no row.
 * After time was set back (`setBackMs`), requests that wait for a retry are retried now: their remaining wait
 * is unknown.
 */
export async function bringBack(ctx: Context, setBackMs: number): Promise<number> {
  let found = 0
  const nowMs = ctx.clock.now()
  for (const upstream of ctx.upstreams.values()) {
    found = Math.max(found, await bringBackRequests(ctx, upstream, { nowMs, setBackMs }))
    found = Math.max(found, await bringBackPolls(ctx, upstream, nowMs))
  }
  return Math.max(found, await bringBackKeeps(ctx, nowMs))
}

interface When {
  readonly nowMs: number
  readonly setBackMs: number
}

/** Per state: how far ahead a request may be due, and when one that is due later becomes due instead. */
async function bringBackRequests(
  ctx: Context,
  upstream: Upstream,
  { nowMs, setBackMs }: When,
): Promise<number> {
  const { submit, image, video } = upstream.settings
  const leaseMs = submitLeaseMs(upstream)
  const limitMs = Math.max(image.giveUpAfterMs, video.giveUpAfterMs)
  const retryMs = setBackMs > 0 ? 0 : Math.max(longestPauseMs(upstream), submit.after429Ms)
  const states = [
    { state: 'queued', longestMs: retryMs, insteadMs: 0 },
    // Its call may still be in progress.
    { state: 'submitting', longestMs: leaseMs, insteadMs: leaseMs },
    { state: 'unknown', longestMs: limitMs, insteadMs: limitMs },
    { state: 'accepted', longestMs: limitMs, insteadMs: limitMs },
  ] as const
  const { requests } = ctx.db.read.tables
  let most = 0
  for (const { state, longestMs, insteadMs } of states) {
    const isFarOff = and(
      isNotNull(requests.dueAt),
      gt(requests.dueAt, nowMs + longestMs),
      eq(requests.state, state),
      eq(requests.upstream, upstream.name),
    )
    const dueAt = nowMs + insteadMs
    const rows = { table: requests, id: requests.id, isFarOff, change: { dueAt } }
    most = Math.max(most, await (setBackMs > 0 ? changeAll(ctx, rows) : change(ctx, rows)))
  }
  const isFarOff = and(
    eq(requests.upstream, upstream.name),
    // A literal, not a bound value: otherwise the store cannot use the partial index of paused requests.
    sql`${requests.state} = 'queued'`,
    gt(requests.notBefore, nowMs + retryMs),
  )
  const paused = { table: requests, id: requests.id, isFarOff, change: { notBefore: null } }
  return Math.max(most, await (setBackMs > 0 ? changeAll(ctx, paused) : change(ctx, paused)))
}

/** Polls may also be postponed by the pause of their key. */
async function bringBackPolls(
  ctx: Context,
  { name, settings, keys }: Upstream,
  nowMs: number,
): Promise<number> {
  const { read } = ctx.db
  const { polls } = read.tables
  const pausesMs = keys.report(nowMs).map(({ until }) => (until ?? nowMs) - nowMs)
  let most = 0
  for (const taskType of ['image', 'video'] as const) {
    const everyMs = settings[taskType].pollEveryMs
    const longestMs = Math.max(
      pollLeaseMs,
      everyMs * (slowerTimes + 1),
      limitedPollPauseMaxMs,
      ...pausesMs.map((ms) => ms + 2 * everyMs),
    )
    const isFarOff = and(
      gt(polls.dueAt, nowMs + longestMs),
      isOfTask(read, (tasks) => and(eq(tasks.taskType, taskType), eq(tasks.upstream, name))),
    )
    const rows = { table: polls, id: polls.taskId, isFarOff, change: { dueAt: nowMs + spread(everyMs) } }
    most = Math.max(most, await change(ctx, rows))
  }
  return most
}

async function bringBackKeeps(ctx: Context, nowMs: number): Promise<number> {
  const { keeps } = ctx.db.read.tables
  const tries = gt(keeps.dueAt, nowMs + Math.max(keepLeaseMs, keepPauseMaxMs))
  const waits = and(isNotNull(keeps.waitsUntil), gt(keeps.waitsUntil, nowMs + storingMaxMs))
  const [table, id] = [keeps, keeps.taskId]
  return Math.max(
    await change(ctx, { table, id, isFarOff: tries, change: { dueAt: nowMs } }),
    await change(ctx, { table, id, isFarOff: waits, change: { waitsUntil: nowMs + storingMaxMs } }),
  )
}

type Tables = Connection['tables']

interface FarOff {
  readonly table: Tables['requests'] | Tables['polls'] | Tables['keeps']
  readonly id: Tables['requests']['id'] | Tables['polls']['taskId'] | Tables['keeps']['taskId']
  readonly isFarOff: SQL | undefined
  readonly change: Readonly<Record<string, number | null>>
}

/** `takeSetBackMs` reports a change only once, so that no row may be left for later. */
async function changeAll(ctx: Context, rows: FarOff): Promise<number> {
  for (;;) {
    const changed = await change(ctx, rows)
    if (changed < farOffMax) return changed
  }
}

async function change(ctx: Context, { table, id, isFarOff, change: values }: FarOff): Promise<number> {
  const rows = await ctx.db.read.select({ id }).from(table).where(isFarOff).limit(farOffMax)
  if (rows.length === 0) return 0
  const ids = rows.map((row) => row.id)
  const write = async (tx: Tx) =>
    void (await tx
      .update(table)
      .set(values)
      .where(and(inArray(id, ids), isFarOff)))
  await ctx.db.transaction(write, { mayDelay: true })
  ctx.log.warn({ rows: rows.length }, 'work that was due further off than it may be is due again')
  return rows.length
}
