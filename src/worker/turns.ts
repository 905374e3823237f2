// Which loops of the worker go round, counted in seconds of this process, not of the clock.
import type { Clock } from '../clock.ts'
import type { LoopName } from '../context.ts'

const beatMs = 1_000
/** The longest wait of any loop is a second. */
const stuckBeats = 30

export interface Turns {
  turn(loop: LoopName): void
  /** Loops that have not come round for that long. */
  stuck(): LoopName[]
}

/**
 * A machine that is busy, a process that was stopped and a clock that was set hold up the beats as they hold up the
 * loops: only a loop that stands still while the process runs is stuck.
 */
export function startTurns(clock: Clock, loops: readonly LoopName[], signal: AbortSignal): Turns {
  let beats = 0
  const turns = new Map(loops.map((loop) => [loop, 0]))
  void (async () => {
    while (!signal.aborted) {
      await clock.sleep(beatMs, signal)
      beats += 1
    }
  })()
  return {
    turn: (loop) => void turns.set(loop, beats),
    stuck: () => loops.filter((loop) => beats - (turns.get(loop) ?? 0) >= stuckBeats),
  }
}
