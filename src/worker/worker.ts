// The work in the background, loop by loop: bounded, woken early, and ended without leaving a submit in doubt.
import type { Context, LoopName, Upstream } from '../context.ts'
import { claimSubmissions, submit } from '../tasks/dispatch.ts'
import { sweep } from '../tasks/sweep.ts'
import { claimPolls, track } from '../tasks/track.ts'
import { createBell } from './bell.ts'
import type { Bell, Ear } from './bell.ts'
import { pump } from './pump.ts'

export interface Worker {
  /** How long ago, in milliseconds, each loop last came round; what `/readyz` judges the worker by. */
  lastTurns(): Record<LoopName, number>
  /** Claims nothing more and resolves when all that is under way has ended and been written down. */
  stop(): Promise<void>
}

export type Bells = Readonly<Record<LoopName, Bell>>

/** Work is announced by the bell; these are for work that became due by the clock, or that nobody announced. */
const dispatchIdleMs = 250
const trackIdleMs = 100
const sweepIdleMs = 1_000
/** Polls are cheap for both sides, but sockets and the writer's turns are not endless. */
const pollsInFlightMax = 200
/** A poll that has begun is let finish for this long at a stop; after it, the next process asks again. */
const stopPollsAfterMs = 3_000

export function createBells(): Bells {
  return { dispatch: createBell(), track: createBell(), sweep: createBell() }
}

export function startWorker(ctx: Context, bells: Bells): Worker {
  const { clock } = ctx
  const stopping = new AbortController()
  const tornDown = new AbortController()
  const turns: Record<LoopName, number> = { dispatch: clock.now(), track: clock.now(), sweep: clock.now() }
  const came = (loop: LoopName) => {
    turns[loop] = clock.now()
  }
  const onError = (loop: LoopName) => (error: unknown) => {
    ctx.metrics.loopErrors.inc({ loop })
    ctx.log.error({ loop, err: error }, 'a turn of a loop failed; its work stays due')
  }

  const dispatch = (upstream: Upstream) =>
    pump(
      {
        inFlightMax: upstream.settings.submit.inFlightMax,
        idleMs: dispatchIdleMs,
        clock,
        ear: bells.dispatch.listen(),
        onTurn: () => came('dispatch'),
        claim: (max) => claimSubmissions(ctx, upstream, max),
        // A submit is never torn down: its own deadline ends it, and its answer is worth waiting for.
        run: (submission) => submit(ctx, submission, new AbortController().signal),
        onError: onError('dispatch'),
      },
      stopping.signal,
    )
  const tracking = pump(
    {
      inFlightMax: pollsInFlightMax,
      idleMs: trackIdleMs,
      clock,
      ear: bells.track.listen(),
      onTurn: () => came('track'),
      claim: (max) => claimPolls(ctx, max),
      run: (task) => track(ctx, task, tornDown.signal),
      onError: onError('track'),
    },
    stopping.signal,
  )
  const sweeping = sweepUntil(
    ctx,
    bells.sweep.listen(),
    stopping.signal,
    () => came('sweep'),
    onError('sweep'),
  )
  const loops = [...[...ctx.upstreams.values()].map(dispatch), tracking, sweeping]

  return {
    lastTurns: () => turns,
    async stop() {
      stopping.abort()
      for (const bell of Object.values(bells)) bell.ring()
      const timer = setTimeout(() => tornDown.abort(), stopPollsAfterMs)
      await Promise.all(loops)
      clearTimeout(timer)
    },
  }
}

async function sweepUntil(
  ctx: Context,
  ear: Ear,
  signal: AbortSignal,
  came: () => void,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    came()
    let more = false
    try {
      more = await sweep(ctx)
    } catch (error) {
      onError(error)
    }
    if (!more) await ear.wait(sweepIdleMs, ctx.clock)
  }
}
