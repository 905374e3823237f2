// Clients that wait for a task: woken when it may have changed, at their deadline, and at shutdown.
import { inArray, sql } from '../../db/drizzle.ts'
import type { Context } from '../../context.ts'
import { statement } from '../../db/statement.ts'
import { statusOf } from '../state.ts'
import type { TaskStatus } from '../state.ts'
import type { TaskRow } from '../store.ts'
import { createWaiters } from './waiters.ts'
import type { Waiter, Woken } from './waiters.ts'

/** One timer serves all waiters: each tick finds those that are due. */
const tickMs = 250
/** Our own changes are pushed; polling, at most a second apart, finds changes made by other processes. */
const ticksOfRound = 4
/** With more than a few thousand waiters a round takes longer, but costs no more CPU. */
const looksPerTickMax = 1_000
/** Waiters handled in one turn of the event loop, so that other work is not delayed for longer. */
const atOnceMax = 250

export interface Place {
  /**
   * Resolves when the task may have changed since the last call, or has another status than this one; at the
   * latest at `dueAt`, by the monotonic clock, and at once after `leave` or at shutdown.
   */
  wait(status: TaskStatus, dueAt: number): Promise<Woken>
  leave(): void
}

export interface Waiting {
  /** Throws rate_limited if too many wait already. Read the task after it: it reports only later changes. */
  take(task: Pick<TaskRow, 'id' | 'requestId'>, accountId: string): Place
  count(): number
  /** Wakes all; a later `wait` returns at once. */
  stop(): Promise<void>
}

/** At most `max` wait at a time. */
export function createWaiting(
  ctx: Pick<Context, 'db' | 'clock' | 'log' | 'metrics' | 'changes'>,
  max?: number,
): Waiting {
  const waiters = createWaiters(max)
  const tell = createTeller()
  const lookAround = looker(ctx, waiters.all, tell)
  const stopping = new AbortController()
  let running = false

  ctx.changes.listen((requestId) => {
    for (const waiter of waiters.ofRequest(requestId)) tell(waiter)
  })
  ctx.metrics.gauge('waiters', 'Clients that wait for a task to change.', async (gauge) => {
    gauge.set(waiters.all.size)
  })

  /** Runs as long as there are waiters. */
  async function run(): Promise<void> {
    while (waiters.all.size > 0 && !stopping.signal.aborted) {
      await ctx.clock.sleep(tickMs, stopping.signal)
      if (stopping.signal.aborted) break
      const atMs = ctx.clock.monotonic()
      await wakeAll(
        [...waiters.all].filter(({ dueAt }) => dueAt <= atMs),
        'due',
      )
      await lookAround()
    }
    running = false
  }

  return {
    take(task, accountId) {
      const waiter = waiters.add(task, accountId)
      if (!running) {
        running = true
        void run()
      }
      return {
        wait: (status, dueAt) => sleep(waiter, { status, dueAt }, stopping.signal),
        leave() {
          waiter.gone = true
          waiters.remove(waiter)
          waiter.wake?.('left')
        },
      }
    },
    count: () => waiters.all.size,
    async stop() {
      stopping.abort()
      await wakeAll([...waiters.all], 'stopped')
    },
  }
}

/** Reads the statuses of a part of the tasks that are waited for, the next part each time. Never throws. */
function looker(
  ctx: Pick<Context, 'db' | 'log' | 'metrics'>,
  all: ReadonlySet<Waiter>,
  tell: Tell,
): () => Promise<void> {
  let round: Waiter[] = []
  const look = async (slice: readonly Waiter[]): Promise<void> => {
    const rows = await statusesOf(ctx.db.read, idsOf(slice))
    const statuses = new Map(rows.map((row) => [row.id, statusOf(row)]))
    for (const waiter of slice) {
      if (waiter.wake && (statuses.get(waiter.taskId) ?? waiter.status) !== waiter.status) tell(waiter)
    }
  }
  return async () => {
    if (round.length === 0) round = [...all]
    const share = Math.min(Math.ceil(all.size / ticksOfRound), looksPerTickMax)
    try {
      await inSlices(round.splice(0, share), look)
    } catch (error) {
      ctx.metrics.loopErrors.inc({ loop: 'waiting' })
      ctx.log.error({ err: error }, 'tasks that are waited for could not be read; they are read again')
    }
  }
}

const wakeAll = async (waiters: readonly Waiter[], why: Woken): Promise<void> =>
  await inSlices(waiters, (slice) => {
    for (const waiter of slice) waiter.wake?.(why)
  })

type Tell = (waiter: Waiter) => void

/**
 * Wakes waiters after a change: at most `atOnceMax` in one turn of the event loop, and the others in the next
 * turns, in their order. Thousands may wait for tasks that end in one commit, and each answer costs time.
 */
function createTeller(): Tell {
  const sleeping = new Set<Waiter>()
  let wokenInTurn = 0
  let isScheduled = false
  const wakeSome = () => {
    for (const waiter of sleeping) {
      if (wokenInTurn >= atOnceMax) break
      sleeping.delete(waiter)
      wokenInTurn += 1
      if (waiter.wake) waiter.wake('changed')
      else Object.assign(waiter, { told: true })
    }
    if (isScheduled) return
    isScheduled = true
    setImmediate(nextTurn)
  }
  const nextTurn = () => {
    isScheduled = false
    wokenInTurn = 0
    if (sleeping.size > 0) wakeSome()
  }
  return (waiter) => {
    if (!waiter.wake) {
      Object.assign(waiter, { told: true })
      return
    }
    sleeping.add(waiter)
    wakeSome()
  }
}

async function sleep(
  waiter: Waiter,
  { status, dueAt }: Pick<Waiter, 'status' | 'dueAt'>,
  stopping: AbortSignal,
): Promise<Woken> {
  if (waiter.gone) return 'left'
  if (stopping.aborted) return 'stopped'
  const { told } = waiter
  Object.assign(waiter, { status, dueAt, told: false })
  if (told) return 'changed'
  const why = await new Promise<Woken>((resolve) => Object.assign(waiter, { wake: resolve }))
  Object.assign(waiter, { wake: null })
  return why
}

/** Lets other work run between one slice and the next. */
async function inSlices(
  all: readonly Waiter[],
  each: (slice: readonly Waiter[]) => void | Promise<void>,
): Promise<void> {
  for (let at = 0; at < all.length; at += atOnceMax) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve))
    await each(all.slice(at, at + atOnceMax))
  }
}

type ShownState = Pick<TaskRow, 'id' | 'state' | 'upstreamPending'>

/** One statement for up to a slice of tasks: one for each number of ids would cost more than the query. */
const statusesOf = statement<ShownState>('statuses_of', (read) => {
  const { tasks } = read.tables
  const ids = Array.from({ length: atOnceMax }, (_, at) => sql.placeholder(`id${at}`))
  return read
    .select({ id: tasks.id, state: tasks.state, upstreamPending: tasks.upstreamPending })
    .from(tasks)
    .where(inArray(tasks.id, ids))
})

/** Unused placeholders get an empty id, which no task has. */
function idsOf(slice: readonly Waiter[]): Record<string, string> {
  const ids = Array.from({ length: atOnceMax }, (_, at) => [`id${at}`, slice[at]?.taskId ?? ''])
  return Object.fromEntries(ids) as Record<string, string>
}
