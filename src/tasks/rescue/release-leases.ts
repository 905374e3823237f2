// Releases the leases of the previous process, once this one owns the store.
import { and, eq, exists, gt, isNotNull, lte, not, sql } from '../../db/drizzle.ts'
import type { SQL } from 'drizzle-orm'
import type { Context, TimedTx } from '../../context.ts'
import type { Connection } from '../../db/database.ts'
import { isHeld } from '../../instances/held.ts'
import { releaseDeliveries } from '../../webhooks/queue/claim.ts'
import { releaseWaiting } from '../results/downloads.ts'
import { releasePolls } from '../poll/claim.ts'
import { slowerTimes, spread } from '../poll/interval.ts'
import { isOfTask } from '../poll/rows.ts'

/**
 * Without this, the work that a killed process had claimed would wait until its leases end. Call it before
 * anything is claimed, in the only gateway of a store. It reads only claimed rows, whose number every loop bounds,
 * and nothing that grows with the store.
 */
export async function releaseLeases(ctx: Context): Promise<void> {
  const nowMs = ctx.clock.now()
  await ctx.db.transaction(async (tx) => {
    // A store that was moved here may name instances that served it where it was.
    await tx.delete(tx.tables.instances)
    await releaseClaims({ tx, nowMs })
    await releaseWaiting(tx, nowMs)
  })
}

/** Releases what no instance holds that serves the store: the processes that had claimed it are gone. */
export async function releaseClaims({ tx, nowMs }: TimedTx): Promise<void> {
  const { requests, attempts, keeps } = tx.tables
  await releaseDeliveries(tx, nowMs)
  const isPosting = exists(
    tx
      .select({ id: attempts.id })
      .from(attempts)
      .where(
        and(eq(attempts.requestId, requests.id), eq(attempts.state, 'open'), isHeld(tx, attempts.holder)),
      ),
  )
  // The process that waited for these answers is gone; `rescueAbandoned` handles them.
  await tx
    .update(requests)
    .set({ dueAt: nowMs })
    .where(and(eq(requests.state, 'submitting'), isNotNull(requests.dueAt), not(isPosting)))
  await tx
    .update(keeps)
    .set({ dueAt: nowMs, holder: null })
    .where(and(isNotNull(keeps.holder), not(isHeld(tx, keeps.holder))))
  await releasePolls({ tx, nowMs })
}

/** Rows per transaction: a few milliseconds, in which no other write can run. */
const pollsPerTurn = 500

/**
 * Whether callbacks still arrive is not known after a start, so polls become due sooner, and stay spread.
 * Every running task may have to be moved, so this runs in turns beside all else, but before the first poll:
 * it would shorten its lease.
 */
export async function bringPollsCloser(ctx: Context, { onTurn, signal }: PollTurns): Promise<void> {
  const nowMs = ctx.clock.now()
  for (const { name, settings } of ctx.upstreams.values()) {
    for (const taskType of ['image', 'video'] as const) {
      const everyMs = spread(settings[taskType].pollEveryMs)
      const isOfKind = isOfTask(ctx.db.read, (tasks) =>
        and(eq(tasks.taskType, taskType), eq(tasks.upstream, name)),
      )
      let after: number | null = nowMs + everyMs
      // A row only ever moves to before the due time that was reached.
      while (after !== null && !signal.aborted) {
        onTurn()
        after = await bringSomeCloser(ctx, { nowMs, everyMs, isOfKind, after })
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }
}

interface PollTurns {
  onTurn(): void
  readonly signal: AbortSignal
}

interface Turn {
  readonly nowMs: number
  readonly everyMs: number
  readonly isOfKind: SQL | undefined
  readonly after: number
}

/** Returns the due time that was reached; null if no row is due later. */
async function bringSomeCloser(
  ctx: Context,
  { nowMs, everyMs, isOfKind, after }: Turn,
): Promise<number | null> {
  const until = await dueBehind(ctx.db.read, after)
  await ctx.db.transaction(
    async (tx) => {
      const { polls, pollClaims } = tx.tables
      const inMs = sql`(${polls.dueAt} - ${nowMs})`
      const isPace = sql`${inMs} <= ${everyMs * (slowerTimes + 1)}`
      const soonMs = sql`CASE WHEN ${isPace} THEN ${inMs} / ${slowerTimes} ELSE ${everyMs} END`
      // Another instance is at it, and would lose its claim.
      const isClaimed = exists(
        tx
          .select({ holder: pollClaims.holder })
          .from(pollClaims)
          .where(eq(pollClaims.leaseEndsAt, polls.dueAt)),
      )
      await tx
        .update(polls)
        .set({ dueAt: sql`CAST(${nowMs} + ${soonMs} AS bigint)` })
        .where(
          and(
            gt(polls.dueAt, after),
            until === null ? undefined : lte(polls.dueAt, until),
            isOfKind,
            not(isClaimed),
          ),
        )
    },
    { mayDelay: true },
  )
  return until
}

/** The due time of the last row of a turn; null if the turn takes all that are left. */
async function dueBehind(read: Connection, after: number): Promise<number | null> {
  const { polls } = read.tables
  const [last] = await read
    .select({ dueAt: polls.dueAt })
    .from(polls)
    .where(gt(polls.dueAt, after))
    .orderBy(polls.dueAt)
    .limit(1)
    .offset(pollsPerTurn - 1)
  return last?.dueAt ?? null
}
