// Keeps a bounded number of jobs under way: claims as many as there is room for, and more as they end.
import type { Clock } from '../clock.ts'
import type { Ear } from './bell.ts'

export interface PumpOptions<Job> {
  /** At most this many at once. */
  readonly inFlightMax: number
  /** How long to wait before looking again when nobody rang. */
  readonly idleMs: number
  readonly clock: Clock
  readonly ear: Ear
  /** The pump has come round; when it is full it does so without claiming. */
  onTurn(): void
  /** Takes up to `max` jobs; fewer means that there is nothing more to do now. */
  claim(max: number): Promise<Job[]>
  run(job: Job): Promise<void>
  onError(error: unknown): void
}

/** Runs until the signal (ring the bell with it); resolves when the last job has ended, whatever jobs throw. */
export async function pump<Job>(options: PumpOptions<Job>, signal: AbortSignal): Promise<void> {
  const { inFlightMax, idleMs, clock, ear, onTurn, claim, run, onError } = options
  const inFlight = new Set<Promise<void>>()
  const start = (job: Job): void => {
    const ending = (async () => await run(job))()
      .catch(onError)
      .finally(() => inFlight.delete(ending))
    inFlight.add(ending)
  }

  while (!signal.aborted) {
    onTurn()
    const room = inFlightMax - inFlight.size
    let claimed = 0
    try {
      const jobs = room > 0 ? await claim(room) : []
      claimed = jobs.length
      jobs.forEach(start)
    } catch (error) {
      onError(error)
    }
    if (signal.aborted) break
    const full = inFlight.size >= inFlightMax
    if (full) await oneOf(inFlight, idleMs, clock)
    else if (claimed < room) await ear.wait(idleMs, clock)
  }
  await Promise.all(inFlight)
}

/** Resolves when one has ended, or after `ms`, so that slow jobs do not look like a pump that hangs. */
async function oneOf(inFlight: ReadonlySet<Promise<void>>, ms: number, clock: Clock): Promise<void> {
  const ended = new AbortController()
  await Promise.race([...inFlight, clock.sleep(ms, ended.signal)])
  ended.abort()
}
