// Keeps one thing running: starts it, and anew after it failed, at growing pauses.
import type { Clock } from '../../clock.ts'

/** A disk that is full for a moment costs a second; what fails at each start costs a start in five minutes. */
const pauseFirstMs = 1_000
const pauseMaxMs = 5 * 60_000
/** What had begun when it failed is answered within this time; then its store is closed. */
const answerMs = 500

export interface Mortal {
  /** Resolves when it can no longer be used. */
  readonly failed: Promise<Error>
  hasFailed(): boolean
  stop(drained: Promise<void>): Promise<void>
}

export interface Failure {
  readonly atMs: number
  readonly error: unknown
}

/** `idle`: not needed yet. `failed`: it is started anew. */
export type LifeState = 'idle' | 'starting' | 'running' | 'failed'

export interface Life<Being extends Mortal> {
  running(): Being | null
  /** Starts it, if it was not. Throws if it cannot start, and at once in a pause after a failure. */
  start(): Promise<Being>
  /** Resolves when it runs, or is not about to. */
  settled(): Promise<void>
  report(): { readonly state: LifeState; readonly last: Failure | null }
  /** It answers until `drained`, and is not started again. */
  stop(drained: Promise<void>): Promise<void>
}

interface Birth<Being> {
  readonly clock: Clock
  launch(): Promise<Being>
  onFailure(failure: Failure, pauseMs: number): void
}

export function keepRunning<Being extends Mortal>({ clock, launch, onFailure }: Birth<Being>): Life<Being> {
  const stopping = new AbortController()
  const { signal } = stopping
  const stopped = aborted(signal)
  let being: Being | null = null
  let attempt: Promise<Being> | null = null
  let living: Promise<void> | null = null
  let last: Failure | null = null
  let isDown = false

  /** Returns why it ended; null: it is to stop. */
  async function live(): Promise<unknown> {
    try {
      attempt = launch()
      being = await attempt
      attempt = null
      isDown = false
      const error = await Promise.race([being.failed, stopped])
      if (error === null) return null
      const ending = being
      being = null
      isDown = true
      await ending.stop(clock.sleep(answerMs, signal))
      return error
    } catch (error) {
      attempt = null
      return error
    }
  }

  async function liveOn(): Promise<void> {
    for (let pauseMs = pauseFirstMs; ; pauseMs = Math.min(2 * pauseMs, pauseMaxMs)) {
      const startedAt = clock.monotonic()
      const error = await live()
      if (error === null) return
      if (clock.monotonic() - startedAt >= pauseMaxMs) pauseMs = pauseFirstMs
      isDown = true
      last = { atMs: clock.now(), error }
      onFailure(last, pauseMs)
      await clock.sleep(pauseMs, signal)
      if (signal.aborted) return
    }
  }

  const running = () => (being?.hasFailed() === false ? being : null)
  return {
    running,
    async start() {
      const found = running()
      if (found) return found
      if (signal.aborted) throw new Error('the gateway stops')
      living ??= liveOn()
      if (attempt) return await attempt
      throw new Error('it failed, and is started anew soon', { cause: last?.error })
    },
    async settled() {
      await attempt?.catch(() => undefined)
    },
    report() {
      const isFailed = isDown || being?.hasFailed() === true
      if (isFailed) return { state: 'failed', last }
      return { state: being ? 'running' : living ? 'starting' : 'idle', last }
    },
    async stop(drained) {
      stopping.abort()
      await living
      await being?.stop(drained)
    },
  }
}

const aborted = async (signal: AbortSignal): Promise<null> =>
  await new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
