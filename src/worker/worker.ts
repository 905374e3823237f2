// The background loops: bounded, woken early, and stopped without leaving the outcome of a submit unknown.
import type { Clock } from '../clock.ts'
import type { Context, LoopName, Upstream } from '../context.ts'
import { createPassingOver } from '../tasks/queue/pass-over.ts'
import { claimSubmissions, submit } from '../tasks/submit/submit.ts'
import { createFollowing } from '../tasks/callbacks/resolve.ts'
import { eraseNext } from '../privacy/erasing.ts'
import { createCleaning } from '../tasks/rescue/cleanup.ts'
import { keepResult } from '../tasks/results/store-result.ts'
import { claimKeeps } from '../tasks/results/downloads.ts'
import type { KeepRow } from '../tasks/results/downloads.ts'
import { passOnWaiting } from '../tasks/results/pass-on.ts'
import { createResultQueue, downloadsMax } from '../tasks/results/queue.ts'
import { removeStale } from '../media/spool.ts'
import { rescue } from '../tasks/rescue/rescue.ts'
import { bringPollsCloser } from '../tasks/rescue/release-leases.ts'
import { claimPolls } from '../tasks/poll/claim.ts'
import { pollTask } from '../tasks/poll/poll.ts'
import { createTimeKeeper } from '../time/time.ts'
import { callbackBody } from '../tasks/forms/callbacks.ts'
import { createDelivering } from '../webhooks/deliver.ts'
import { sendingMax } from '../webhooks/queue/limits.ts'
import { createWakeup } from './wakeup.ts'
import type { Wakeup, WakeupListener } from './wakeup.ts'
import { keepCleaning } from './forgetting.ts'
import { runPollLoop } from './poll-loop.ts'
import { claimOldFiles } from './files/removals.ts'
import { createShare, forgetShare } from './share.ts'
import { startTurns } from './turns.ts'

export interface Worker {
  /** Loops without a turn for `stuckBeats` seconds in which this process did run. */
  stuckLoops(): LoopName[]
  /** Whether the deferred work of a start is done; its time grows with the number of running tasks. */
  isStarted(): boolean
  /** Claims nothing more, and resolves when all jobs have ended and been recorded. */
  stop(): Promise<void>
}

export type Wakeups = Readonly<Record<LoopName, Wakeup>>

/** Wakeups announce most work; these intervals find work that became due by time or was not announced. */
const dispatchIdleMs = 250
const trackIdleMs = 100
const callbacksIdleMs = 250
const deliverIdleMs = 500
const storeIdleMs = 500
const rescueIdleMs = 1_000
/** Orders at the upstream plus answers not recorded yet: with a slow store no more may accumulate. */
const submissionsMax = 1_024
/** Polls are cheap for both sides, but sockets and the writer's turns are not endless. */
const pollsInFlightMax = 200
/** Most callbacks name known work; the rest is not urgent. */
const unmatchedInFlightMax = 32
/** The claim bounds how many are being sent; as many again may wait for their outcomes to be committed. */
const deliveriesInFlightMax = 2 * sendingMax
/** Limited, so that a store with slow removals does not delay results. */
const removalsInFlightMax = 8
/** How often to look for half-written files of dead processes, besides the start. */
const cleanEveryMs = 60 * 60_000
/** At a stop, polls in progress get this long to finish; later ones are left to the next process. */
const stopPollsAfterMs = 3_000

export function createWakeups(): Wakeups {
  return {
    submit: createWakeup(),
    poll: createWakeup(),
    callbacks: createWakeup(),
    deliver: createWakeup(),
    store: createWakeup(),
    rescue: createWakeup(),
    cleanup: createWakeup(),
  }
}

/** `onTrouble` is told what a turn of a loop or a job of it throws, besides the log. */
export function startWorker(
  ctx: Context,
  wakeups: Wakeups,
  onTrouble: (error: unknown) => void = () => undefined,
): Worker {
  const { clock } = ctx
  const stopping = new AbortController()
  const tornDown = new AbortController()
  const turns = startTurns(clock, Object.keys(wakeups) as LoopName[], stopping.signal)
  const shared = (loop: LoopName) => ({
    clock,
    wakeup: wakeups[loop].listen(),
    onTurn: () => turns.turn(loop),
    onError: (error: unknown) => {
      ctx.metrics.loopErrors.inc({ loop })
      ctx.log.error({ loop, err: error }, 'a turn of a loop failed; its work stays due')
      onTrouble(error)
    },
  })
  let isStarted = false
  const onStarted = () => void (isStarted = true)
  const loops = [
    ...[...ctx.upstreams.values()].map((upstream) =>
      submitting(ctx, { ...shared('submit'), upstream }, stopping.signal),
    ),
    polling(ctx, { ...shared('poll'), onStarted }, { stopping: stopping.signal, tornDown: tornDown.signal }),
    following(ctx, shared('callbacks'), { stopping: stopping.signal, tornDown: tornDown.signal }),
    delivering(ctx, shared('deliver'), { stopping: stopping.signal, tornDown: tornDown.signal }),
    storing(ctx, shared('store'), { stopping: stopping.signal, tornDown: tornDown.signal }),
    rescuing(ctx, shared('rescue'), stopping.signal),
    keepCleaning({ ...shared('cleanup'), ...createCleaning(ctx, [eraseAccounts]) }, stopping.signal),
  ]

  return {
    stuckLoops: turns.stuck,
    isStarted: () => isStarted,
    async stop() {
      stopping.abort()
      for (const wakeup of Object.values(wakeups)) wakeup.wakeAll()
      const timer = setTimeout(() => tornDown.abort(), stopPollsAfterMs)
      await Promise.all(loops)
      clearTimeout(timer)
    },
  }
}

