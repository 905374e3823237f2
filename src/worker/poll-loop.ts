// Runs a bounded number of jobs at once: claims as many as there is room for, and more as they end.
import type { Clock } from '../clock.ts'
import type { WakeupListener } from './wakeup.ts'

export interface PollLoopOptions<Job> {
  /** At most this many at once. */
  readonly inFlightMax: number
  /** How many more jobs may begin now, if that varies. Code that makes room wakes the loop. */
  room?(): number
  /** How long to wait before looking again without a wakeup; a function if that varies. */
  readonly idleMs: number | (() => number)
  readonly clock: Clock
  readonly wakeup: WakeupListener
  /** Called in each turn of the loop, even if it is full and claims nothing. */
  onTurn(): void
  /** Takes up to `max` jobs; fewer means that there is nothing more to do now. */
  claim(max: number): Promise<Job[]>
  run(job: Job): Promise<void>
  onError(error: unknown): void
}

/** Runs until the signal aborts (wake the loop as well); resolves when all jobs have ended or thrown. */
export async function runPollLoop<Job>(options: PollLoopOptions<Job>, signal: AbortSignal): Promise<void> {
  const { inFlightMax, room, idleMs, clock, wakeup, onTurn, claim, run, onError } = options
  const inFlight = new Set<Promise<void>>()
  let isFull = false
  const start = (job: Job): void => {
    const ending = (async () => await run(job))()
      .catch(onError)
      .finally(() => {
        inFlight.delete(ending)
        // A full loop is woken by its jobs, not waiting for them: slow jobs must not make it look stuck.
        if (isFull) wakeup.wake()
      })
    inFlight.add(ending)
  }

  while (!signal.aborted) {
    onTurn()
    const max = Math.min(inFlightMax - inFlight.size, room?.() ?? Infinity)
    let claimed = 0
    try {
      const jobs = max > 0 ? await claim(max) : []
      claimed = jobs.length
      jobs.forEach(start)
    } catch (error) {
      onError(error)
    }
    if (signal.aborted) break
    isFull = inFlight.size >= inFlightMax
    if (isFull || claimed < max || max <= 0) {
      await wakeup.wait(typeof idleMs === 'number' ? idleMs : idleMs(), clock)
    }
  }
  await Promise.all(inFlight)
}
