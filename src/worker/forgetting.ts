// The loop that deletes expired rows, in a bounded share of the time: there may be years of rows.
import type { Clock } from '../clock.ts'
import type { Forgetting } from '../tasks/rescue/cleanup.ts'
import type { WakeupListener } from './wakeup.ts'
import { createShare, forgetShare } from './share.ts'

const idleMs = 1_000

interface Loop extends Forgetting {
  readonly clock: Clock
  readonly wakeup: WakeupListener
  onTurn(): void
  onError(error: unknown): void
}

/** Runs until the signal is aborted (wake the loop as well), for no more than its share of the time. */
export async function keepCleaning(
  { turn, clock, wakeup, onTurn, onError }: Loop,
  signal: AbortSignal,
): Promise<void> {
  const share = createShare(clock, forgetShare)
  while (!signal.aborted) {
    onTurn()
    let more = false
    try {
      more = await share.spend(turn)
    } catch (error) {
      onError(error)
    }
    if (signal.aborted) break
    // A turn that found nothing may not have yielded to other work.
    await new Promise((resolve) => setImmediate(resolve))
    await wakeup.wait(more ? share.restMs() : idleMs, clock)
  }
}