/** Options that every loop gets. */
interface Shared {
  readonly clock: Clock
  readonly wakeup: WakeupListener
  onTurn(): void
  onError(error: unknown): void
}

const eraseAccounts = async ({ db, clock }: Context): Promise<number> => await eraseNext(db, clock.now())

interface Signals {
  readonly stopping: AbortSignal
  readonly tornDown: AbortSignal
}

async function submitting(
  ctx: Context,
  { upstream, ...shared }: Shared & { readonly upstream: Upstream },
  stopping: AbortSignal,
): Promise<void> {
  await runPollLoop(
    {
      ...shared,
      inFlightMax: submissionsMax,
      // A slot is free when its answer has arrived, not only when that is recorded.
      room: () => upstream.keys.room(ctx.clock.now()),
      idleMs: () => Math.min(dispatchIdleMs, upstream.keys.roomInMs(ctx.clock.now()) ?? Infinity),
      claim: (max) => claimSubmissions(ctx, upstream, max),
      // A submit is never aborted at a stop: its own deadline ends it, and its answer is worth waiting for.
      run: (submission) => submit(ctx, submission, new AbortController().signal),
    },
    stopping,
  )
}

async function polling(
  ctx: Context,
  { onStarted, ...shared }: Shared & { onStarted(): void },
  { stopping, tornDown }: Signals,
): Promise<void> {
  // If this fails, polls still run when they are due.
  await bringPollsCloser(ctx, { onTurn: shared.onTurn, signal: stopping }).catch(shared.onError)
  onStarted()
  await runPollLoop(
    {
      ...shared,
      inFlightMax: pollsInFlightMax,
      idleMs: trackIdleMs,
      claim: (max) => claimPolls(ctx, max),
      run: (task) => pollTask(ctx, task, tornDown),
    },
    stopping,
  )
}

async function following(ctx: Context, shared: Shared, { stopping, tornDown }: Signals): Promise<void> {
  const { claim, run } = createFollowing(ctx)
  await runPollLoop(
    {
      ...shared,
      inFlightMax: unmatchedInFlightMax,
      idleMs: callbacksIdleMs,
      claim,
      run: (hint) => run(hint, tornDown),
    },
    stopping,
  )
}

async function delivering(ctx: Context, shared: Shared, { stopping, tornDown }: Signals): Promise<void> {
  const { claim, run } = createDelivering(ctx, (delivery) => callbackBody(ctx, delivery))
  await runPollLoop(
    {
      ...shared,
      inFlightMax: deliveriesInFlightMax,
      idleMs: deliverIdleMs,
      claim,
      run: (delivery) => run(delivery, tornDown),
    },
    stopping,
  )
}

/** Results are stored first; some of the remaining room is used to remove expired files. */
async function storing(ctx: Context, shared: Shared, { stopping, tornDown }: Signals): Promise<void> {
  const queue = createResultQueue()
  const removals = createShare(ctx.clock, forgetShare)
  let removing = 0
  let cleanedAt = -Infinity
  const keep = (row: KeepRow) => async () => {
    try {
      await keepResult(ctx, row, tornDown)
    } finally {
      queue.release(row.taskId)
    }
  }
  const remove = (removal: () => Promise<void>) => async () => {
    try {
      await removal()
    } finally {
      removing -= 1
    }
  }
  await runPollLoop(
    {
      ...shared,
      inFlightMax: downloadsMax + removalsInFlightMax,
      idleMs: storeIdleMs,
      claim: async (max) => {
        if (ctx.clock.monotonic() - cleanedAt >= cleanEveryMs) {
          cleanedAt = ctx.clock.monotonic()
          await removeStale(ctx)
        }
        await passOnWaiting(ctx)
        const keeps = await claimKeeps(ctx, max, queue)
        const room = Math.min(max - keeps.length, removalsInFlightMax - removing)
        const mayRemove = room > 0 && removals.restMs() === 0
        const old = mayRemove ? await removals.spend(() => claimOldFiles(ctx, room)) : []
        removing += old.length
        return [...keeps.map(keep), ...old.map(remove)]
      },
      run: (job: () => Promise<void>) => job(),
    },
    stopping,
  )
}

async function rescuing(
  ctx: Context,
  { clock, wakeup, onTurn, onError }: Shared,
  stopping: AbortSignal,
): Promise<void> {
  const keepTime = createTimeKeeper(ctx.time, ctx.db)
  const passOver = createPassingOver(ctx)
  while (!stopping.aborted) {
    onTurn()
    let more = false
    try {
      // If it is not, the process ends.
      if (!ctx.db.inPlace()) break
      await keepTime()
      more = await rescue(ctx, onTurn)
      await passOver()
    } catch (error) {
      onError(error)
    }
    if (!more) await wakeup.wait(rescueIdleMs, clock)
  }
}
